"""The lines of a list: its rows and, below an unfolded session, the traces in it. No Textual."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from jollyscope.query.listing import SessionRow, TraceRow
from jollyscope_tui.sources.lists import Key, Order, Row, identity, key_of
from jollyscope_tui.widgets.sheet import Sheet

__all__ = ["Folds", "Inside", "Line"]


class Inside(NamedTuple):
    """The traces of a session that are loaded, and whether there are more."""

    traces: list[TraceRow]
    more: bool = False

    def after(self, order: Order) -> Key | None:
        """Where to go on."""
        return key_of(self.traces[-1], order) if self.traces else None


class Line(NamedTuple):
    """One line. `row` is None where it is not loaded yet, or says that a session has more."""

    place: int
    row: Row | None
    inner: bool = False
    more: bool = False


class Folds:
    """Finds what a line of the screen is, while some sessions of `sheet` are unfolded."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.open: dict[str, Inside] = {}
        self._places: list[int] = []
        self._heads: list[int] = []
        self._inner: list[Inside] = []
        self._total = sheet.total

    @property
    def total(self) -> int:
        """How many lines there are."""
        return self._total

    def settle(self) -> None:
        """The sheet or what is open changed: count again."""
        found = sorted(
            (place, self.open[name])
            for name in self.open
            if (place := self.sheet.find(name)) is not None
        )
        self._places = [place for place, _ in found]
        self._inner = [inside for _, inside in found]
        self._heads, extra = [], 0
        for place, inside in found:
            self._heads.append(place + extra)
            extra += _lines(inside)
        self._total = self.sheet.total + extra

    def at(self, line: int) -> Line:
        """What stands there."""
        nth = bisect_right(self._heads, line) - 1
        if nth < 0:
            return Line(line, self.sheet.get(line))
        place, inside = self._places[nth], self._inner[nth]
        within = line - self._heads[nth] - 1
        if within < 0:
            return Line(place, self.sheet.get(place))
        if within < len(inside.traces):
            return Line(place, inside.traces[within], inner=True)
        if within < _lines(inside):
            return Line(place, None, inner=True, more=True)
        place += 1 + within - _lines(inside)
        return Line(place, self.sheet.get(place))

    def line_of(self, place: int) -> int:
        """Where a row of the sheet stands."""
        nth = bisect_right(self._places, place - 1) - 1
        if nth < 0:
            return place
        return self._heads[nth] + _lines(self._inner[nth]) + place - self._places[nth]

    def find(self, row: Row) -> int | None:
        """Where a row stands, if it is there."""
        if isinstance(row, SessionRow) or not self.open:
            place = self.sheet.find(identity(row))
            return self.line_of(place) if place is not None else None
        for nth, inside in enumerate(self._inner):
            for within, trace in enumerate(inside.traces):
                if trace.trace_id == row.trace_id:
                    return self._heads[nth] + 1 + within
        return None


def _lines(inside: Inside) -> int:
    return len(inside.traces) + inside.more
