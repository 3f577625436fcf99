"""Faults that a process meets at a file operation of its own, the same one every time.

An audit hook hears of every file that is opened, renamed, deleted or locked, of every connection to
SQLite and, through it, of every statement. Of the product nothing is replaced; of Python `os.write`
and `os.fsync` are, of which no hook hears.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import sqlite3
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["KILLED", "install"]

KILLED = 137
"""The exit code of a process that ends at an operation."""

_EVENTS = frozenset({
    "open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "fcntl.flock",
    "sqlite3.connect",
})  # fmt: skip


def install(kind: str, at: int, below: str) -> None:
    """Plant a fault for operations on files below a folder.

    `exit`: the process ends before its `at`-th operation; a write is then half done. `error`: from
    that one on every operation fails as on a full disk, but for reading and deleting. `size-kill` and
    `size-error`: no file may grow beyond `at` bytes; whoever tries, SQLite and DuckDB too, dies in the
    middle of the write, or is told that the file is too large.
    """
    if kind.startswith("size"):
        usual = signal.SIG_DFL if kind == "size-kill" else signal.SIG_IGN
        signal.signal(signal.SIGXFSZ, usual)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (at, at))
        return
    _Counting(kind, at, below).start()


class _Counting:
    def __init__(self, kind: str, at: int, below: str) -> None:
        self._fatal = kind == "exit"
        self._left = at
        self._below = below
        self._write, self._fsync, self._connect = os.write, os.fsync, sqlite3.connect

    def start(self) -> None:
        sys.addaudithook(self._heard)
        os.write = self._writing  # type: ignore[assignment]
        os.fsync = self._syncing  # type: ignore[assignment]
        if self._fatal:
            sqlite3.connect = self._connecting

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _EVENTS:
            return
        if event != "fcntl.flock" and self._below not in str(arguments[0]):
            return
        harmless = event in ("os.remove", "os.rmdir", "fcntl.flock", "sqlite3.connect") or (
            event == "open" and not int(arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        )
        self._count(None if harmless else _full)

    def _connecting(self, *arguments: Any, **named: Any) -> sqlite3.Connection:
        connection = self._connect(*arguments, **named)
        connection.set_trace_callback(lambda _statement: self._count(None))
        return connection

    def _count(self, fail: Callable[[], None] | None) -> None:
        self._left -= 1
        if self._left > 0:
            return
        if self._fatal:
            os._exit(KILLED)
        if fail is not None:
            fail()

    def _writing(self, fd: int, data: Any) -> int:
        if self._ours(fd):
            if self._fatal and self._left == 1:
                self._write(fd, memoryview(data)[: len(data) // 2])
            self._count(_full)
        return self._write(fd, data)

    def _syncing(self, fd: int) -> None:
        if self._ours(fd):
            self._count(_full)
        self._fsync(fd)

    def _ours(self, fd: int) -> bool:
        try:
            return self._below in os.readlink(f"/proc/self/fd/{fd}")
        except OSError:
            return False


def _full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
