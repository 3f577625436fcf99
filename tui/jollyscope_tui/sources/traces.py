"""One execution, whole, and what its process used meanwhile."""

from __future__ import annotations

from typing import Protocol

from jollyscope.model.records import SpanRecord
from jollyscope.query.loading import LoadedTrace, load_trace
from jollyscope.query.metrics import Samples, samples
from jollyscope_tui.sources.connection import Connection

__all__ = ["StoreTraces", "TraceSource"]


class TraceSource(Protocol):
    """Where whole traces come from."""

    def load_trace(self, text: str) -> LoadedTrace:
        """The trace of an id or a prefix of one, whole."""
        ...

    def samples(self, span: SpanRecord, start: int, end: int) -> Samples:
        """CPU and memory of the process that recorded a span, in `[start, end)` (Unix ns)."""
        ...


class StoreTraces:
    """A `TraceSource` over a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load_trace(self, text: str) -> LoadedTrace:
        with self._connection.reader() as reader:
            return load_trace(reader, text)

    def samples(self, span: SpanRecord, start: int, end: int) -> Samples:
        with self._connection.reader() as reader:
            return samples(reader, span, start, end)
