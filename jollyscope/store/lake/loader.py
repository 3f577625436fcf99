"""From spool to parts. A crash at any point neither loses nor doubles a record.

A batch is written as new Parquet files first; then one SQLite transaction records them together
with the spool ranges they came from. Before that transaction the files mean nothing (and are swept
up later); after it the ranges are done.
"""

from __future__ import annotations

import sys
import time
from base64 import b64encode
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, get_args

import msgspec

from jollyscope.errors import StoreError
from jollyscope.model.records import RecordKind, SpanRecord
from jollyscope.model.wire import LineReader, encode
from jollyscope.store.lake import manifest as m
from jollyscope.store.lake.batch import Batch, Key, Piece, Refused, pending, pieces, settle
from jollyscope.store.lake.engine import DAY_NS
from jollyscope.store.lake.manifest import Manifest, Part, PartDraft
from jollyscope.store.lake.parts import Engine, disk_trouble
from jollyscope.store.lake.snapshot import started
from jollyscope.transport.spool import Segment, segments, spool_dir, writer_alive

__all__ = ["CHUNK", "Loader", "interrupted", "last_heard"]

CHUNK = 64 << 20
"""Bytes of spool made into one part: 50,000 spans, about 300 MB of memory on the way."""

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""


class Loader:
    """One pass over what waits in the spool. Hold the load lock around it."""

    def __init__(
        self,
        manifest: Manifest,
        engine: Engine,
        now: Callable[[], int] = time.time_ns,
        chunk: int = CHUNK,
    ) -> None:
        self.manifest = manifest
        self.engine = engine
        self.now = now
        self.chunk = chunk
        self.spool = spool_dir(manifest.home)

    def run(self, progress: Progress | None = None) -> int:
        """Load everything that waits; records moved."""
        if self.manifest.exists():
            with self.manifest.read() as db:
                done = m.loaded_ranges(db)
        else:
            done = {}
        waiting = pending(self.spool, done)
        if waiting and not self.manifest.exists():
            with self.manifest.write():
                pass  # parts without a manifest are of one that was lost
        total = sum(segment.size - start for segment, start in waiting)
        moved = finished = 0
        for batch in self._batches(waiting):
            moved += self._commit(batch)
            finished += sum(len(piece.data) + piece.torn for piece in batch.pieces)
            if progress is not None:
                progress(finished, total)
        if waiting or self.manifest.exists():
            moved += self._settle_interrupted()
            self._retire_segments()
        return moved

    def _batches(self, waiting: list[tuple[Segment, int]]) -> Iterator[Batch]:
        """Batches in order, the next one decoded while the engine writes the one before."""
        with (
            _quick_turns(),
            ThreadPoolExecutor(1, thread_name_prefix="jollyscope-load") as pool,
        ):
            upcoming = None
            for kind, chunk in _chunks(waiting, self.chunk):
                following = pool.submit(settle, LineReader[Any](kind), chunk)
                if upcoming is not None:
                    yield upcoming.result()
                upcoming = following
            if upcoming is not None:
                yield upcoming.result()

    def _commit(self, batch: Batch) -> int:
        superseded: dict[str, set[Key]] = {}
        if batch.kind == "span":
            superseded = self._drop_known_spans(batch)
        else:
            self._drop_known_others(batch)
        drafts = self._write(batch)
        if batch.refused:
            drafts += self._write_refused(batch.refused)
        rewrites = [self._without(path, keys) for path, keys in superseded.items()]
        now = self.now()
        with self.manifest.write() as db:
            for old, draft in rewrites:
                m.drop_part(db, old, now)
                if draft is not None:
                    m.add_part(db, draft, now)
            for draft in drafts:
                m.add_part(db, draft, now)
            _record_ranges(db, batch.pieces)
            if batch.kind == "span":
                _record_open(db, batch)
        return len(batch.keys)

    def _write(self, batch: Batch) -> list[PartDraft]:
        import duckdb

        if not batch.keys:
            return []
        try:
            return self.engine.write_lines(batch.kind, batch.text(), batch.times)
        except duckdb.IOException as error:
            raise disk_trouble(error) from error
        except duckdb.Error as whole_error:
            # A line that passed validation and that the engine cannot read: find which.
            refused = self.engine.unreadable_lines(batch.kind, batch.lines_apart())
            if not refused:
                raise disk_trouble(whole_error) from whole_error
            batch.refuse(refused)
            if not batch.keys:
                return []
            return self.engine.write_lines(batch.kind, batch.text(), batch.times)

    def _write_refused(self, refused: list[Refused]) -> list[PartDraft]:
        now = self.now()
        rows = [
            {
                "kind": r.segment.kind,
                "time": now,
                "segment": f"{r.segment.writer}/{r.segment.path.name}",
                "position": r.position,
                "reason": r.reason,
                "line": b64encode(r.line).decode(),
            }
            for r in refused
        ]
        text = msgspec.json.Encoder().encode_lines(rows)
        return self.engine.write_lines("dead_letter", text, [now] * len(rows))

    def _drop_known_spans(self, batch: Batch) -> dict[str, set[Key]]:
        """Take out of the batch what the parts have. What they have only as interrupted is let
        through, and returned by part: those rows have to go.
        """
        with self._reading() as db:
            by_part = m.parts_of_traces(db, batch.trace_ids) if db else {}
            paths = {part.id: part for part in m.parts(db, "span")} if by_part and db else {}
        if not by_part:
            return {}
        wanted = sorted({trace_id for held in by_part.values() for trace_id in held})
        known: dict[Key, tuple[str, str]] = {}
        for trace_id, span_id, state, path in self._keys([paths[i] for i in by_part], wanted):
            known[trace_id, span_id] = (state, path)
        superseded: dict[str, set[Key]] = {}
        for key in batch.keys:
            state, path = known.get(key, ("", ""))
            if state == "interrupted":
                superseded.setdefault(path, set()).add(key)
                del known[key]
        for key in [key for key in batch.opened if key in known]:
            del batch.opened[key]
        batch.drop(known.keys() & set(batch.keys))
        return superseded

    def _keys(self, held: list[Part], trace_ids: list[str]) -> list[tuple[str, str, str, str]]:
        import duckdb

        try:
            return self.engine.keys([part.path for part in held], trace_ids)
        except duckdb.Error:
            # A broken part cannot say what it holds: ask the others.
            sound = [part.path for part in held if self.engine.readable(part.path)]
            return self.engine.keys(sound, trace_ids) if sound else []

    def _drop_known_others(self, batch: Batch) -> None:
        if not batch.keys:
            return
        first, last = min(batch.times), max(batch.times)
        with self._reading() as db:
            near = [
                part.path
                for part in (m.parts(db, batch.kind) if db else [])
                if part.min_time <= last and part.max_time >= first
            ]
        import duckdb

        if near:
            try:
                known = self.engine.record_ids(near, first, last)
            except duckdb.Error:
                near = [path for path in near if self.engine.readable(path)]
                known = self.engine.record_ids(near, first, last) if near else set[str]()
            batch.drop({("", record_id) for record_id in known})

    def _reading(self) -> Any:
        return self.manifest.read() if self.manifest.exists() else nullcontext(None)

    def _without(self, path: str, keys: set[Key]) -> tuple[Part, PartDraft | None]:
        """A part written anew without some spans."""
        with self.manifest.read() as db:
            old = next(part for part in m.parts(db, "span") if part.path == path)
        gone = ", ".join(f"('{trace_id}', '{span_id}')" for trace_id, span_id in sorted(keys))
        where = f"(trace_id, span_id) NOT IN ({gone})"
        if old.row_count == len(keys):
            return old, None
        return old, self.engine.merge("span", [path], old.max_time // DAY_NS, where)

    def _settle_interrupted(self) -> int:
        """Open spans whose writer is gone, and wholly read, become interrupted for good."""
        with self.manifest.read() as db:
            rows = db.execute("SELECT trace_id, span_id, writer, record FROM open_spans").fetchall()
            done = m.loaded_ranges(db)
        dead: dict[str, int | None] = {}
        unread = {
            s.writer
            for s in (segments(self.spool) if rows else ())
            if s.kind == "span" and done.get((s.writer, s.kind, s.number), 0) < s.size
        }
        for writer in {row[2] for row in rows} - unread:
            if not writer_alive(self.spool / writer):
                dead[writer] = last_heard(self.spool / writer)
        records = [
            interrupted(started(self.manifest, row[3]), dead[row[2]])
            for row in rows
            if row[2] in dead
        ]
        if not records:
            return 0
        text = b"".join(encode(record) + b"\n" for record in records)
        drafts = self.engine.write_lines("span", text, [r.start_time for r in records])
        with self.manifest.write() as db:
            for draft in drafts:
                m.add_part(db, draft, self.now())
            db.executemany(
                "DELETE FROM open_spans WHERE trace_id = ? AND span_id = ?",
                [(row[0], row[1]) for row in rows if row[2] in dead],
            )
        return len(records)

    def _retire_segments(self) -> None:
        """Segments read to their end, and never to grow, are deleted after the grace period."""
        with self.manifest.read() as db:
            done = m.loaded_ranges(db)
            dropped = {row[0] for row in db.execute("SELECT path FROM dropped_files")}
        newest: dict[tuple[str, str], int] = {}
        found = list(segments(self.spool))
        for segment in found:
            key = (segment.writer, segment.kind)
            newest[key] = max(newest.get(key, 0), segment.number)
        alive = {name: writer_alive(self.spool / name) for name in {s.writer for s in found}}
        retired = [
            str(segment.path.relative_to(self.manifest.home))
            for segment in found
            if done.get((segment.writer, segment.kind, segment.number), 0) >= segment.size
            and (not alive[segment.writer] or segment.number < newest[segment.writer, segment.kind])
        ]
        fresh = [path for path in retired if path not in dropped]
        if fresh:
            with self.manifest.write() as db:
                for path in fresh:
                    m.drop_file(db, path, self.now())


@contextmanager
def _quick_turns() -> Generator[None]:
    """Threads take turns every half millisecond instead of every five.

    Each call into the engine lets go of the interpreter lock and has to get it back from the thread
    that decodes; a tenth of a load was spent waiting for that.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, 0.0005))
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def interrupted(record: SpanRecord, heard: int | None) -> SpanRecord:
    """An open span whose writer is gone, ended when it was last heard of (Unix ns)."""
    end = max(record.start_time, heard or record.start_time)
    return msgspec.structs.replace(
        record,
        state="interrupted",
        end_time=end,
        duration_ms=(end - record.start_time) / 1e6,
    )


def last_heard(folder: Path) -> int | None:
    """When a writer last wrote anything, Unix ns; None when its files are gone."""
    try:
        return max((f.stat().st_mtime_ns for f in folder.glob("*.jsonl")), default=None)
    except OSError:
        return None


def _chunks(
    waiting: list[tuple[Segment, int]], limit: int
) -> Iterator[tuple[RecordKind, list[Piece]]]:
    """Pieces of one kind gathered up to `limit` bytes."""
    for kind in get_args(RecordKind):
        gathered: list[Piece] = []
        size = 0
        mine = [(segment, start) for segment, start in waiting if segment.kind == kind]
        for piece in pieces(mine, limit=limit):
            if gathered and size + len(piece.data) > limit:
                yield kind, gathered
                gathered, size = [], 0
            gathered.append(piece)
            size += len(piece.data)
        if gathered:
            yield kind, gathered


def _record_ranges(db: Any, done: list[Piece]) -> None:
    for piece in done:
        segment = piece.segment
        key = (segment.writer, segment.kind, segment.number)
        row = db.execute(
            "SELECT loaded + torn FROM spool_ranges WHERE writer = ? AND kind = ? AND number = ?",
            key,
        ).fetchone()
        if (row[0] if row else 0) != piece.start:
            raise StoreError(
                f"Spool segment {segment.path} was loaded by another process meanwhile.",
                hint="Nothing is lost; run the command again.",
            )
        db.execute(
            "INSERT INTO spool_ranges VALUES (?1, ?2, ?3, ?4, ?5) "
            "ON CONFLICT DO UPDATE SET loaded = loaded + ?4, torn = torn + ?5",
            (*key, len(piece.data), piece.torn),
        )


def _record_open(db: Any, batch: Batch) -> None:
    if db.execute("SELECT EXISTS (SELECT 1 FROM open_spans)").fetchone()[0]:
        db.executemany(
            "DELETE FROM open_spans WHERE trace_id = ? AND span_id = ?",
            batch.keys,
        )
    db.executemany(
        "INSERT OR IGNORE INTO open_spans VALUES (?, ?, ?, ?)",
        ((*key, opened.writer, opened.line) for key, opened in batch.opened.items()),
    )
