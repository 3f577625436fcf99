"""Loaders that die while others write and read."""

from __future__ import annotations

from tests.chaos.records import Ledger
from tests.chaos.room import PLANTED, Room
from tests.chaos.zygote import Child

__all__ = ["FAULTS", "run"]

FAULTS = (
    "kill",
    "kill",
    "pause",
    "exit",
    "exit",
    "error",
    "size-kill",
    "size-error",
    "two",
    "clock",
)


def run(room: Room) -> None:
    """Loading neither loses nor doubles, and a reader never sees half of it."""
    notes = [room.folder / f"notes-{n}" for n in range(2)]
    writers = [
        room.start("write", writer=n, seed=room.seed(), notes=path, batches=60, pause=0.01)
        for n, path in enumerate(notes)
    ]
    watcher = room.watcher()
    for _ in range(room.rng.randint(1, 2)):
        loaders = [_loader(room) for _ in range(3 if room.fault == "two" else 1)]
        if room.rng.random() < 0.5 and writers:
            writers.pop().kill()  # so that steps are interrupted while they are loaded
        for loader in loaders:
            room.strike(loader)
    for writer in writers:
        writer.kill()
    room.over(watcher)
    room.settled(Ledger().read(*notes))


def _loader(room: Room) -> Child:
    fault = room.planted(operations=250)
    if room.fault in PLANTED and room.fault.startswith("size"):
        assert fault is not None
        fault[1] *= 8  # a manifest begins with 100 kB
    skew = room.rng.choice([700, 86_400, 10**8]) if room.fault == "clock" else 0
    return room.start(
        "upkeep", fault=fault, seed=room.seed(), tasks=["load", "load", "compact"], skew=skew
    )
