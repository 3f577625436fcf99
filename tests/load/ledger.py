"""What agents recorded by their own account: a line a step, written when it has ended.

<trace id> <span id> <step> <1 where it failed> <when it ended, Unix ns>
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = ["Entry", "Ledger", "read"]


class Entry(NamedTuple):
    """A step that an agent recorded."""

    trace_id: str
    span_id: str
    step: str
    failed: bool
    ended: int
    """When its agent went on, Unix ns: a little after the span's own end."""


class Ledger:
    """One process's; its threads share it."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("w", encoding="ascii")
        self._lock = threading.Lock()

    def note(self, trace_id: str, span_id: str, step: str, failed: bool) -> None:
        """A step has ended."""
        line = f"{trace_id} {span_id} {step} {failed:d} {time.time_ns()}\n"
        with self._lock:
            self._file.write(line)

    def close(self) -> None:
        """Write what is left."""
        self._file.close()


def read(folder: Path) -> Iterator[Entry]:
    """All that is in the ledgers of a folder."""
    for file in sorted(folder.glob("*.ledger")):
        with file.open(encoding="ascii") as lines:
            for line in lines:
                trace_id, span_id, step, failed, ended = line.split()
                yield Entry(trace_id, span_id, step, failed == "1", int(ended))
