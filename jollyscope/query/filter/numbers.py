"""Numbers with units, and comparing with them: exact, so that every engine finds the same.

A number is a fraction. Whole numbers are compared with it exactly; a double is compared with the
double nearest to it, which is what the same digits mean wherever they are read.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Literal, cast

import msgspec

__all__ = ["EXAMPLES", "Comparison", "NumberTest", "Op", "comparison_op", "parse_number"]

Op = Literal["=", ">", ">=", "<", "<="]

MAX_DIGITS = 40
"""Characters of a number; more would be work for nothing."""

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
_COUNTS = {"": 0, "k": 3, "K": 3, "M": 6, "G": 9, "T": 12}
_DURATIONS = {
    "ns": Fraction(1, 10**6), "us": Fraction(1, 1000), "µs": Fraction(1, 1000),
    "μs": Fraction(1, 1000), "ms": Fraction(1), "s": Fraction(1000), "m": Fraction(60_000),
    "min": Fraction(60_000), "h": Fraction(3_600_000), "d": Fraction(86_400_000),
    "w": Fraction(604_800_000),
}  # fmt: skip
_BYTES = {
    "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40,
}  # fmt: skip

_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|min|s|m|h|d|w)", re.ASCII)

EXAMPLES = {
    "count": "1500, 1.5k or 2M",
    "duration": "150ms, 2s, 1m30s or 2h",
    "money": "0.05 or $0.05",
    "percent": "80 or 80%",
    "bytes": "500MB or 1.5GiB",
}
"""How a number of each unit is written."""


def parse_number(text: str, unit: str) -> Fraction | None:
    """The number that `text` says, in the unit that the store keeps: ms, US dollars, 10⁶ bytes.

    None where it says none. `unit` is a field's kind; attributes and calls are counts.
    """
    if len(text) > MAX_DIGITS:
        return None
    if unit == "duration":
        return _duration(text)
    if unit == "bytes":
        found = re.fullmatch(rf"({_NUMBER})([kmgtKMGT]?[iI]?[bB])", text, re.ASCII)
        size = _BYTES.get(found[2].lower()) if found else None
        return Fraction(found[1]) * size / 10**6 if found and size else _bare_zero(text)
    if unit == "percent":
        text = text.removesuffix("%")
    if unit == "money":
        text = re.sub(r"^([+-]?)\$", r"\1", text)
    found = re.fullmatch(rf"({_NUMBER})([kKMGT]?)", text, re.ASCII)
    return Fraction(found[1]) * 10 ** _COUNTS[found[2]] if found else None


def _duration(text: str) -> Fraction | None:
    parts = _DURATION_PART.findall(text)
    if not parts or "".join(f"{n}{u}" for n, u in parts) != text:
        return _bare_zero(text)
    return sum((Fraction(n) * _DURATIONS[u] for n, u in parts), Fraction(0))


def _bare_zero(text: str) -> Fraction | None:
    """Nothing is nothing in every unit."""
    return Fraction(0) if re.fullmatch(r"0+(\.0*)?", text, re.ASCII) else None


class Comparison(msgspec.Struct, frozen=True):
    """One bound: what is compared stands left of `op`."""

    op: Op
    number: Fraction

    def integer(self, value: int) -> bool:
        """Whether a whole number keeps to it."""
        return _HOLDS[self.op](value, self.number)

    def double(self, value: float) -> bool:
        """Whether a double does; NaN keeps to nothing."""
        return _HOLDS[self.op](value, self.nearest)

    @property
    def nearest(self) -> float:
        """The double nearest to the number, infinite beyond their range."""
        try:
            return float(self.number)
        except OverflowError:
            return math.inf if self.number > 0 else -math.inf

    def whole(self) -> tuple[Op, int] | bool:
        """The same bound for whole numbers, in whole numbers; or whether all keep to it or none."""
        if self.number.denominator == 1:
            return self.op, int(self.number)
        if self.op == "=":
            return False
        # Between 2 and 3 lies no whole number: above 2.5 is above 2, and below it is at most 2.
        down: dict[Op, Op] = {">": ">", ">=": ">", "<": "<=", "<=": "<="}
        return down[self.op], math.floor(self.number)


_HOLDS: dict[Op, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class NumberTest(msgspec.Struct, frozen=True):
    """Any of these, each a bound or the two of a range."""

    alternatives: tuple[tuple[Comparison, ...], ...]

    def __bool__(self) -> bool:
        return bool(self.alternatives)

    def integer(self, value: int) -> bool:
        """Whether a whole number fits."""
        return any(all(c.integer(value) for c in both) for both in self.alternatives)

    def double(self, value: float) -> bool:
        """Whether a double fits."""
        return any(all(c.double(value) for c in both) for both in self.alternatives)


def comparison_op(text: str) -> Op:
    """`:` compares numbers as `=` does."""
    return cast("Op", "=" if text == ":" else text)
