"""A filter as a tree. Nodes keep what was written, so that a tree can be written again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from jollyscope.query.filter.numbers import NumberTest
from jollyscope.query.filter.patterns import Pattern
from jollyscope.query.filter.table import Field, find

__all__ = [
    "And", "FieldName", "Has", "Match", "Node", "Not", "Or", "Place", "Term", "Text", "terms",
]  # fmt: skip

Operator = Literal[":", "=", ">", ">=", "<", "<="]


class Place(msgspec.Struct, frozen=True):
    """Where something stands in the filter; any two are alike, so that trees compare by meaning."""

    at: int = 0
    length: int = 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place)

    def __hash__(self) -> int:
        return 0


class FieldName(msgspec.Struct, frozen=True):
    """A field as a filter names it; `key` is what follows `attr.`, or the tool after `calls.`."""

    name: str
    key: Pattern | None = None

    @property
    def field(self) -> Field:
        """Its row of the table."""
        found = find(self.name)
        assert found is not None
        return found

    def __str__(self) -> str:
        return f"{self.name}.{self.key.raw}" if self.key else self.name


class Text(msgspec.Struct, frozen=True, tag=True):
    """Free text, searched in names, inputs, outputs and errors."""

    pattern: Pattern
    place: Place = Place()

    def __str__(self) -> str:
        return self.pattern.raw


class Match(msgspec.Struct, frozen=True, tag=True):
    """A field and what it is held against: any of `values`.

    `numbers` has the meaning of numeric values (of an attribute's: those that are numbers).
    """

    of: FieldName
    op: Operator
    values: tuple[Pattern, ...]
    numbers: NumberTest = NumberTest(())
    place: Place = Place()

    def __str__(self) -> str:
        return f"{self.of}{self.op}{','.join(value.raw for value in self.values)}"


class Has(msgspec.Struct, frozen=True, tag=True):
    """Whether any of these is there."""

    of: tuple[FieldName, ...]
    place: Place = Place()

    def __str__(self) -> str:
        return f"has:{','.join(map(str, self.of))}"


Term = Text | Match | Has


class Not(msgspec.Struct, frozen=True, tag=True):
    """Everything that `part` does not match."""

    part: Node

    def __str__(self) -> str:
        return f"-{_grouped(self.part, And, Or)}"


class And(msgspec.Struct, frozen=True, tag=True):
    """All of two or more."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(_grouped(part, And, Or) for part in self.parts)


class Or(msgspec.Struct, frozen=True, tag=True):
    """Any of two or more."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(_grouped(part, Or) for part in self.parts)


Node = Text | Match | Has | Not | And | Or


def _grouped(part: Node, *kinds: type[Node]) -> str:
    return f"({part})" if isinstance(part, kinds) else str(part)


def terms(node: Node | None) -> Iterator[Term]:
    """Every term of a tree, from left to right."""
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from terms(part)
    elif isinstance(node, Not):
        yield from terms(node.part)
    elif node is not None:
        yield node
