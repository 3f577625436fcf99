"""Lists of executions."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from jollyscope.query.listing import TraceRow, list_traces
from jollyscope_tui.sources.connection import Connection

__all__ = ["ListSource", "Order", "StoreLists", "TracePage"]


class Order(NamedTuple):
    """A column of `TraceRow` and which way it is sorted."""

    column: str = "start_time"
    descending: bool = True


class TracePage(NamedTuple):
    """Rows, the key of the next page (None at the end), and what the store could not include."""

    rows: list[TraceRow]
    next: tuple[Any, str] | None
    notes: list[str]


class ListSource(Protocol):
    """Where lists come from."""

    def list_traces(
        self, order: Order, *, limit: int, after: tuple[Any, str] | None = None
    ) -> TracePage:
        """A page of executions."""
        ...


class StoreLists:
    """A `ListSource` over a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_traces(
        self, order: Order, *, limit: int, after: tuple[Any, str] | None = None
    ) -> TracePage:
        with self._connection.reader() as reader:
            page = list_traces(
                reader, sort=order.column, descending=order.descending, limit=limit, after=after
            )
            return TracePage(page.rows, page.next, list(reader.notes))
