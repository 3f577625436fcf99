"""The segments of one writer and kind, read one after the other."""

from __future__ import annotations

from collections import deque

from jollyscope.model.records import RecordKind
from jollyscope.transport.following.api import Heard
from jollyscope.transport.following.segment import SegmentReader, Taken

__all__ = ["Stream"]

HELD = 400
"""Segments held open at once, so that their bytes stay readable when they are deleted. Systems allow a
process 1,024 files or more."""


class Stream:
    """Reads whole lines in the order they were written. A segment is done when it is read to its end
    and either another follows it or the writer is gone.
    """

    def __init__(self, writer: str, kind: RecordKind) -> None:
        self.writer = writer
        self.kind: RecordKind = kind
        self.ended = False
        """The writer is gone: what is there now is all there will ever be."""
        self.skipped = 0
        self._segments: deque[SegmentReader] = deque()

    def add(self, reader: SegmentReader, *, hold: bool) -> None:
        """A further segment, behind those that are known."""
        self._segments.append(reader)
        if hold:
            reader.hold()

    @property
    def behind(self) -> int:
        """Bytes not yet read."""
        return sum(reader.behind for reader in self._segments)

    @property
    def held(self) -> int:
        """Segments that are held open."""
        return sum(reader.held for reader in self._segments)

    @property
    def done(self) -> bool:
        """Whether nothing will ever come of it."""
        return self.ended and not self._segments

    def take(self) -> list[Heard]:
        """The next lines, empty where none is new. Blank lines are left out."""
        while self._segments:
            first = self._segments[0]
            # Asked before reading: what is added to the first after that is found at its end.
            final = self.ended or len(self._segments) > 1
            taken = first.take()
            if taken is not None:
                return self._heard(taken)
            if not final and not first.lost:
                return []
            self._segments.popleft()
            self.skipped += first.close()
        return []

    def close(self) -> None:
        """Let go of all segments."""
        while self._segments:
            self._segments.popleft().close()

    def _heard(self, taken: Taken) -> list[Heard]:
        kind, written = self.kind, taken.written
        lines = taken.data.split(b"\n")
        return [Heard(kind, line, written) for line in lines if line]
