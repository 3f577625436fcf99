"""The store behind all parts of a source: opened when first asked for something, cancelled as one."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from jollyscope.store.api import Reader, Store, open_store

__all__ = ["Connection"]


class Connection:
    """One store. Any thread may call; methods raise `JollyScopeError`."""

    def __init__(self, url: str | None = None) -> None:
        self._asked = url
        self._store: Store | None = None
        self._lock = threading.Lock()
        self._readers: set[Reader] = set()

    @property
    def url(self) -> str:
        """The store's URL; before it is open, the one asked for, or empty."""
        return self._store.url if self._store else self._asked or ""

    @property
    def store(self) -> Store:
        """The open store."""
        with self._lock:
            if self._store is None:
                self._store = open_store(self._asked)
            return self._store

    @contextmanager
    def reader(self) -> Generator[Reader]:
        """A view of everything durable now, which `cancel` reaches."""
        with self.store.reader() as reader:
            with self._lock:
                self._readers.add(reader)
            try:
                yield reader
            finally:
                with self._lock:
                    self._readers.discard(reader)

    def cancel(self) -> None:
        """Stop what is being read; it then raises `StoreError`."""
        with self._lock:
            for reader in self._readers:
                reader.cancel()

    def close(self) -> None:
        """Let go of the store."""
        with self._lock:
            store, self._store = self._store, None
        if store is not None:
            store.close()
