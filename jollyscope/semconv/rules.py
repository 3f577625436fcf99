"""How an attribute's value is read: small named rules, which the tables name and the docs list.

A rule takes a value in wire form and returns what the record's field gets, or None where the value
does not fit: then the next attribute in the table's order is asked. No rule raises.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import msgspec

__all__ = [
    "RULES",
    "TOOL_MESSAGE",
    "Rule",
    "as_text",
    "decoded",
    "of_tool_message",
    "one_of",
    "within",
]

_MOST = 2**63 - 1
_DECIMAL = re.compile(r"[0-9]{1,19}(?:\.0+)?", re.ASCII)
_PLACEHOLDERS = frozenset({"", "N/A", "<not specified>", "<not serializable>"})
_NOTHING = _PLACEHOLDERS | {"{}", "[]", "null"}
_FRAMEWORKS = frozenset({"gcp.vertex.agent", "strands-agents", "pydantic-ai", "langchain"})
_NO_ERROR = frozenset({"", "_OTHER"})


class Rule(NamedTuple):
    """A way to read a value."""

    name: str
    says: str
    """For the docs: what is taken, in one phrase."""
    read: Callable[[Any], Any]
    costly: bool = False
    """Parses JSON, so it is asked only when no attribute before it has answered."""


def decoded(value: Any) -> Any:
    """A JSON text as the values it holds; anything else, and text that is no JSON, as it came."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "[", '"'):
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, ValueError, RecursionError):
            return value
    return value


def as_text(value: Any) -> str | None:
    """Any value as text: a string as it is, the rest as JSON; None for null, and for what is nested
    beyond what can be written."""
    if value is None or isinstance(value, str):
        return value
    try:
        return msgspec.json.encode(value).decode()
    except RecursionError:
        return None
    except (msgspec.MsgspecError, ValueError, TypeError):
        return str(value)


def one_of(meanings: dict[str, str]) -> Callable[[Any], str | None]:
    """Reads one of the known words, in any case, also where more words follow; `*` is any text."""
    rest = meanings.get("*")
    seen: dict[str, str | None] = {}  # as they are written: mostly the same few words

    def read(value: Any) -> str | None:
        if not isinstance(value, str) or not value:
            return None
        if value in seen:
            return seen[value]
        word = value.lower()
        found = meanings.get(word) or meanings.get(word.partition(" ")[0], rest)
        if len(seen) < 1024 and len(value) < 256:
            seen[value] = found
        return found

    return read


def within(rule: Rule, *keys: str) -> Rule:
    """Reads the first of `keys` that fits `rule` from a JSON object (or its text)."""

    def read(value: Any) -> Any:
        held = decoded(value)
        if not isinstance(held, dict):
            return None
        found = (rule.read(cast(dict[str, Any], held).get(key)) for key in keys)
        return next((fitting for fitting in found if fitting is not None), None)

    names = " or ".join(f"`{key}`" for key in keys)
    return Rule(f"{rule.name} in JSON", f"{names} of a JSON object, as {rule.name}", read, True)


def of_tool_message(rule: Rule, key: str) -> Rule:
    """Reads `key` of a tool's message as LangChain writes it: a span that gave one is its call."""

    def read(value: Any) -> Any:
        held = decoded(value)
        if not isinstance(held, dict):
            return None
        message = cast(dict[str, Any], held)
        told = message.get("type") == "tool" and "tool_call_id" in message
        return rule.read(message.get(key)) if told else None

    says = f"`{key}` of a LangChain tool message in JSON, as {rule.name}"
    return Rule(f"{rule.name} of a tool message", says, read, True)


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    # Some programs number their sessions and users.
    return str(value) if type(value) is int else None


def _text_but(words: frozenset[str]) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        text = _text(value)
        return None if text in words else text

    return read


def _count(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    elif isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = int(value.partition(".")[0])
    return value if type(value) is int and 0 <= value <= _MOST else None


def _dollars(value: Any) -> float | None:
    # Not finite values arrive tagged (`{"@double": "NaN"}`), so they are no numbers here.
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _body_but(words: frozenset[str]) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        text = as_text(value)
        return None if text is None or text.strip() in words else text

    return read


_ALL = (
    Rule("text", "a text, or a whole number as text; not an empty one", _text),
    Rule("id", "text, but no placeholder such as `N/A`", _text_but(_PLACEHOLDERS)),
    Rule(
        "provider",
        "text, but no framework's name such as `gcp.vertex.agent`",
        _text_but(_FRAMEWORKS),
    ),
    Rule("error", "text, but not `_OTHER`", _text_but(_NO_ERROR)),
    Rule("count", "a whole number from 0 on, also as decimal text (`28`)", _count),
    Rule("dollars", "a number from 0 on, also as decimal text (`0.00008355`)", _dollars),
    Rule(
        "body",
        "a text as it came, structured values as JSON; not an empty text",
        _body_but(frozenset({""})),
    ),
    Rule("result", "a text as it came, also an empty one; structured values as JSON", as_text),
    Rule("given", "body, but no placeholder such as `N/A`", _body_but(_PLACEHOLDERS)),
    Rule("filled", "given, but not `{}`, `[]` or `null`", _body_but(_NOTHING)),
)
RULES: dict[str, Rule] = {rule.name: rule for rule in _ALL}
"""The plain rules by name."""


def _tool(value: Any) -> str:
    return "tool"


TOOL_MESSAGE = of_tool_message(Rule("tool", "`tool`", _tool), "type")
"""Reads the kind `tool` out of such a message."""
