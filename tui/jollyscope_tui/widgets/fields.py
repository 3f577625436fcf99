"""Lines of names and values, each of which may be a term of a filter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from jollyscope_tui.widgets.cells import Paint, clean
from jollyscope_tui.widgets.document import Document, Folds, Line

__all__ = ["Field", "as_text", "field_lines", "fields_document"]

NAME_CELLS = 11


class Field(NamedTuple):
    """A name and its value as painted; without a value it is left out. `term` filters by it, `value` is
    what copying the line gives (None: the text).
    """

    name: str
    paint: Paint
    term: str = ""
    value: Any = None

    @property
    def text(self) -> str:
        """The value as text."""
        return "".join(text for text, _ in self.paint)


def field_lines(fields: Iterable[Field]) -> Iterator[Line]:
    """A line a field."""
    for field in fields:
        if field.text and field.text != "-":
            paint = [(clean(text), style) for text, style in field.paint]
            value = field.text if field.value is None else field.value
            yield Line(
                [(f"{field.name:<{NAME_CELLS}}", "key"), *paint], "", field.term, value, NAME_CELLS
            )


def as_text(lines: Iterable[Line]) -> str:
    """Lines as text."""
    return "\n".join(line.text.rstrip() for line in lines)


def fields_document(fields: list[Field]) -> Document:
    """Fields as a tab."""

    def lines(_folds: Folds) -> Iterator[Line]:
        return field_lines(fields)

    return Document(lines, lambda: as_text(field_lines(fields)))
