"""Between the thread that hears and the screen that shows: records made into rows. No Textual."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from jollyscope.model.records import Record, SpanRecord
from jollyscope.model.wire import InvalidRecordError, decode
from jollyscope.query.filter import Query
from jollyscope.transport.following.api import Heard, Standing
from jollyscope_tui.giving_way import giving_way
from jollyscope_tui.widgets.tail_history import KEPT
from jollyscope_tui.widgets.tail_rows import TailRow, row_of

__all__ = ["Batch", "Fits", "TailInbox", "refit", "test_of"]

Fits = Callable[[Record], bool]


def test_of(query: Query, now: int) -> Fits:
    """Whether a filter leaves a record: filters are about spans, so any leaves out what is none. `now`
    in Unix ns. Raises `FilterError` where a single span cannot tell.
    """
    fits = query.predicate(now)
    return lambda record: fits(record) if isinstance(record, SpanRecord) else not query


def refit(rows: Iterable[TailRow], test: Fits) -> None:
    """Ask another filter whether it leaves these."""
    for row in rows:
        row.shown = test(decode(row.line, row.kind))


class Batch(NamedTuple):
    """What came since the last time. `lost` rows were more than are kept, `unreadable` lines were no
    records.
    """

    rows: list[TailRow]
    standing: Standing | None
    lost: int
    unreadable: int


class TailInbox:
    """One thread puts, another takes; `tell` is called once for all that was put since it was taken."""

    def __init__(self, test: Fits, tell: Callable[[], object]) -> None:
        self._test, self._tell = test, tell
        self._rows: deque[TailRow] = deque()
        self._standing: Standing | None = None
        self._lost = self._unreadable = 0
        self._told = False
        self._lock = threading.Lock()

    def put(self, heard: Sequence[Heard], standing: Standing) -> None:
        """Take this in."""
        test = self._test
        with giving_way():
            rows = [row for one in heard if (row := _row(one, test)) is not None]
        with self._lock:
            if test is not self._test:  # it was changed meanwhile
                refit(rows, self._test)
            self._rows += rows
            while len(self._rows) > KEPT:
                self._rows.popleft()
                self._lost += 1
            self._unreadable += len(heard) - len(rows)
            self._standing = standing
            told, self._told = self._told, True
        if not told:
            self._tell()

    def take(self) -> Batch:
        """All that was put."""
        with self._lock:
            found = Batch(list(self._rows), self._standing, self._lost, self._unreadable)
            self._rows.clear()
            self._lost = self._unreadable = 0
            self._told = False
        return found

    def change(self, test: Fits) -> None:
        """Another filter: for what is put from now on, and what was not yet taken."""
        with self._lock:
            self._test = test
            refit(self._rows, test)


def _row(heard: Heard, test: Fits) -> TailRow | None:
    try:
        record: Record = decode(heard.line, heard.kind)
    except InvalidRecordError:
        return None
    row = row_of(record, heard.line)
    row.shown = test(record)
    return row
