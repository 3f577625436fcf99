"""Whoever merges, tidies, prunes and sweeps dies in the midst of it, or meets another at it."""

from __future__ import annotations

import shutil

from tests.chaos.records import OLD, WRITER
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
    "stale",
)
_TASKS = (["compact"], ["tidy"], ["compact", "prune", "load"], ["tidy", "tidy", "load"])


def run(room: Room) -> None:
    """The lake holds what it held, but for what retention may take."""
    ledger = room.furnish()
    ledger.may_go = {n for n in ledger.acknowledged if n % WRITER >= OLD}
    watcher = room.watcher(grace_s=0 if room.fault == "stale" else 600)
    for _ in range(room.rng.randint(1, 3)):
        for child in [_worker(room) for _ in range(3 if room.fault == "two" else 1)]:
            room.strike(child, most=0.3)
    room.over(watcher)
    room.settled(ledger)
    leftover = [f for f in (room.home / "lake").glob("tmp*/*") if f.stat().st_size]
    for file in leftover:  # of those that died; the next at the same work takes them away
        assert room.fault in (*PLANTED, "kill", "pause", "two", "stale"), file
    shutil.rmtree(room.home / "lake" / "tmp-tidy", ignore_errors=True)


def _worker(room: Room) -> Child:
    fault = room.planted(operations=120)
    if room.fault.startswith("size"):
        assert fault is not None
        fault[1] *= 4
    return room.start(
        "upkeep", fault=fault, seed=room.seed(), tasks=room.rng.choice(_TASKS),
        grace_s=0 if room.fault == "stale" else 600,
    )  # fmt: skip
