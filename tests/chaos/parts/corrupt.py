"""Files that were damaged by somebody else: what they held may be gone, and nothing besides."""

from __future__ import annotations

from pathlib import Path

import duckdb

from jollyscope.errors import StoreError
from jollyscope.store.lake.store import LakeStore
from tests.chaos.disks import DAMAGES, damage
from tests.chaos.records import Ledger, number_of
from tests.chaos.room import Room
from tests.chaos.watching import Look

__all__ = ["FAULTS", "run"]

FAULTS = tuple(
    f"{what}-{how}" for what in ("part", "segment", "manifest") for how in DAMAGES
)  # fmt: skip
_COMMANDS = (["ls"], ["ls", "spans"], ["store", "info"], ["doctor"], ["store", "compact"])


def run(room: Room) -> None:
    """Commands answer without what is damaged and say so, or say in one sentence what to do."""
    ledger = room.furnish()
    path = room.folder / "notes"
    writer = room.start(
        "write", writer=1, seed=room.seed(), notes=path, batches=6, segment_bytes=20_000
    )
    assert writer.wait() == 0
    ledger.read(path)
    what, how = room.fault.split("-")
    {"part": _part, "segment": _segment, "manifest": _manifest}[what](room, ledger, how)


def _part(room: Room, ledger: Ledger, how: str) -> None:
    file = room.rng.choice(sorted((room.home / "lake").rglob("*.parquet")))
    held: set[int] = set()
    if file.parts[-3] in ("span", "trace"):
        spans = Path(str(file).replace("/trace/", "/span/"))
        found = duckdb.sql(f"SELECT span_id FROM read_parquet('{spans}')").fetchall()
        held = {number_of(row[0]) for row in found}
    damage(file, how, room.rng)
    ledger.may_go = held
    # A byte that was turned around in packed text may unpack to another letter.
    changed = held if how == "flip" else set[int]()
    _command(room)
    room.settled(ledger, noted=True, changed=changed)
    _altered(room, ledger, held)


def _segment(room: Room, ledger: Ledger, how: str) -> None:
    file = room.rng.choice(sorted((room.home / "spool").rglob("*.jsonl")))
    text = file.read_bytes()
    mine = [n for n in ledger.offered if f'"span_id":"{n + 1:016x}"'.encode() in text]
    damage(file, how, room.rng)
    ledger.may_go = set(mine)
    _command(room)
    room.settled(ledger, noted=True, changed=mine if how != "cut" else ())
    _altered(room, ledger, set(mine))


def _manifest(room: Room, ledger: Ledger, how: str) -> None:
    damage(room.home / "lake" / "manifest.sqlite", how, room.rng)
    _command(room)
    store = LakeStore(room.home)
    try:
        with store.reader(load=False) as reader:
            found, notes = Look(reader), list(reader.notes)
    except StoreError as error:
        if not error.hint:
            raise
        room.notes.append("told")
        return
    if ledger.acknowledged <= found.ended <= ledger.offered and not found.problems:
        return
    if not notes and not room.said(room.start("command", arguments=["store", "info"])):
        # SQLite keeps no sums of its pages: another number is a number.
        assert how in ("flip", "zero"), f"{found.problems[:3]} without a word"
        room.notes.append("unnoticed")


def _command(room: Room) -> None:
    room.said(room.start("command", arguments=room.rng.choice(_COMMANDS)))


def _altered(room: Room, ledger: Ledger, held: set[int]) -> None:
    """Count records that are not as they were written, and nobody can know."""
    with LakeStore(room.home).reader(load=False) as reader:
        if any("not as it was written" in problem for problem in Look(reader).problems):
            room.notes.append("unnoticed")
