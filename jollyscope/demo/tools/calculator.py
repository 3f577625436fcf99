"""Arithmetic without `eval`: the expression is parsed and only numbers and operators pass."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from jollyscope.demo.tools.base import ToolError

__all__ = ["calculator", "evaluate"]

MAX_CHARACTERS = 1000
MAX_BITS = 8192
"""Bound on a whole number's size, so that no expression takes long or fills memory."""

BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
    ast.Pow: lambda a, b: a**b,
}
UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: lambda a: +a,
    ast.USub: lambda a: -a,
}


async def calculator(expression: str) -> str:
    """The value of an arithmetic expression, with at most 12 digits after rounding."""
    value = evaluate(expression)
    return str(value) if isinstance(value, int) else f"{value:.12g}"


def evaluate(expression: str) -> int | float:
    """The value, exactly as Python computes it. Raises `ToolError`."""
    if len(expression) > MAX_CHARACTERS:
        raise ToolError(f"The expression is longer than {MAX_CHARACTERS} characters.")
    try:
        return _value(ast.parse(expression.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ToolError(f"This is no arithmetic: {expression}") from None
    except ZeroDivisionError:
        raise ToolError(f"Division by zero in {expression}") from None
    except OverflowError:
        raise ToolError("The result is too large.") from None


def _value(node: ast.expr) -> int | float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.UnaryOp(op=op, operand=operand) if type(op) in UNARY:
            return UNARY[type(op)](_value(operand))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in BINARY:
            return _apply(op, _value(left), _value(right))
        case _:
            raise ToolError(f"Only numbers and + - * / // % ** are allowed: {ast.unparse(node)}")


def _apply(op: ast.operator, left: int | float, right: int | float) -> int | float:
    if isinstance(op, ast.Pow) and isinstance(left, int) and right * left.bit_length() > MAX_BITS:
        raise ToolError("The result is too large.")
    result = BINARY[type(op)](left, right)
    if isinstance(result, int) and result.bit_length() > MAX_BITS:
        raise ToolError("The result is too large.")
    if isinstance(result, complex):
        raise ToolError("The result is not a real number.")
    return result
