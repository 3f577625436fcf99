"""What a reader stands on: the manifest at one moment, and the spool behind it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from jollyscope.errors import StoreError
from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import InvalidRecordError, LineReader, decode
from jollyscope.store.lake import manifest as m
from jollyscope.store.lake.batch import Batch, Piece, pending, pieces, settle
from jollyscope.store.lake.manifest import Manifest, Part
from jollyscope.transport.spool import Segment, spool_dir, unreadable

__all__ = ["TAIL_BYTES", "Snapshot", "started", "take"]

TAIL_BYTES = 256 << 20
"""Spool that a view takes in unloaded, while another process is busy loading it."""


class Snapshot:
    """Parts, open spans and the spool's tail as they belong together."""

    def __init__(self, db: sqlite3.Connection | None, tail: dict[str, Batch], skipped: int) -> None:
        self.tail = tail
        """Unloaded records by kind, settled among themselves."""
        self.skipped = skipped
        """Unloaded bytes that were too many to take in."""
        self.denied: list[Path] = []
        """Spool folders that this user may not read."""
        self.parts: list[Part] = []
        self.opened: list[tuple[str, bytes]] = []
        """Writer and line of every span that was open when last loaded."""
        self.moving: set[str] = set()
        """Traces whose summary cannot come ready from one part."""
        if "span" in tail:
            self.moving |= tail["span"].trace_ids
        self._held: dict[int, set[str]] = {}
        self._unsettled = set(self.moving)
        if db is None:
            return
        self.parts = m.parts(db)
        rows = db.execute("SELECT trace_id, writer, record FROM open_spans").fetchall()
        self.opened = [(writer, record) for _, writer, record in rows]
        self._unsettled |= {row[0] for row in rows}
        self.moving |= self._unsettled
        self.moving |= {row[0] for row in db.execute("SELECT trace_id FROM split_traces")}
        self._held = m.parts_of_traces(db, self.moving)

    def without_summary(self, part: Part, trace_ids: set[str]) -> None:
        """The trace rows of a part cannot be read: those of its traces are made from its spans."""
        self.parts[self.parts.index(part)] = part._replace(summary=None)
        self.moving |= trace_ids
        self._held[part.id] = self._held.get(part.id, set()) | trace_ids

    def holding(self, trace_ids: Iterable[str]) -> list[Part]:
        """Parts that hold any of these moving traces."""
        wanted = set(trace_ids)
        return [p for p in self.parts if not wanted.isdisjoint(self._held.get(p.id, ()))]

    def moving_in(self, parts: Iterable[Part]) -> set[str]:
        """The moving traces that are still being written, or of which one of these parts has any."""
        return self._unsettled.union(*(self._held.get(part.id, ()) for part in parts))

    def holding_now(self, manifest: Manifest, trace_id: str) -> list[Part]:
        """Parts that hold this trace, any trace.

        The manifest may have moved on since; where it names parts that this snapshot does not
        know, all known ones are candidates.
        """
        mine = {part.id: part for part in self.parts if part.kind == "span"}
        if not mine:
            return []
        with manifest.read() as db:
            held = m.parts_of_traces(db, [trace_id]).keys()
        if held <= mine.keys():
            return [mine[i] for i in sorted(held)]
        return list(mine.values())


def started(manifest: Manifest, line: bytes) -> SpanRecord:
    """A span that the manifest has as open. Raises `StoreError` where its line makes no sense."""
    try:
        return decode(line)
    except InvalidRecordError as error:
        raise manifest.damaged(f"a span in it is none ({error.message.rstrip('.')})") from error


def take(manifest: Manifest) -> Snapshot:
    """The state of things now.

    The spool is read inside the manifest's transaction. A segment that is loaded and deleted
    meanwhile (its grace period being over) makes the two disagree: then once more.
    """
    spool = spool_dir(manifest.home)
    for _ in range(5):
        with manifest.read() if manifest.exists() else nullcontext(None) as db:
            waiting = pending(spool, m.loaded_ranges(db) if db else {})
            tail, skipped = _tail(waiting)
            snapshot = Snapshot(db, tail, skipped)
            snapshot.denied = unreadable(spool)
        if all(segment.path.exists() for segment, _ in waiting):
            return snapshot
    raise StoreError("The spool keeps changing underneath.", hint="Try again.")


def _tail(waiting: list[tuple[Segment, int]]) -> tuple[dict[str, Batch], int]:
    """What waits, up to `TAIL_BYTES`, settled by kind; and how many bytes are left aside."""
    gathered: dict[str, list[Piece]] = {"span": [], "metric": [], "event": []}
    size = skipped = 0
    for piece in pieces(waiting, limit=TAIL_BYTES):
        if size + len(piece.data) > TAIL_BYTES:
            skipped = sum(segment.size - start for segment, start in waiting) - size
            break
        gathered[piece.segment.kind].append(piece)
        size += len(piece.data)
    tail = {
        kind: settle(LineReader[Any](kind), found)
        for kind in ("span", "metric", "event")
        if (found := [piece for piece in gathered[kind] if piece.data])
    }
    return tail, skipped
