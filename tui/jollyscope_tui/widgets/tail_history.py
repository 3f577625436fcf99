"""The last records of a tail, so many and no more, and which of them a filter leaves. No Textual."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from operator import attrgetter
from typing import NamedTuple

from jollyscope_tui.widgets.tail_rows import TailRow

__all__ = ["KEPT", "KEPT_BYTES", "Change", "TailHistory"]

KEPT = 20_000
KEPT_BYTES = 64 << 20
"""Of lines; with their rows about twice that in memory."""
_SLACK = 512
"""Rows that go at once: taking away the first of a list moves all others."""

_number = attrgetter("number")


class Change(NamedTuple):
    """What adding records did to the rows on show: how many went at the top and came at the bottom, and
    whether others say something else now.
    """

    gone: int
    came: int
    changed: bool


class TailHistory:
    """Rows in the order in which they were heard; each step has one."""

    def __init__(self, kept: int = KEPT, kept_bytes: int = KEPT_BYTES) -> None:
        self.kept = kept
        self._kept_bytes = kept_bytes
        self.shown: list[TailRow] = []
        self.rows: list[TailRow] = []
        self.heard = 0
        self.dropped = 0
        """Rows that are no longer kept."""
        self.running = 0
        """Steps that go on, of those kept."""
        self._bytes = 0
        self._known: dict[tuple[str, str], TailRow] = {}

    def add(self, rows: Iterable[TailRow]) -> Change:
        """Take these in; `shown` of each says whether the filter leaves it."""
        came, changed = 0, False
        for row in rows:
            self.heard += 1
            known = self._known.get(row.key)
            if known is None:
                self._append(row)
                came += row.shown
            elif known.running and not row.running:
                came += self._end(known, row)
                changed = changed or known.shown
        return Change(self._trim(), came, changed)

    def _end(self, known: TailRow, row: TailRow) -> bool:
        """A step is over. Its row says so; or it gets another where the filter left it out while it ran
        and does not now: whether it did.
        """
        if row.shown and not known.shown:
            del self.rows[bisect_left(self.rows, known.number, key=_number)]
            self._let_go(known)
            self._append(row)
            return True
        self._bytes += len(row.line) - len(known.line)
        known.take(row)
        self.running -= 1
        return False

    def _append(self, row: TailRow) -> None:
        row.number = self.heard
        self.rows.append(row)
        if row.shown:
            self.shown.append(row)
        self._known[row.key] = row
        self.running += row.running
        self._bytes += len(row.line)

    def _let_go(self, row: TailRow) -> None:
        self._bytes -= len(row.line)
        self.running -= row.running
        del self._known[row.key]

    def _trim(self) -> int:
        """Let go of the oldest; how many of those on show went."""
        many = len(self.rows) - self.kept
        if many < _SLACK and self._bytes <= self._kept_bytes:
            return 0
        many = max(many, 0)
        for row in self.rows[:many]:
            self._let_go(row)
        while self._bytes > self._kept_bytes and many < len(self.rows) - 1:
            self._let_go(self.rows[many])
            many += 1
        if not many:
            return 0
        first = self.rows[many].number if many < len(self.rows) else self.heard + 1
        del self.rows[:many]
        self.dropped += many
        gone = bisect_left(self.shown, first, key=_number)
        del self.shown[:gone]
        return gone

    def place(self, row: TailRow) -> int:
        """Where a row is on show, or the next one after it; behind the last where there is none."""
        return bisect_left(self.shown, row.number, key=_number)

    def choose(self) -> None:
        """The rows' `shown` says otherwise now."""
        self.shown = [row for row in self.rows if row.shown]
