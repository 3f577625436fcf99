"""Rows of a long list by their place in it, of which only some are held. No Textual.

A million rows stand for themselves by their number; those near the screen are read a page at a time
and those far from it forgotten, so that memory depends on neither the list nor how far one scrolls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from jollyscope_tui.sources.lists import Order, Part, Row, identity, key_of

__all__ = ["KEPT", "PAGE", "Gap", "Sheet"]

PAGE = 200
"""Rows asked for at a time."""
KEPT = 6_000
"""Rows held at most: about 10 MB."""


class Gap(NamedTuple):
    """Rows to ask for: those from `start` on."""

    start: int
    part: Part


class Sheet:
    """`total` rows, if `exact`; else so many are known and more lie behind."""

    def __init__(self, rows: Sequence[Row] = (), total: int | None = None) -> None:
        self.exact = total is not None
        self.total = len(rows) if total is None else max(total, len(rows))
        self._rows: dict[int, Row] = dict(enumerate(rows))
        self._places = {identity(row): place for place, row in enumerate(rows)}

    def get(self, place: int) -> Row | None:
        """The row at a place, if it is held."""
        return self._rows.get(place)

    def find(self, identity: str) -> int | None:
        """The place of a row that is held."""
        return self._places.get(identity)

    def held(self) -> Iterable[Row]:
        """All rows that are held."""
        return self._rows.values()

    def put(self, start: int, rows: Sequence[Row]) -> None:
        """Hold these from `start` on. Places that are counted wrong are forgotten in favour of them."""
        for place, row in enumerate(rows, start):
            self._forget(place)
            before = self._places.get(identity(row))
            if before is not None:
                self._forget(before)
            self._rows[place] = row
            self._places[identity(row)] = place
        if not self.exact or start + len(rows) > self.total:
            self.total = max(self.total, start + len(rows))
        self._trim(start + len(rows) // 2)

    def end(self, total: int) -> None:
        """There are exactly so many."""
        for place in [place for place in self._rows if place >= total]:
            self._forget(place)
        self.total, self.exact = total, True

    def first_held(self, place: int, most: int) -> int:
        """The beginning of the run of held rows that `place` is in, `most` before it at most."""
        while most > 0 and place - 1 in self._rows:
            place, most = place - 1, most - 1
        return place

    def run(self, most: int) -> int:
        """How many of the first rows are held without a gap, `most` at most."""
        return next((place for place in range(most) if place not in self._rows), most)

    def gap(self, top: int, bottom: int, order: Order) -> Gap | None:
        """What to ask for so that the places in `[top, bottom)` are held; None where they are."""
        top, last = max(0, top), min(bottom, self.total) if self.exact else bottom
        start = next((p for p in range(top, last) if p not in self._rows), None)
        if start is None:
            return None
        before = self._rows.get(start - 1)
        if before is not None:
            return Gap(start, Part(PAGE, key_of(before, order)))
        if not self.exact:
            return None
        behind = next((p for p in range(start, last) if p in self._rows), None)
        if behind is not None:
            first = max(0, behind - PAGE)
            after = key_of(self._rows[behind], order)
            return Gap(first, Part(behind - first, after, backwards=True))
        return self._far(start, last)

    def _far(self, start: int, last: int) -> Gap:
        """Rows that nothing held is next to: counted from the nearer end."""
        start = max(0, min(start, (start + last) // 2 - PAGE // 2, self.total - PAGE))
        stop = min(self.total, start + PAGE)
        if start < self.total - stop:
            return Gap(start, Part(stop - start, offset=start))
        return Gap(start, Part(stop - start, offset=self.total - stop, backwards=True))

    def _forget(self, place: int) -> None:
        row = self._rows.pop(place, None)
        if row is not None:
            self._places.pop(identity(row), None)

    def _trim(self, around: int) -> None:
        if len(self._rows) > KEPT:
            far = sorted(self._rows, key=lambda place: abs(place - around))
            for place in far[KEPT * 3 // 4 :]:
                self._forget(place)
