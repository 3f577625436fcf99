"""What the screens ask of a store, and nothing more: the one seam between the explorer and the
library. Everything here blocks and is called from worker threads.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from jollyscope.query.listing import TraceRow, list_traces
from jollyscope.query.loading import LoadedTrace, load_trace
from jollyscope.store.api import Reader, Store, open_store

__all__ = ["Order", "StoreSource", "TracePage", "TraceSource"]


class Order(NamedTuple):
    """A column of `TraceRow` and which way it is sorted."""

    column: str = "start_time"
    descending: bool = True


class TracePage(NamedTuple):
    """Rows, the key of the next page (None at the end), and what the store could not include."""

    rows: list[TraceRow]
    next: tuple[Any, str] | None
    notes: list[str]


class TraceSource(Protocol):
    """Where traces come from. Methods raise `JollyScopeError`; any thread may call them."""

    @property
    def url(self) -> str:
        """The store's URL; before it is open, the one asked for, or empty."""
        ...

    def list_traces(
        self, order: Order, *, limit: int, after: tuple[Any, str] | None = None
    ) -> TracePage:
        """A page of executions."""
        ...

    def load_trace(self, text: str) -> LoadedTrace:
        """The trace of an id or a prefix of one, whole."""
        ...

    def cancel(self) -> None:
        """Stop what is being read; it then raises `StoreError`."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


class StoreSource:
    """A `TraceSource` over a store, which is opened when first asked for something."""

    def __init__(self, url: str | None = None) -> None:
        self._asked = url
        self._store: Store | None = None
        self._lock = threading.Lock()
        self._readers: set[Reader] = set()

    @property
    def url(self) -> str:
        return self._store.url if self._store else self._asked or ""

    def list_traces(
        self, order: Order, *, limit: int, after: tuple[Any, str] | None = None
    ) -> TracePage:
        with self._reader() as reader:
            page = list_traces(
                reader, sort=order.column, descending=order.descending, limit=limit, after=after
            )
            return TracePage(page.rows, page.next, list(reader.notes))

    def load_trace(self, text: str) -> LoadedTrace:
        with self._reader() as reader:
            return load_trace(reader, text)

    def cancel(self) -> None:
        with self._lock:
            for reader in self._readers:
                reader.cancel()

    def close(self) -> None:
        with self._lock:
            store, self._store = self._store, None
        if store is not None:
            store.close()

    @contextmanager
    def _reader(self) -> Generator[Reader]:
        with self._lock:
            if self._store is None:
                self._store = open_store(self._asked)
            store = self._store
        with store.reader() as reader:
            with self._lock:
                self._readers.add(reader)
            try:
                yield reader
            finally:
                with self._lock:
                    self._readers.discard(reader)
