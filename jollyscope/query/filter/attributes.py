"""What an attribute's value is held against: by the type that it has, not by how it is spelled."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from jollyscope.query.filter.nodes import Match
from jollyscope.query.filter.numbers import NumberTest
from jollyscope.query.filter.patterns import Pattern

__all__ = ["PRESENT", "AttributeTest", "attribute_test"]

_TRUTH = {"true": True, "false": False}
_SPECIAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}
"""Doubles that JSON cannot say; on the wire `{"@double": "NaN"}` (`model/records.py`)."""


class AttributeTest(msgspec.Struct, frozen=True):
    """A value fits where it is

    - text, and `texts` has a pattern for it,
    - a whole number whose digits fit one of `digits`,
    - a number, and `numbers` holds, or it is one of `specials` (names of doubles),
    - true or false, and in `truths`,
    - an array, and one of its elements fits,
    - anything but null, if `present`.
    """

    texts: tuple[Pattern, ...] = ()
    digits: tuple[Pattern, ...] = ()
    numbers: NumberTest = NumberTest(())
    specials: tuple[str, ...] = ()
    truths: tuple[bool, ...] = ()
    present: bool = False

    def holds(self, value: Any) -> bool:
        """Whether a value of a record fits."""
        if self.present:
            return value is not None
        if isinstance(value, list):
            return any(self._scalar(element) for element in cast("list[Any]", value))
        return self._scalar(value)

    def _scalar(self, value: Any) -> bool:
        if isinstance(value, str):
            return any(pattern.matches(value) for pattern in self.texts)
        if isinstance(value, bool):
            return value in self.truths
        if isinstance(value, int):
            return self.numbers.integer(value) or any(
                pattern.matches(str(value)) for pattern in self.digits
            )
        if isinstance(value, float):
            return self.numbers.double(value)
        if isinstance(value, dict):
            name = cast("dict[str, Any]", value).get("@double")
            return isinstance(name, str) and name in self.specials
        return False


PRESENT = AttributeTest(present=True)


def attribute_test(term: Match) -> AttributeTest:
    """What a term on an attribute asks of its value."""
    if term.op not in (":", "="):
        return AttributeTest(numbers=term.numbers, specials=_beyond(term.numbers))
    if any(value.present and not value.quoted for value in term.values):
        return PRESENT
    bare = [value for value in term.values if not value.quoted]
    named = {value.text for value in bare} & _SPECIAL.keys()
    return AttributeTest(
        texts=term.values,
        digits=tuple(value for value in bare if value.wild),
        numbers=term.numbers,
        specials=tuple(sorted(named | set(_beyond(term.numbers)))),
        truths=tuple(_TRUTH[v.text.lower()] for v in bare if v.text.lower() in _TRUTH),
    )


def _beyond(numbers: NumberTest) -> tuple[str, ...]:
    """Which of the infinities a test on numbers lets in."""
    return tuple(name for name, value in _SPECIAL.items() if numbers.double(value))
