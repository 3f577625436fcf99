"""Encoded batches on their way to the spool: kept and retried while it cannot be written."""

from __future__ import annotations

import os
import time
from collections import deque
from typing import NamedTuple

from jollyscope.model.records import RecordKind
from jollyscope.sdk.trouble import Trouble
from jollyscope.transport.spool import SpoolFullError, SpoolWriter

__all__ = ["Batch", "Outbox"]

_RETRY_S = 1.0
_MOST_BYTES = 64 << 20
"""What may wait in memory while the spool cannot be written, whatever the count of spans."""


class Batch(NamedTuple):
    """Whole lines of one kind; `spans` of them are closed spans, which is what is counted."""

    kind: RecordKind
    lines: bytes
    spans: int


class Outbox:
    """Writes batches in order. `waiting`, `written` and `dropped` count closed spans."""

    def __init__(self, writer: SpoolWriter, bound: int, trouble: Trouble) -> None:
        self.writer = writer
        self.waiting = self.written = self.dropped = 0
        self._bound = bound
        self._trouble = trouble
        self._batches: deque[Batch] = deque()
        self._bytes = 0
        self._retry_at = 0.0

    def add(self, batch: Batch) -> None:
        """Take a batch to write; at the bound it is dropped and counted instead."""
        if not batch.lines:
            return
        full = self.waiting + batch.spans > self._bound or self._bytes > _MOST_BYTES
        if full and self._batches:
            self.lose(batch.spans)
            return
        self._batches.append(batch)
        self.waiting += batch.spans
        self._bytes += len(batch.lines)

    def lose(self, spans: int) -> None:
        """Count spans that could not be written in time. The cause was told when it came up."""
        self.dropped += spans
        if spans:
            self._trouble.tell("write", "JollyScope could not write all spans in time.")

    def lose_waiting(self) -> None:
        """Give up all that waits: the program ends."""
        count, self.waiting = self.waiting, 0
        self._batches.clear()
        self.lose(count)

    def drop(self, spans: int, why: str) -> None:
        """Count spans as lost before they came to writing."""
        self.dropped += spans
        if spans:
            self._trouble.tell("drop", f"JollyScope drops spans: {why}. The agent is not affected.")

    def write(self, *, now: bool = False) -> None:
        """Write what waits, in order. After a failure the next try is a second later, or `now`."""
        if not self._batches or (not now and time.monotonic() < self._retry_at):
            return
        try:
            while self._batches:
                kind, lines, spans = self._batches[0]
                self.writer.write(kind, lines)
                self._batches.popleft()
                self._bytes -= len(lines)
                self.waiting -= spans
                self.written += spans
        except (OSError, SpoolFullError) as error:
            self._retry_at = time.monotonic() + _RETRY_S
            self._trouble.tell("write", self._explain(error))

    def _explain(self, error: OSError | SpoolFullError) -> str:
        what = str(error)
        if isinstance(error, OSError):
            folder = os.fspath(self.writer.root)
            what = f"JollyScope cannot write to {folder}: {error.strerror or error}."
        return (
            f"{what} The agent is not affected. Up to {self._bound:,} spans wait in memory and are "
            "written once that is possible; others, and those left at the end, are lost."
        )
