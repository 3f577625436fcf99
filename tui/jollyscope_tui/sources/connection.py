"""The store behind all parts of a source: opened when first asked for something, cancelled as one.

A store on this machine may be taken away and put back, or another put in its place: that is told,
and the one that is there then is opened anew.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from jollyscope.errors import StoreError
from jollyscope.store.api import Reader, Store, open_store

__all__ = ["Connection"]


class Connection:
    """One store. Any thread may call; methods raise `JollyScopeError`."""

    def __init__(self, url: str | None = None) -> None:
        self._asked = url
        self._store: Store | None = None
        self._place: _Place | None = None
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
            if self._store is not None and self._place is not None and self._place.replaced():
                self._store.close()
                self._store = None
            if self._store is None:
                self._store = open_store(self._asked)
                home = getattr(self._store, "home", None)
                self._place = _Place(home) if isinstance(home, Path) else None
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


class _Place:
    """The directory of a store, as it was last seen."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._seen = self._look()

    def _look(self) -> list[tuple[int, int] | None]:
        return [_identity(self._home), _identity(self._home / "lake")]

    def replaced(self) -> bool:
        """Whether another stands in its place. Raises `StoreError` where it was there and is gone."""
        before, now = self._seen, self._look()
        if before[0] is not None and now[0] is None:
            raise StoreError(
                f"The store at {self._home} is gone.",
                hint="What was read stays on the screen; it is looked for every two seconds.",
            )
        self._seen = [new or old for new, old in zip(now, before, strict=True)]
        pairs = zip(before, now, strict=True)
        return any(old and new and old != new for old, new in pairs)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
