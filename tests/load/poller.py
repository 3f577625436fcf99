"""How soon what agents recorded is answered: a process that asks the store for its newest spans again and
again, each time with a reader of its own, as `ls` and the explorer do.

    python -m tests.load.poller STORE_URL FILE

FILE gets an entry a span, in the order they were first seen: when it ended, how long after that an answer
had it (ns), and how it was recorded. So a wait includes the pause between two looks. Spans of more than
`LONGEST` are left out by their length: to find them by when they ended each look would have to go far back.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import BinaryIO, NamedTuple

from jollyscope.store.api import Store, open_store
from tests.load.recording import SERVICE

__all__ = ["LONGEST", "Seen", "main", "read"]

SECOND = 10**9
LONGEST = 60 * SECOND
PAUSE = 0.5
"""Seconds between two looks."""
NEAR, FAR, FAR_EACH = 10 * SECOND, 120 * SECOND, 40
"""A look asks for what ended so lately, or twice as long ago as the last look's latest had; each fortieth,
the last, and one after nothing new, for what ended longer ago."""
_ENTRY = Struct("<qq4s")
_ASKED = (
    "SELECT trace_id, span_id, end_time, service FROM dwd_spans "
    "WHERE end_time >= ? AND duration_ms < ?"
)


class Seen(NamedTuple):
    """A span that an answer had. Unix ns, ns."""

    ended: int
    after: int
    kind: str


def main(url: str, file: Path) -> None:
    """Look until stdin ends."""
    store = open_store(url)
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    print("ready", flush=True)
    looks = _Looks(store)
    with file.open("wb") as out:
        while not over.wait(PAUSE):
            looks.look(out)
        looks.back = FAR
        looks.look(out)
    store.close()


class _Looks:
    """One look after another; `back` is how far the next one goes."""

    def __init__(self, store: Store) -> None:
        self.back = FAR
        self._store = store
        self._known: dict[tuple[str, str], int] = {}
        self._number = 0

    def look(self, out: BinaryIO) -> None:
        """Write down what was not there before."""
        since = time.time_ns() - self.back
        with self._store.reader() as reader:
            found = reader.query(_ASKED, [since, LONGEST / 1e6], since=since - LONGEST)
        now = time.time_ns()
        latest = 0
        for trace_id, span_id, ended, service in found.rows:
            if (trace_id, span_id) not in self._known:
                self._known[trace_id, span_id] = ended
                latest = max(latest, now - ended)
                out.write(_ENTRY.pack(ended, now - ended, service.removeprefix(SERVICE).encode()))
        out.flush()
        self._next(now, latest)

    def _next(self, now: int, latest: int) -> None:
        self._number += 1
        if self._number % FAR_EACH == 0:
            oldest = now - FAR - 60 * SECOND
            self._known = {key: ended for key, ended in self._known.items() if ended >= oldest}
        far = not latest or self._number % FAR_EACH == 0
        self.back = FAR if far else min(max(2 * latest, NEAR), FAR)


def read(file: Path) -> Iterator[Seen]:
    """What was seen so far."""
    data = file.read_bytes()
    whole = len(data) - len(data) % _ENTRY.size
    for ended, after, kind in _ENTRY.iter_unpack(data[:whole]):
        yield Seen(ended, after, kind.rstrip(b"\0").decode())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
