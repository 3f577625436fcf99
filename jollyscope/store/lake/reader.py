"""One consistent view of the lake: parts as of now, and what still stands in the spool."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import msgspec

from jollyscope.errors import StoreError
from jollyscope.model.records import SpanEvent, SpanLink, SpanRecord
from jollyscope.model.tree import settle as settle_spans
from jollyscope.model.wire import LineReader, decode, encode
from jollyscope.store.api import Table
from jollyscope.store.lake import manifest as m
from jollyscope.store.lake.batch import Batch, Piece, pending, pieces, settle
from jollyscope.store.lake.engine import TABLE_OF, connect, json_source, longest, path_list
from jollyscope.store.lake.loader import interrupted, last_heard
from jollyscope.store.lake.manifest import Manifest, Part, sql_text
from jollyscope.transport.spool import spool_dir, writer_alive

__all__ = ["LakeReader"]

TAIL_BYTES = 256 << 20
"""Spool that a view takes in unloaded, while another process is busy loading it."""

# In the order in which they build on each other.
_VIEWS = (
    "ads_sessions", "ads_tools", "ads_models", "ads_users", "ads_errors", "dws_minutes",
    "ads_pipeline",
)  # fmt: skip


class _Snapshot(NamedTuple):
    parts: list[Part]
    split: list[str]
    opened: list[tuple[str, bytes]]
    tail: dict[str, Batch]
    skipped: int


class LakeReader:
    """See `store.api.Reader`. Cheap to open: nothing is scanned before a query asks."""

    def __init__(self, manifest: Manifest, memory_mb: int) -> None:
        self.manifest = manifest
        self.notes: list[str] = []
        self._spool = spool_dir(manifest.home)
        self._broken: set[str] = set()
        self._snapshot = self._take()
        self._con = connect(memory_mb)
        self._running = self._still_open()
        self._define()

    # -- asking ------------------------------------------------------------------------------

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> Table:
        """Run one read-only statement with `?` parameters. Raises `StoreError`."""
        import duckdb

        try:
            statements = self._con.extract_statements(sql)
        except duckdb.Error as error:
            raise _bad_sql(error) from None
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise StoreError("Only one SELECT at a time can be run here; the store is read-only.")
        try:
            return self._run(sql, parameters)
        except (duckdb.IOException, duckdb.InvalidInputException, duckdb.HTTPException) as error:
            if not self._find_broken():
                raise _bad_sql(error) from error
            return self._run(sql, parameters)
        except duckdb.InterruptException:
            raise StoreError("The query was cancelled.") from None
        except duckdb.OutOfMemoryException:
            raise StoreError(
                "The query needs more memory than it may use.",
                hint="Narrow the time range, or raise `lake.memory_mb`.",
            ) from None
        except duckdb.Error as error:
            raise _bad_sql(error) from error

    def spans(self, trace_id: str) -> list[SpanRecord]:
        """Every span of a trace, one record a span id, by start time."""
        import duckdb

        try:
            found = self._spans_in_parts(trace_id)
        except duckdb.Error as error:
            if not self._find_broken():
                raise _bad_sql(error) from error
            found = self._spans_in_parts(trace_id)
        tail = self._snapshot.tail.get("span")
        if tail is not None:
            tail.split()
            found += [
                decode(line) for line, key in zip(tail.lines, tail.keys, strict=True)
                if key[0] == trace_id
            ]  # fmt: skip
        found += [record for record in self._running if record.trace_id == trace_id]
        return sorted(settle_spans(found).values(), key=lambda s: (s.start_time, s.span_id))

    def find_traces(self, prefix: str, limit: int = 10) -> list[str]:
        """Trace ids that begin with `prefix`, ascending."""
        found: set[str] = set()
        if self.manifest.exists():
            with self.manifest.read() as db:
                found.update(m.find_traces(db, prefix, limit))
        tail = self._snapshot.tail.get("span")
        if tail is not None:
            found.update(trace_id for trace_id in tail.trace_ids if trace_id.startswith(prefix))
        return sorted(found)[:limit]

    def check(self) -> None:
        """Try every part's footer and leave out what is broken, with a note."""
        import duckdb

        names = [self.manifest.lake / p for part in self._snapshot.parts for p in (part.path,)]
        try:
            if names:
                self._con.execute(
                    f"SELECT count(*) FROM parquet_file_metadata({path_list(names)})"
                ).fetchall()
        except duckdb.Error:
            self._find_broken()

    def cancel(self) -> None:
        """Stop a running query, which then raises `StoreError`."""
        self._con.interrupt()

    def close(self) -> None:
        """Let go of the view."""
        self._con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    # -- taking the snapshot -----------------------------------------------------------------

    def _take(self) -> _Snapshot:
        """Manifest first, then the spool behind it. A segment that was loaded and deleted in
        between makes the two disagree: then once more.
        """
        for _ in range(5):
            parts: list[Part] = []
            split: list[str] = []
            opened: list[tuple[str, bytes]] = []
            done: dict[tuple[str, str, int], int] = {}
            if self.manifest.exists():
                with self.manifest.read() as db:
                    parts = m.parts(db)
                    split = [r[0] for r in db.execute("SELECT trace_id FROM split_traces")]
                    opened = db.execute("SELECT writer, record FROM open_spans").fetchall()
                    done = m.loaded_ranges(db)
            waiting = pending(self._spool, done)
            gathered, skipped = _gather(waiting)
            if all(segment.path.exists() for segment, _ in waiting):
                break
        else:
            raise StoreError("The spool keeps changing underneath.", hint="Try again.")
        tail = {
            kind: settle(LineReader[Any](kind), found)
            for kind in ("span", "metric", "event")
            if (found := [p for p in gathered if p.segment.kind == kind and p.data])
        }
        return _Snapshot(parts, split, opened, tail, skipped)

    def _still_open(self) -> list[SpanRecord]:
        """Started and not ended, as far as this view knows; interrupted where the writer is gone."""
        tail = self._snapshot.tail.get("span")
        records = {
            (record.trace_id, record.span_id): (writer, record)
            for writer, line in self._snapshot.opened
            for record in [decode(line)]
        }
        if tail is not None:
            for key, opened in tail.opened.items():
                records.setdefault(key, (opened.writer, decode(opened.line)))
            for key in tail.keys:
                records.pop(key, None)
        alive: dict[str, bool] = {}
        found: list[SpanRecord] = []
        for writer, record in records.values():
            if writer not in alive:
                alive[writer] = writer_alive(self._spool / writer)
            found.append(
                record if alive[writer] else interrupted(record, last_heard(self._spool / writer))
            )
        return found

    # -- the tables and views ----------------------------------------------------------------

    def _define(self) -> None:
        parts = [part for part in self._snapshot.parts if part.path not in self._broken]
        self._note()
        for kind, table in TABLE_OF.items():
            self._define_table(kind, table, [part for part in parts if part.kind == kind])
        self._fill("dwd_open_spans", "span", [encode(record) for record in self._running])
        self._define_traces([part for part in parts if part.kind == "span"])
        for name in _VIEWS:
            self._con.execute(sql_text(name).replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1))

    def _note(self) -> None:
        self.notes = [
            f"The part {self.manifest.lake / path} cannot be read; its records are missing here."
            for path in sorted(self._broken)
        ]
        refused = sum(len(batch.refused) for batch in self._snapshot.tail.values())
        if refused:
            self.notes.append(f"{refused} lines of the spool are no records and were left out.")
        if self._snapshot.skipped:
            self.notes.append(
                f"{self._snapshot.skipped >> 20} MB of the spool are still being loaded and are "
                "missing here."
            )

    def _define_table(self, kind: str, table: str, parts: list[Part]) -> None:
        files = path_list([self.manifest.lake / part.path for part in parts])
        tail = self._snapshot.tail.get(kind)
        if tail is not None and kind == "span":
            tail.drop(self._known(tail, parts))
        if tail is not None and tail.keys:
            self._fill(f"tail_{kind}", kind, [tail.text().removesuffix(b"\n")])
        elif not parts:
            self._fill(f"tail_{kind}", kind, [])
        sources: list[str] = []
        if parts:
            sources.append(f"SELECT * FROM read_parquet({files})")
        if not parts or (tail is not None and tail.keys):
            sources.append(f"SELECT * FROM tail_{kind}")
        self._con.execute(f"CREATE OR REPLACE VIEW {table} AS {' UNION ALL '.join(sources)}")

    def _known(self, tail: Batch, parts: list[Part]) -> set[tuple[str, str]]:
        """Spans of the tail that the parts have already: written twice, seen once."""
        if not parts or not tail.keys:
            return set()
        by_id = {part.id: part for part in parts}
        with self.manifest.read() as db:
            held = m.parts_of_traces(db, {key[0] for key in tail.keys})
        files = [self.manifest.lake / by_id[i].path for i in held if i in by_id]
        if not files:
            return set()
        return set(
            self._con.execute(
                f"SELECT trace_id, span_id FROM read_parquet({path_list(files)}) "
                "WHERE trace_id IN (SELECT unnest(?::VARCHAR[]))",
                [sorted({trace_id for some in held.values() for trace_id in some})],
            ).fetchall()
        )

    def _fill(self, table: str, kind: str, lines: list[bytes]) -> None:
        """A temporary table of JSON lines."""
        self._con.execute(
            sql_text(TABLE_OF[kind]).replace(
                f"CREATE TABLE {TABLE_OF[kind]}", f"CREATE OR REPLACE TEMP TABLE {table}"
            )
        )
        if not lines:
            return
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
            text = b"\n".join(lines) + b"\n"
            file.write(text)
            file.flush()
            source = json_source(kind, longest(text))
            self._con.execute(f"INSERT INTO {table} FROM {source}", [file.name])

    def _define_traces(self, parts: list[Part]) -> None:
        """`ads_traces`: ready rows of traces that lie whole in one part, and rows made now for the
        few that do not, or that are still being written.
        """
        tail = self._snapshot.tail.get("span")
        moving = set(self._snapshot.split) | {record.trace_id for record in self._running}
        if tail is not None:
            moving |= {key[0] for key in tail.keys}
        self._con.execute("CREATE OR REPLACE TEMP TABLE moving (trace_id VARCHAR)")
        ready = ""
        if parts:
            files = path_list([self.manifest.lake / p.summary for p in parts if p.summary])
            ready = f"SELECT * FROM read_parquet({files})"
        if not moving and ready:
            self._con.execute(f"CREATE OR REPLACE VIEW ads_traces AS {ready}")
            return
        self._con.execute("INSERT INTO moving SELECT unnest(?::VARCHAR[])", [sorted(moving)])
        spans = "(SELECT * FROM dwd_open_spans WHERE trace_id IN (FROM moving)"
        if (tail is not None and tail.keys) or not parts:
            spans += " UNION ALL SELECT * FROM tail_span"
        if held := self._holding(moving, parts):
            spans += (
                f" UNION ALL SELECT * FROM read_parquet({path_list(held)}) "
                "WHERE trace_id IN (FROM moving)"
            )
        made = sql_text("trace_summary").replace("{spans}", spans + ")")
        if ready:
            ready += " WHERE trace_id NOT IN (FROM moving) UNION ALL "
        self._con.execute(f"CREATE OR REPLACE VIEW ads_traces AS {ready} SELECT * FROM ({made})")

    def _holding(self, trace_ids: set[str], parts: list[Part]) -> list[Path]:
        """Files that hold any of these traces."""
        if not parts:
            return []
        with self.manifest.read() as db:
            held = m.parts_of_traces(db, trace_ids)
        return [self.manifest.lake / part.path for part in parts if part.id in held]

    # -- reading ------------------------------------------------------------------------------

    def _run(self, sql: str, parameters: Sequence[Any]) -> Table:
        cursor = self._con.execute(sql, list(parameters))
        return Table([column[0] for column in cursor.description or []], cursor.fetchall())

    def _spans_in_parts(self, trace_id: str) -> list[SpanRecord]:
        held = self._holding({trace_id}, [p for p in self._snapshot.parts if p.kind == "span"])
        files = [f for f in held if str(f.relative_to(self.manifest.lake)) not in self._broken]
        if not files:
            return []
        table = self._run(
            f"SELECT * FROM read_parquet({path_list(files)}) WHERE trace_id = ?", [trace_id]
        )
        return [_record(dict(zip(table.columns, row, strict=True))) for row in table.rows]

    def _find_broken(self) -> bool:
        """Look for parts that cannot be read; leave them out from now on. Whether there were any."""
        import duckdb

        found: set[str] = set()
        for part in self._snapshot.parts:
            if part.path in self._broken:
                continue
            files = [self.manifest.lake / path for path in (part.path, part.summary) if path]
            try:
                for file in files:
                    self._con.execute(
                        f"SELECT sum(hash(COLUMNS(*))) FROM read_parquet({path_list([file])})"
                    ).fetchall()
            except duckdb.Error:
                found.add(part.path)
        self._broken |= found
        if found:
            self._define()
        return bool(found)


def _gather(waiting: list[Any]) -> tuple[list[Piece], int]:
    """What waits, up to `TAIL_BYTES`, and how many bytes are left aside."""
    gathered: list[Piece] = []
    size = total = 0
    for segment, start in waiting:
        total += segment.size - start
    for piece in pieces(waiting, limit=TAIL_BYTES):
        if size + len(piece.data) > TAIL_BYTES:
            return gathered, total - size
        gathered.append(piece)
        size += len(piece.data)
    return gathered, 0


def _record(row: dict[str, Any]) -> SpanRecord:
    for name, empty in (("attributes", "{}"), ("resource", "{}"), ("scope", "{}")):
        row[name] = msgspec.json.decode(row[name] or empty)
    row["events"] = msgspec.json.decode(row["events"] or "[]", type=list[SpanEvent])
    row["links"] = msgspec.json.decode(row["links"] or "[]", type=list[SpanLink])
    for name in ("name", "kind", "step_type", "state", "status"):
        if row[name] is None:
            del row[name]
    return SpanRecord(**row)


def _bad_sql(error: Exception) -> StoreError:
    first = str(error).splitlines()[0].rstrip(".")
    return StoreError(f"The query failed: {first}.")
