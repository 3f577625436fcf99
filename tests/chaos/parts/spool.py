"""Processes that write to the spool, with a reader looking on and one that listens."""

from __future__ import annotations

from tests.chaos.records import Ledger
from tests.chaos.room import Room
from tests.chaos.zygote import until

__all__ = ["FAULTS", "run"]

FAULTS = ("kill", "pause", "exit", "error", "size-kill", "size-error")


def run(room: Room) -> None:
    """What `write` returned for is stored, whatever became of its writer."""
    notes = [room.folder / f"notes-{n}" for n in range(3)]
    watcher = room.watcher()
    listener = room.start("hear", stop=room.stop, heard=room.folder / "heard")
    for turn, path in enumerate(notes):
        # The last one meets nothing: the next writer works where another has died.
        fault = room.planted() if turn < 2 else None
        child = room.start("write", fault=fault, writer=turn, seed=room.seed(), notes=path)
        until(lambda p=path, c=child: p.exists() or not c.lives(), "no writer")
        if turn < 2:
            room.strike(child)
        else:
            room.pause(0.1)
            child.kill()
    ledger = Ledger().read(*notes)
    room.over(watcher)
    assert listener.wait() == 0, f"{listener.out}{listener.err}"
    heard = {int(line) for line in (room.folder / "heard").read_text().split()}
    assert heard >= ledger.acknowledged, f"{len(ledger.acknowledged - heard)} were not heard"
    assert heard <= ledger.offered
    room.settled(ledger)
