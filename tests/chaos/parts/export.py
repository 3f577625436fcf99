"""An export that is interrupted leaves the file as it was, or whole."""

from __future__ import annotations

import csv
import json
import signal
import zipfile
from pathlib import Path

import duckdb

from tests.chaos.room import Room

__all__ = ["FAULTS", "run"]

FAULTS = ("kill", "term", "pause", "exit", "error", "size-kill", "size-error")
_FORMS = (".csv", ".jsonl", ".json", ".parquet", ".xlsx", ".otlp.json")
_OLD = b"what was there before\n"


def run(room: Room) -> None:
    """The file is whole or as before, never half; told to end, it leaves nothing behind."""
    ledger = room.furnish()
    before = set(room.home.rglob("*"))
    for _ in range(2):
        form = room.rng.choice(_FORMS)
        target = room.home / f"out{form}"
        old = room.rng.random() < 0.5
        if old:
            target.write_bytes(_OLD)
        child = room.start(
            "command", fault=room.planted(operations=80), arguments=["export", "-o", str(target)]
        )
        code = room.strike_command(child, most=0.6)
        if target.exists() and target.read_bytes() != _OLD:
            count = _count(target, form)
            assert count == -1 or count >= len(ledger.acknowledged), f"half a {form}: {count}"
            room.stored = max(room.stored, count)
        else:
            assert target.exists() == old, "the old file is gone and no new one there"
        target.unlink(missing_ok=True)
        if code in (0, 1, -signal.SIGTERM):
            left = set(room.home.glob(".*")) - before
            assert not left, f"left behind: {left}"
    room.settled(ledger, compact=False)


def _count(file: Path, form: str) -> int:
    """Spans in a file, -1 where it is of another kind and whole."""
    if form == ".csv":
        with file.open(newline="", encoding="utf-8") as rows:
            return sum(1 for _ in csv.DictReader(rows))
    if form == ".parquet":
        return duckdb.sql(f"SELECT count(*) FROM read_parquet('{file}')").fetchall()[0][0]
    if form == ".jsonl":
        runs = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        return sum(len(run["spans"]) for run in runs)
    if form == ".xlsx":
        with zipfile.ZipFile(file) as book:
            assert book.testzip() is None
        return -1
    json.loads(file.read_text(encoding="utf-8"))
    return -1
