"""A writer of the spool that writes whatever bytes it is told, whole lines or not."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from jollyscope.transport.following import Follower, Heard
from jollyscope.transport.spool import LOCK_NAME, spool_dir


class RawWriter:
    """Lives, as far as readers can tell, until `die`."""

    def __init__(self, home: Path, name: str = "0000-1-a") -> None:
        self.folder = spool_dir(home) / name
        self.folder.mkdir(parents=True)
        self._lock = os.open(self.folder / LOCK_NAME, os.O_RDWR | os.O_CREAT)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._numbers: dict[str, int] = {}

    def path(self, kind: str = "span") -> Path:
        return self.folder / f"{kind}-{self._numbers.setdefault(kind, 1):06d}.jsonl"

    def append(self, data: bytes, kind: str = "span") -> None:
        with self.path(kind).open("ab") as file:
            file.write(data)

    def rotate(self, kind: str = "span") -> None:
        self._numbers[kind] = self._numbers.get(kind, 1) + 1

    def die(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def all_of(follower: Follower) -> list[Heard]:
    """What is there now."""
    found: list[Heard] = []
    while heard := follower.poll(0):
        found += heard
    return found


def lines_of(follower: Follower) -> list[bytes]:
    return [heard.line for heard in all_of(follower)]
