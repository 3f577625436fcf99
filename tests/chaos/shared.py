"""The lake that rounds begin with, where they do not begin with nothing."""

from __future__ import annotations

from pathlib import Path

from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.chaos.records import OLD, WRITER, Notes, lines

__all__ = ["shared_lake"]


def shared_lake(folder: Path) -> Path:
    """A lake of many small parts that rounds copy, in `folder`: made once, since that takes a second."""
    home = folder / "home"
    if home.exists():
        return folder
    home.mkdir(parents=True)
    notes = Notes(folder / "notes")
    spool = SpoolWriter(spool_dir(home), segment_bytes=30_000)
    store = LakeStore(home)
    first = 500 * WRITER
    for turn in range(10):
        numbers = range(first, first + 20 + turn)
        old = range(500 * WRITER + OLD + 5 * turn, 500 * WRITER + OLD + 5 * turn + 5)
        for some in (numbers, old):
            notes.say("W", some[0], some[-1])
            spool.write("span", lines(some, start=True))
            notes.say("O", some[0], some[-1])
            spool.write("span", lines(some))
            notes.say("A", some[0], some[-1])
        first = numbers[-1] + 1
        store.load()
    interrupted = range(first, first + 9)
    notes.say("W", interrupted[0], interrupted[-1])
    spool.write("span", lines(interrupted, start=True))
    notes.say("O", interrupted[0], interrupted[-1])
    store.load()
    spool.close()
    store.close()
    return folder
