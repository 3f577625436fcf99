"""The spool: who records, how much waits to be moved into the lake, and since when."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from jollyscope.backend.probes.probe import Health
from jollyscope.model import format as fmt
from jollyscope.store.lake.batch import pending
from jollyscope.store.lake.manifest import Manifest, loaded_ranges
from jollyscope.transport.spool import segments, spool_dir, unreadable, writer_alive

__all__ = ["MUCH_WAITING", "probe_spool"]

MUCH_WAITING = 1 << 30
"""Bytes from which on what waits is worth a word: a quarter of what one writer may leave there."""


def probe_spool(home: Path, *, now: Callable[[], float] = time.time) -> Health:
    """Look at the spool in the data directory `home`. Raises `StoreError` where the lake's manifest,
    which knows how far it was read, is damaged.
    """
    root, manifest = spool_dir(home), Manifest(home)
    done: dict[tuple[str, str, int], int] = {}
    if manifest.exists():
        with manifest.read() as db:
            done = loaded_ranges(db)
    waiting = pending(root, done)
    octets = sum(segment.size - start for segment, start in waiting)
    writers = {segment.writer for segment in segments(root)}
    alive = sum(writer_alive(root / writer) for writer in writers)
    shut = unreadable(root)
    oldest = _oldest([segment.path for segment, _ in waiting])
    facts: dict[str, Any] = {
        "waiting_bytes": octets,
        "writers_alive": alive,
        "writers": len(writers),
        "unreadable": [str(path) for path in shut],
        "waiting_since_ms": None if oldest is None else max(0.0, (now() - oldest) * 1e3),
    }
    said = f"{_recording(alive)}, {fmt.size(octets)} waiting to be moved into the lake."
    if shut:
        return Health(
            name="spool", state="degraded", facts=facts,
            sentence=f"{len(shut)} folders of writers may not be read by this user: {shut[0]}.",
            hint="Run as the user who recorded them, or let this one read the folder.",
        )  # fmt: skip
    if octets >= MUCH_WAITING:
        return Health(
            name="spool", state="degraded", facts=facts, sentence=said,
            hint="Any command that reads the store moves it, such as `jollyscope ls`; if it stays, "
            "the lake cannot be written to.",
        )  # fmt: skip
    return Health(name="spool", state="ok", facts=facts, sentence=said)


def _recording(alive: int) -> str:
    if not alive:
        return "Nobody is recording"
    return f"{alive} {'process is' if alive == 1 else 'processes are'} recording"


def _oldest(paths: list[Path]) -> float | None:
    """When the one was last written to that has waited longest, Unix seconds."""
    times: list[float] = []
    for path in paths:
        with suppress(OSError):  # moved meanwhile
            times.append(os.stat(path).st_mtime)
    return min(times, default=None)
