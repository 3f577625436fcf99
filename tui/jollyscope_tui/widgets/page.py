"""A document's lines as rows of a width, made a few milliseconds' worth at a time. No Textual."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import NamedTuple

from jollyscope_tui.widgets.cells import Paint
from jollyscope_tui.widgets.document import Document, Folds, Line
from jollyscope_tui.widgets.wrapping import flow

__all__ = ["Page", "Row", "marked"]


class Row(NamedTuple):
    """What is drawn in one line of the terminal, the line it is of, and that line's number."""

    paint: Paint
    line: Line
    number: int

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(text for text, _ in self.paint)


class Page:
    """The rows of a document at a state of its folds, as far as they are made."""

    def __init__(self, document: Document, folds: Folds, width: int) -> None:
        self.width = width
        self.rows: list[Row] = []
        self.done = False
        self._looked = 0
        self._making = _rows(document.lines(folds), width)

    def make(self, seconds: float, enough: int | None = None) -> bool:
        """Make more rows for about so long, or until there are `enough`; whether all are made."""
        until = perf_counter() + seconds
        while not self.done and (enough is None or len(self.rows) < enough):
            row = next(self._making, None)
            if row is None:
                self.done = True
                break
            self.rows.append(row)
            if perf_counter() > until:
                break
        return self.done

    def fold_row(self, key: str) -> int | None:
        """The row of the fold with this key, if it is made."""
        for at in range(self._looked, len(self.rows)):
            if self.rows[at].line.fold == key:
                return at
        self._looked = len(self.rows)
        return None

    def find(self, needle: str, after: int, step: int) -> int | None:
        """The next row (`step` 1) or the previous one (-1) that has the text, letter case aside; round
        the ends.
        """
        number = len(self.rows)
        for away in range(1, number + 1):
            at = (after + step * away) % number
            if needle in self.rows[at].text.casefold():
                return at
        return None


def _rows(lines: Iterator[Line], width: int) -> Iterator[Row]:
    for number, line in enumerate(lines):
        for paint in flow(line.paint, width, line.indent):
            yield Row(paint, line, number)


def marked(paint: Paint, needle: str) -> Paint:
    """The row with every place that matches the search set off."""
    text = "".join(part for part, _ in paint)
    folded = text.casefold()
    if not needle or len(folded) != len(text) or needle not in folded:
        return paint
    hits: list[bool] = [False] * len(text)
    at = folded.find(needle)
    while at >= 0:
        hits[at : at + len(needle)] = [True] * len(needle)
        at = folded.find(needle, at + len(needle))
    shown: Paint = []
    at = 0
    for part, style in paint:
        for char in part:
            wanted = "match" if hits[at] else style
            at += 1
            if shown and shown[-1][1] == wanted:
                shown[-1] = (shown[-1][0] + char, wanted)
            else:
                shown.append((char, wanted))
    return shown
