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
NEAR, FAR, FAR_EACH = 10 * SECOND, 120 * SECOND, 20
"""A look asks for what ended so lately; each twentieth and the last further back, for what came late."""
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
    known: dict[tuple[str, str], int] = {}
    number = 0
    with file.open("wb") as out:
        while not over.wait(PAUSE):
            number += 1
            _look(store, out, known, FAR if number % FAR_EACH == 0 else NEAR)
            if number % FAR_EACH == 0:
                oldest = time.time_ns() - FAR - 10 * SECOND
                known = {key: ended for key, ended in known.items() if ended >= oldest}
        _look(store, out, known, FAR)
    store.close()


def _look(store: Store, out: BinaryIO, known: dict[tuple[str, str], int], back: int) -> None:
    since = time.time_ns() - back
    with store.reader() as reader:
        found = reader.query(_ASKED, [since, LONGEST / 1e6], since=since - LONGEST)
    now = time.time_ns()
    for trace_id, span_id, ended, service in found.rows:
        if (trace_id, span_id) not in known:
            known[trace_id, span_id] = ended
            out.write(_ENTRY.pack(ended, now - ended, service.removeprefix(SERVICE).encode()))
    out.flush()


def read(file: Path) -> Iterator[Seen]:
    """What was seen so far."""
    data = file.read_bytes()
    whole = len(data) - len(data) % _ENTRY.size
    for ended, after, kind in _ENTRY.iter_unpack(data[:whole]):
        yield Seen(ended, after, kind.rstrip(b"\0").decode())


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
