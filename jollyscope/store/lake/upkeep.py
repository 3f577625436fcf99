"""Merging small parts, retention, and deleting what nobody needs any more."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from jollyscope.store.lake import manifest as m
from jollyscope.store.lake.engine import DAY_NS, TIME_OF
from jollyscope.store.lake.manifest import Manifest, Part, PartDraft
from jollyscope.store.lake.parts import Engine, disk_trouble
from jollyscope.store.lake.words import lacks_words
from jollyscope.transport.spool import LOCK_NAME, writer_alive

__all__ = ["PART_ROWS", "Upkeep", "groups", "tier"]

TIER = 16
"""Parts of a similar size that are merged on the way; so a row is rewritten log16(n) times."""
SMALL_ROWS = 20_000
"""A part of more is left to `compact`: merging sixteen of those would double the time of a load."""
PART_ROWS = 1_000_000
"""A part is not merged beyond this."""

_SECOND = 1_000_000_000


class Upkeep:
    """Hold the load lock around every method."""

    def __init__(
        self,
        manifest: Manifest,
        engine: Engine,
        grace_s: int,
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        self.manifest = manifest
        self.engine = engine
        self.grace_s = grace_s
        self.now = now

    def merge_small(self) -> int:
        """The little that each load does: a tier that has filled up is merged. Parts replaced."""
        with self.manifest.read() as db:
            held = m.parts(db)
        merged = 0
        for group in groups(held):
            tiers: dict[int, list[Part]] = {}
            for part in group:
                if part.row_count < SMALL_ROWS:
                    tiers.setdefault(tier(part.row_count), []).append(part)
            for parts in tiers.values():
                if len(parts) >= TIER:
                    # Sorting takes the memory of all rows at once, and `collect` runs for weeks.
                    merged += self._merge(parts, sort=False)
        return merged

    def compact(self, progress: Callable[[int, int], None] | None = None) -> int:
        """All that can be merged; parts replaced. Also sweeps."""
        with self.manifest.read() as db:
            held = m.parts(db)
        bins = [b for group in groups(held) for b in _bins(group) if len(b) > 1]
        merged = 0
        for done, parts in enumerate(bins):
            merged += self._merge(parts)
            if progress is not None:
                progress(done + 1, len(bins))
        with self.manifest.read() as db:
            held = m.parts(db)
        for part in held:
            if lacks_words(self.manifest.lake, part):
                self._write_words(part)
        self.sweep(orphans=True)
        return merged

    def prune(self, older_than: int | None, max_bytes: int | None) -> int:
        """Rows that started before `older_than` (Unix ns) go, then the oldest parts until the lake
        is at most `max_bytes`; spans removed.
        """
        removed = 0
        with self.manifest.read() as db:
            held = m.parts(db)
        if older_than is not None:
            for part in held:
                if part.min_time < older_than:
                    removed += self._cut(part, older_than)
        if max_bytes is not None:
            with self.manifest.read() as db:
                held = sorted(m.parts(db), key=lambda part: (part.max_time, part.id))
            size = sum(part.bytes for part in held)
            for part in held:
                if size <= max_bytes:
                    break
                with self.manifest.write() as db:
                    m.drop_part(db, part, self.now())
                size -= part.bytes
                removed += part.row_count if part.kind == "span" else 0
        self.sweep(orphans=True)
        return removed

    def retain(self, days: int, max_bytes: int) -> None:
        """The configured retention, at most once an hour; 0 is no bound."""
        if not days and not max_bytes:
            return
        now = self.now()
        with self.manifest.write() as db:
            row = db.execute("SELECT value FROM meta WHERE key = 'retained'").fetchone()
            if row and now - row[0] < 3600 * _SECOND:
                return
            db.execute("INSERT OR REPLACE INTO meta VALUES ('retained', ?)", (now,))
        self.prune(now - days * DAY_NS if days else None, max_bytes or None)

    def sweep(self, *, orphans: bool = False) -> None:
        """Delete dropped files past the grace period, and folders of writers that are gone.

        With `orphans` also what a crash left behind: parts that no manifest row names.
        """
        limit = self.now() - self.grace_s * _SECOND
        with self.manifest.read() as db:
            due = [
                row[0]
                for row in db.execute("SELECT path FROM dropped_files WHERE at <= ?", (limit,))
            ]
        for path in due:
            (self.manifest.home / path).unlink(missing_ok=True)
        if due:
            with self.manifest.write() as db:
                db.executemany("DELETE FROM dropped_files WHERE path = ?", [(p,) for p in due])
                self._forget_writers(db, {p.split("/")[1] for p in due if p.startswith("spool/")})
        if orphans:
            self._sweep_orphans(limit)

    def _merge(self, parts: list[Part], *, sort: bool = True) -> int:
        import duckdb

        kind, day = parts[0].kind, max(part.max_time for part in parts) // DAY_NS
        try:
            draft = self.engine.merge(kind, [part.path for part in parts], day, sort=sort)
        except duckdb.Error as error:
            # One of them is broken: leave that one as it is, `store info` names it.
            sound = [part for part in parts if self.engine.readable(part.path)]
            if len(sound) == len(parts):
                raise disk_trouble(error) from error
            if len(sound) < 2:
                return 0
            parts = sound
            draft = self.engine.merge(kind, [part.path for part in parts], day, sort=sort)
        self._replace(parts, draft)
        return len(parts)

    def _cut(self, part: Part, older_than: int) -> int:
        """A part without its rows before `older_than`; spans removed."""
        draft = None
        if part.max_time >= older_than:
            where = f"{TIME_OF[part.kind]} >= {int(older_than)}"
            draft = self.engine.merge(part.kind, [part.path], part.max_time // DAY_NS, where)
        self._replace([part], draft)
        if part.kind != "span":
            return 0
        return part.row_count - (draft.row_count if draft else 0)

    def _write_words(self, part: Part) -> None:
        import duckdb

        try:
            size = self.engine.write_words(part.path)
        except (duckdb.IOException, duckdb.InvalidInputException):
            return  # a broken part: `store info` names it
        with self.manifest.write() as db:
            m.grown(db, part, size)

    def _replace(self, parts: Iterable[Part], draft: PartDraft | None) -> None:
        now = self.now()
        with self.manifest.write() as db:
            for part in parts:
                m.drop_part(db, part, now)
            if draft is not None:
                m.add_part(db, draft, now)

    def _forget_writers(self, db: sqlite3.Connection, writers: set[str]) -> None:
        """A writer that is gone, with nothing left to read, leaves the manifest and the disk."""
        for writer in writers:
            folder = self.manifest.home / "spool" / writer
            if writer_alive(folder) or any(folder.glob("*.jsonl")):
                continue
            (folder / LOCK_NAME).unlink(missing_ok=True)
            try:
                folder.rmdir()
            except OSError:
                continue  # somebody keeps something of theirs in it
            db.execute("DELETE FROM spool_ranges WHERE writer = ?", (writer,))

    def _sweep_orphans(self, limit: int) -> None:
        with self.manifest.read() as db:
            known = {path for part in m.parts(db) for path in (part.path, part.summary, part.words)}
            known |= {
                row[0].removeprefix("lake/") for row in db.execute("SELECT path FROM dropped_files")
            }
        # A writer that died before it wrote anything has left a folder with a lock in it.
        spool = self.manifest.home / "spool"
        empty = {f.name for f in spool.glob("*/") if f.stat().st_mtime_ns < limit}
        with self.manifest.write() as db:
            self._forget_writers(db, empty)
        lake = self.manifest.lake
        for file in lake.rglob("*.parquet"):
            if str(file.relative_to(lake)) not in known and file.stat().st_mtime_ns < limit:
                file.unlink(missing_ok=True)
        for folder in sorted(lake.rglob("*"), reverse=True):
            if (
                folder.is_dir()
                and not folder.name.startswith("tmp")
                and not any(os.scandir(folder))
            ):
                _remove_if_empty(folder)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # filled again meanwhile


def groups(parts: Iterable[Part]) -> list[list[Part]]:
    """Parts that may be merged with each other: of a kind and a day, in time order."""
    found: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        found.setdefault((part.kind, part.day), []).append(part)
    return list(found.values())


def _bins(parts: list[Part]) -> list[list[Part]]:
    """Neighbours in time, up to `PART_ROWS` together."""
    bins: list[list[Part]] = []
    rows = PART_ROWS
    for part in parts:
        if rows + part.row_count > PART_ROWS:
            bins.append([])
            rows = 0
        bins[-1].append(part)
        rows += part.row_count
    return bins


def tier(rows: int) -> int:
    """Parts of one tier differ in size by less than `TIER` times."""
    found = 0
    while rows >= TIER:
        rows //= TIER
        found += 1
    return found
