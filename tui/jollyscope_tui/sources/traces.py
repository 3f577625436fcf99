"""One execution, whole."""

from __future__ import annotations

from typing import Protocol

from jollyscope.query.loading import LoadedTrace, load_trace
from jollyscope_tui.sources.connection import Connection

__all__ = ["StoreTraces", "TraceSource"]


class TraceSource(Protocol):
    """Where whole traces come from."""

    def load_trace(self, text: str) -> LoadedTrace:
        """The trace of an id or a prefix of one, whole."""
        ...


class StoreTraces:
    """A `TraceSource` over a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load_trace(self, text: str) -> LoadedTrace:
        with self._connection.reader() as reader:
            return load_trace(reader, text)
