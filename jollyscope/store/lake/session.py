"""Engines that readers take turns with: what one reader has defined the next need not define again.

A fresh engine takes 20 ms, its views 70 ms and the footers of the parts as much again; asked anew
every second, as the explorer does, that was more than the asking.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from jollyscope.store.lake.engine import connect

if TYPE_CHECKING:
    import duckdb

__all__ = ["Session", "Sessions"]

_KEPT = 2
"""Idle engines: the explorer asks from two threads at most."""


class Session:
    """One engine in memory, and the text of everything that is defined in it."""

    def __init__(self, memory_mb: int) -> None:
        self.con: duckdb.DuckDBPyConnection = connect(memory_mb)
        # Every view that is defined looks into a part for its columns, and every query into all
        # parts for their row groups: once is enough, a part never changes.
        self.con.execute("SET parquet_metadata_cache = true")
        self.spoiled = False
        """Not to be used by another reader."""
        self._defined: dict[str, tuple[str, tuple[Any, ...]]] = {}

    def define(self, name: str, statement: str, values: tuple[Any, ...] = ()) -> None:
        """Run the statement that makes `name`, unless it was the last one to do so."""
        if self._defined.get(name) != (statement, values):
            self.forget(name)
            self.con.execute(statement, list(values))
            self._defined[name] = (statement, values)

    def forget(self, name: str) -> None:
        """`name` is something else from now on."""
        self._defined.pop(name, None)


class Sessions:
    """A store's engines that are not in use. Any thread may take one."""

    def __init__(self, memory_mb: int) -> None:
        self._memory_mb = memory_mb
        self._idle: list[Session] = []
        self._lock = Lock()

    def take(self) -> Session:
        """One for a reader alone."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return Session(self._memory_mb)

    def give(self, session: Session) -> None:
        """A reader is done with it."""
        with self._lock:
            if not session.spoiled and len(self._idle) < _KEPT:
                self._idle.append(session)
                return
        session.con.close()

    def close(self) -> None:
        """Let go of all that are idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for session in idle:
            session.con.close()
