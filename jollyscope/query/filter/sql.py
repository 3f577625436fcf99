"""Pieces of SQL with the values that they bind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

__all__ = ["FALSE", "TRUE", "Sql", "all_of", "any_of", "known"]


class Sql(NamedTuple):
    """A piece of SQL with `?` for each value, and the values in their order.

    Its text is made of what stands in the code alone; whatever a person wrote is a value.
    """

    text: str
    values: tuple[Any, ...] = ()

    def __add__(self, other: object) -> Sql:  # pyright: ignore[reportIncompatibleMethodOverride]
        """One behind the other; a `str` is SQL without values."""
        if isinstance(other, str):
            return Sql(self.text + other, self.values)
        assert isinstance(other, Sql)
        return Sql(self.text + other.text, self.values + other.values)

    def __radd__(self, other: str) -> Sql:
        return Sql(other + self.text, self.values)


TRUE, FALSE = Sql("true"), Sql("false")


def _joined(parts: list[Sql], word: str) -> Sql:
    if len(parts) == 1:
        return parts[0]
    text = f" {word} ".join(part.text for part in parts)
    return Sql(f"({text})", tuple(value for part in parts for value in part.values))


def all_of(parts: Iterable[Sql]) -> Sql:
    """Every one of them; of none, true."""
    found = list(parts)
    if FALSE in found:
        return FALSE
    found = [part for part in found if part != TRUE]
    return _joined(found, "AND") if found else TRUE


def any_of(parts: Iterable[Sql]) -> Sql:
    """At least one of them; of none, false."""
    found = list(parts)
    if TRUE in found:
        return TRUE
    found = [part for part in found if part != FALSE]
    return _joined(found, "OR") if found else FALSE


def known(expression: Sql) -> Sql:
    """Whether an expression has a value."""
    return "(" + expression + " IS NOT NULL)"
