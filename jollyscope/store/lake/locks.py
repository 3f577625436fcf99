"""One loader at a time, across processes."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from jollyscope.paths import make_private

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

__all__ = ["only_one"]


@contextmanager
def only_one(path: Path, *, wait: bool = False) -> Generator[bool]:
    """Whether this process (and this thread of it) now has the lock at `path`; held inside.

    The kernel lets go of it when the process ends, however it ends.
    """
    make_private(path.parent)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        held = True
        if fcntl is not None:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                held = False
        yield held
    finally:
        os.close(fd)
