"""Sums and plots over a stretch of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from jollyscope.query.dashboard import Dashboard, dashboard
from jollyscope.query.scope import scope
from jollyscope_tui.sources.connection import Connection

if TYPE_CHECKING:
    from jollyscope.analysis.report import Report

__all__ = ["NEWEST", "NumberSource", "Numbers", "NumbersAsked", "StoreNumbers"]


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


NEWEST = 500
"""Executions whose steps are looked at for findings: half a second of a core."""
_ANALYSES = ("bottlenecks", "waiting", "repeats", "retries", "growth", "errors")


class NumberSource(Protocol):
    """Where sums come from."""

    def dashboard(self, asked: NumbersAsked) -> Numbers:
        """Everything a dashboard shows. Raises `StoreError`, `UsageError`, `FilterError`."""
        ...

    def findings(self, asked: NumbersAsked) -> Report:
        """What makes the newest `NEWEST` executions slow, dear or fail. Raises likewise."""
        ...


class StoreNumbers:
    """A `NumberSource` over a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def dashboard(self, asked: NumbersAsked) -> Numbers:
        wanted = scope(asked.filter, now=asked.now, since=asked.since, until=asked.until)
        with self._connection.reader() as reader:
            return Numbers(dashboard(reader, wanted, cells=asked.cells), list(reader.notes))

    def findings(self, asked: NumbersAsked) -> Report:
        from jollyscope.analysis.finding import Request
        from jollyscope.analysis.report import chosen, report

        wanted = scope(asked.filter, now=asked.now, since=asked.since, until=asked.until)
        with self._connection.reader() as reader:
            return report(reader, Request(scope=wanted), chosen(_ANALYSES), most=NEWEST)
