"""A disk that is full, or may not be written: recorded, loaded, listed and exported on it."""

from __future__ import annotations

import subprocess

from tests.chaos.disks import fill, mounting, small_disk
from tests.chaos.records import Ledger
from tests.chaos.room import Room
from tests.chaos.zygote import until

__all__ = ["COMMANDS", "FAULTS", "lacking", "run"]

FAULTS = ("full", "full", "read-only")
COMMANDS = (
    ["ls"], ["ls", "spans", "--json"], ["stats"], ["store", "info"], ["store", "compact"],
    ["sql", "SELECT count(*) FROM dwd_spans"], ["label", "0", "good"], ["doctor"],
    ["store", "prune", "--older-than", "36500d", "--yes"], ["export", "-o", "{home}/out.csv"],
    ["export", "-o", "{home}/out.xlsx"], ["tail", "--from-beginning", "--until-idle", "0.2s"],
)  # fmt: skip


def lacking() -> str:
    """Why there can be no such round here, empty where there can."""
    return mounting()


def run(room: Room) -> None:
    """Nothing acknowledged is lost, commands work or say in a sentence why not, and with room again
    everything goes on."""
    size = room.rng.choice(["2m", "4m", "8m"])
    with small_disk(room.home, size):
        ledger = _strained(room)
        room.settled(ledger)


def _strained(room: Room) -> Ledger:
    notes = [room.folder / f"notes-{n}" for n in range(2)]
    early = room.start("write", writer=0, seed=room.seed(), notes=notes[0], batches=20)
    assert early.wait() == 0
    if room.rng.random() < 0.7:
        loaded = room.start("upkeep", seed=room.seed(), tasks=["load"], turns=1)
        assert loaded.wait() == 0, loaded.out
    if room.fault == "read-only":
        _remount(room, "ro")  # before anybody has a file open to write: later it is refused
    late = room.start("write", writer=1, seed=room.seed(), notes=notes[1])
    until(lambda: notes[1].exists(), "no writer")
    if room.fault == "full":
        filler = fill(room.home, leave=room.rng.choice([0, 0, 30_000, 200_000]))
    watcher = room.watcher()
    for _ in range(3):
        arguments = [a.format(home=room.home) for a in room.rng.choice(COMMANDS)]
        child = room.start("command", arguments=arguments)
        code = room.said(child)
        assert code in (0, 1, 2, 3, 4), f"{arguments}: {child.err}"
    room.stop.touch()
    assert watcher.wait() == 0, f"a reader saw: {watcher.out}{watcher.err}"
    room.looks += int(watcher.out.split("looked ")[1].split()[0])
    if room.fault == "full":
        filler.unlink()
    else:
        _remount(room, "rw")
    before = len(Ledger().read(notes[1]).acknowledged)
    until(
        lambda: len(Ledger().read(notes[1]).acknowledged) > before,
        "the writer does not go on though there is room again",
    )
    late.kill()
    return Ledger().read(*notes)


def _remount(room: Room, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(room.home)], check=True)
