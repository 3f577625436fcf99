"""Sums and plots over a stretch of time."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from jollyscope.query.dashboard import Dashboard, dashboard
from jollyscope.query.scope import scope
from jollyscope_tui.sources.connection import Connection

__all__ = ["NumberSource", "Numbers", "NumbersAsked", "StoreNumbers"]


class NumbersAsked(NamedTuple):
    """What a dashboard is about: a filter, a stretch of time as a person writes it (None is all), at
    `now` (Unix ns), in at most `cells` buckets.
    """

    filter: str
    since: str | None
    until: str | None
    now: int
    cells: int


class Numbers(NamedTuple):
    """The answer, and what the store could not include."""

    dashboard: Dashboard
    notes: list[str]


class NumberSource(Protocol):
    """Where sums come from."""

    def dashboard(self, asked: NumbersAsked) -> Numbers:
        """Everything a dashboard shows. Raises `StoreError`, `UsageError`, `FilterError`."""
        ...


class StoreNumbers:
    """A `NumberSource` over a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def dashboard(self, asked: NumbersAsked) -> Numbers:
        wanted = scope(asked.filter, now=asked.now, since=asked.since, until=asked.until)
        with self._connection.reader() as reader:
            return Numbers(dashboard(reader, wanted, cells=asked.cells), list(reader.notes))
