"""Lists of executions and of sessions, of any length: pages of them, and how many there are."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import msgspec

from jollyscope.query.filter import engine
from jollyscope.query.listing import (
    Page,
    SessionRow,
    TraceRow,
    count_rows,
    list_sessions,
    list_traces,
)
from jollyscope.query.scope import Scope, bounded, scope
from jollyscope.store.api import Reader
from jollyscope_tui.sources.connection import Connection
from jollyscope_tui.view import ALL, Grouping, View

__all__ = [
    "Key",
    "ListSource",
    "Order",
    "Part",
    "Row",
    "Selection",
    "Snapshot",
    "StoreLists",
    "identity",
    "key_of",
]

Row = TraceRow | SessionRow
Key = tuple[Any, str]
"""What a row is sorted by, and its id: pages go on behind one."""


class Order(NamedTuple):
    """A column of the row and which way it is sorted."""

    column: str = "start_time"
    descending: bool = True


class Selection(NamedTuple):
    """The rows that a view meant at one moment: its times are fixed, a default bound included."""

    scope: Scope
    order: Order = Order()
    group: Grouping = "traces"

    def session(self, session_id: str) -> Selection:
        """The traces of one session: all of them, whatever the list of sessions leaves out."""
        return Selection(Scope(session_id=session_id, now=self.scope.now), self.order)


class Part(NamedTuple):
    """`limit` rows behind the one with this key, or the first ones, less `offset` of them;
    `backwards` counts from the other end. Given in the selection's order all the same.
    """

    limit: int
    after: Key | None = None
    offset: int = 0
    backwards: bool = False


class Snapshot(NamedTuple):
    """The first rows, those `near` a key and the `place` of the first of those, how many there are
    in all, and what the store could not include: all of one moment.
    """

    rows: list[Row]
    more: bool
    notes: list[str]
    near: list[Row]
    place: int
    total: int | None


def identity(row: Row) -> str:
    """What tells a row from all others."""
    return row.trace_id if isinstance(row, TraceRow) else row.session_id


def key_of(row: Row, order: Order) -> Key:
    """Where the row stands."""
    return getattr(row, order.column), identity(row)


class ListSource(Protocol):
    """Where lists come from. Methods raise `StoreError`."""

    def select(self, view: View, now: int) -> Selection:
        """What the view means now (Unix ns). Raises `UsageError`, `FilterError`."""
        ...

    def snapshot(
        self, selection: Selection, limit: int, near: Key | None = None, *, count: bool = True
    ) -> Snapshot:
        """The first rows, and as many near a key; without `count` the total stays open."""
        ...

    def rows(self, selection: Selection, part: Part) -> list[Row]:
        """Some of its rows."""
        ...

    def count(self, selection: Selection) -> int:
        """How many rows it has."""
        ...


class StoreLists:
    """A `ListSource` over a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def select(self, view: View, now: int) -> Selection:
        since = None if view.since == ALL else view.since
        wanted = scope(view.filter, now=now, since=since, until=view.until)
        if view.since != ALL and wanted.filter:
            with self._connection.reader() as reader:
                wanted = bounded(reader, wanted)
        return Selection(wanted, Order(view.sort, view.descending), view.group)

    def snapshot(
        self, selection: Selection, limit: int, near: Key | None = None, *, count: bool = True
    ) -> Snapshot:
        with self._connection.reader() as reader:
            page = _page(reader, selection, Part(limit))
            more = page.next is not None
            total = (_count(reader, selection) if count else None) if more else len(page.rows)
            close, place = list[Row](), 0
            if near is not None and total is not None and more:
                place = total - _count(reader, selection, near)
                close = _page(reader, selection, Part(limit, near)).rows
            return Snapshot(page.rows, more, list(reader.notes), close, place, total)

    def rows(self, selection: Selection, part: Part) -> list[Row]:
        with self._connection.reader() as reader:
            return _page(reader, selection, part).rows

    def count(self, selection: Selection) -> int:
        with self._connection.reader() as reader:
            return _count(reader, selection)


def _within(reader: Reader, selection: Selection) -> dict[str, Any]:
    scope = selection.scope
    asked = {
        "since": scope.since,
        "until": scope.until,
        "where": scope.where(selection.group, engine(reader)),
    }
    return asked if scope.session_id is None else asked | {"session_id": scope.session_id}


def _page(reader: Reader, selection: Selection, part: Part) -> Page[Row]:
    order = selection.order
    asked: dict[str, Any] = _within(reader, selection) | {
        "sort": order.column,
        "descending": order.descending != part.backwards,
        "limit": part.limit,
        "after": part.after,
        "offset": part.offset,
    }
    sessions = selection.group == "sessions"
    page: Page[Any] = (
        list_sessions(reader, **asked) if sessions else list_traces(reader, gist=True, **asked)
    )
    return msgspec.structs.replace(page, rows=page.rows[::-1]) if part.backwards else page


def _count(reader: Reader, selection: Selection, after: Key | None = None) -> int:
    order = selection.order
    way = {"sort": order.column, "descending": order.descending, "after": after}
    return count_rows(reader, selection.group, **way, **_within(reader, selection))
