"""One segment of the spool, read line by line while it grows."""

from __future__ import annotations

import os
from typing import NamedTuple

from jollyscope.transport.spool import Segment

__all__ = ["SegmentReader", "Taken"]

_STEP = 256 << 10
_FLAGS = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class Taken(NamedTuple):
    """Whole lines, each with its newline, and when the segment was last written to (Unix ns)."""

    data: bytes
    written: int


class SegmentReader:
    """Reads a segment from a position on. While it is held open, its bytes can be read though the
    loader deletes it meanwhile.
    """

    def __init__(self, segment: Segment, position: int = 0) -> None:
        self.segment = segment
        self.position = position
        self.lost = False
        """It was deleted before it was opened: what was in it is not known here."""
        self._fd = -1
        self._size = segment.size
        self._looked = -1

    @property
    def held(self) -> bool:
        """Whether it is open."""
        return self._fd >= 0

    def hold(self) -> bool:
        """Open it; False where it is gone, or may not be read."""
        if self._fd < 0 and not self.lost:
            try:
                self._fd = os.open(self.segment.path, _FLAGS)
            except OSError:
                self.lost = True
        return self._fd >= 0

    @property
    def behind(self) -> int:
        """Bytes that were there at the last look and are not read."""
        return 0 if self.lost else max(0, self._size - self.position)

    def take(self, limit: int = _STEP) -> Taken | None:
        """Whole lines, about `limit` bytes of them or a single longer one; None where none is new."""
        if not self.hold():
            return None
        stat = os.fstat(self._fd)
        self._size = stat.st_size
        if self._size <= self.position or self._size == self._looked:
            return None
        data = self._lines(limit)
        if not data:
            self._looked = self._size  # half a line: not read again before there is more
            return None
        self.position += len(data)
        return Taken(data, stat.st_mtime_ns)

    def _lines(self, limit: int) -> bytes:
        """Whole lines from the position on, empty where the first is not whole yet."""
        while True:
            os.lseek(self._fd, self.position, os.SEEK_SET)
            data = os.read(self._fd, limit)
            end = data.rfind(b"\n") + 1
            if end or len(data) < limit:
                return data[:end]
            limit *= 4  # a line longer than that

    def to_end(self, back: int = 0) -> None:
        """Go on behind the last whole line that is there now, or `back` lines before that."""
        if not self.hold():
            return
        self._size = at = os.fstat(self._fd).st_size
        missing = back + 1
        while at > 0:
            step = min(_STEP, at)
            os.lseek(self._fd, at - step, os.SEEK_SET)
            block = os.read(self._fd, step)
            ends = block.count(b"\n")
            if ends >= missing:
                at += _nth_last(block, missing) + 1 - step
                break
            missing -= ends
            at -= step
        self.position = at

    def release(self) -> None:
        """Close it for now; it is opened again when it is read."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def close(self) -> bool:
        """Let go of it; whether something of it was not read: half a line, or all that was deleted."""
        self.release()
        return self._size > self.position


def _nth_last(block: bytes, number: int) -> int:
    """Where the newline stands that is the `number`-th from the end."""
    at = len(block)
    for _ in range(number):
        at = block.rfind(b"\n", 0, at)
    return at
