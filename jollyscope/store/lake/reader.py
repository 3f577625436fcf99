"""One consistent view of the lake: parts as of now, and what still stands in the spool."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from jollyscope.errors import StoreError
from jollyscope.model.records import SpanEvent, SpanLink, SpanRecord
from jollyscope.model.tree import settle as settle_spans
from jollyscope.model.wire import decode, encode
from jollyscope.store.api import Table
from jollyscope.store.lake import manifest as m
from jollyscope.store.lake.engine import (
    TABLE_OF,
    connect,
    json_source,
    lines_file,
    longest,
    path_list,
)
from jollyscope.store.lake.loader import interrupted, last_heard
from jollyscope.store.lake.manifest import Manifest, Part, sql_text
from jollyscope.store.lake.snapshot import take
from jollyscope.transport.spool import spool_dir, writer_alive

__all__ = ["LakeReader"]

# In the order in which they build on each other.
_VIEWS = (
    "ads_sessions", "ads_tools", "ads_models", "ads_users", "ads_errors", "dws_minutes",
    "ads_pipeline",
)  # fmt: skip


T = TypeVar("T")


class LakeReader:
    """See `store.api.Reader`. Cheap to open: nothing is scanned before a query asks."""

    def __init__(self, manifest: Manifest, memory_mb: int) -> None:
        self.manifest = manifest
        self.notes: list[str] = []
        self._spool = spool_dir(manifest.home)
        self._broken: set[str] = set()
        self._defined = False
        self._snapshot = take(manifest)
        self._con = connect(memory_mb)
        self._superseded = self._drop_known()
        self._running = self._still_open()
        self._with_sound_parts(self._define)
        self._defined = True

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
        return self._with_sound_parts(lambda: self._run(sql, parameters))

    def spans(self, trace_id: str) -> list[SpanRecord]:
        """Every span of a trace, one record a span id, by start time."""
        found = self._with_sound_parts(lambda: self._spans_in_parts(trace_id))
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

    # -- settling what is not yet in the parts -------------------------------------------------

    def _drop_known(self) -> list[tuple[str, str]]:
        """Take out of the tail what the parts have already: written twice, seen once.

        Returns the spans that the parts have as interrupted and the tail as closed; there the
        tail is right.
        """
        tail = self._snapshot.tail.get("span")
        files = self._files_of(self._snapshot.holding(tail.trace_ids)) if tail else []
        if tail is None or not files:
            return []
        trace_ids = sorted(tail.trace_ids)
        rows = self._with_sound_parts(
            lambda: (
                self._run(
                    "SELECT trace_id, span_id, state FROM "
                    f"read_parquet({path_list(self._sound(files))}) "
                    "WHERE trace_id IN (SELECT unnest(?::VARCHAR[]))",
                    [trace_ids],
                ).rows
                if self._sound(files)
                else []
            )
        )
        closed = set(tail.keys)
        superseded = [(t, s) for t, s, state in rows if state == "interrupted" and (t, s) in closed]
        known = {(t, s) for t, s, _ in rows} - set(superseded)
        tail.drop(known)
        for key in known & tail.opened.keys():
            del tail.opened[key]
        return superseded

    def _not_superseded(self, kind: str = "span", word: str = "WHERE") -> str:
        if kind != "span" or not self._superseded:
            return ""
        return f" {word} (trace_id, span_id) NOT IN (FROM superseded)"

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
        self._con.execute(
            "CREATE OR REPLACE TEMP TABLE superseded (trace_id VARCHAR, span_id VARCHAR)"
        )
        for pair in self._superseded:
            self._con.execute("INSERT INTO superseded VALUES (?, ?)", pair)
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
        if tail is not None and tail.keys:
            self._fill(f"tail_{kind}", kind, [tail.text().removesuffix(b"\n")])
        elif not parts:
            self._fill(f"tail_{kind}", kind, [])
        sources: list[str] = []
        if parts:
            sources.append(f"SELECT * FROM read_parquet({files}){self._not_superseded(kind)}")
        if not parts or (tail is not None and tail.keys):
            sources.append(f"SELECT * FROM tail_{kind}")
        self._con.execute(f"CREATE OR REPLACE VIEW {table} AS {' UNION ALL '.join(sources)}")

    def _fill(self, table: str, kind: str, lines: list[bytes]) -> None:
        """A temporary table of JSON lines."""
        self._con.execute(
            sql_text(TABLE_OF[kind]).replace(
                f"CREATE TABLE {TABLE_OF[kind]}", f"CREATE OR REPLACE TEMP TABLE {table}"
            )
        )
        if not lines:
            return
        text = b"\n".join(lines) + b"\n"
        with lines_file(text) as path:
            source = json_source(kind, longest(text))
            self._con.execute(f"INSERT INTO {table} FROM {source}", [path])

    def _define_traces(self, parts: list[Part]) -> None:
        """`ads_traces`: ready rows of traces that lie whole in one part, and rows made now for the
        few that do not, or that are still being written.
        """
        tail = self._snapshot.tail.get("span")
        moving = self._snapshot.moving
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
        held = self._sound(self._files_of(self._snapshot.holding(moving)))
        if held:
            spans += (
                f" UNION ALL SELECT * FROM read_parquet({path_list(held)}) "
                f"WHERE trace_id IN (FROM moving){self._not_superseded(word='AND')}"
            )
        made = sql_text("trace_summary").replace("{spans}", spans + ")")
        if ready:
            ready += " WHERE trace_id NOT IN (FROM moving) UNION ALL "
        self._con.execute(f"CREATE OR REPLACE VIEW ads_traces AS {ready} SELECT * FROM ({made})")

    def _files_of(self, parts: Sequence[Part]) -> list[Path]:
        return [self.manifest.lake / part.path for part in parts]

    # -- reading ------------------------------------------------------------------------------

    def _run(self, sql: str, parameters: Sequence[Any]) -> Table:
        cursor = self._con.execute(sql, list(parameters))
        return Table([column[0] for column in cursor.description or []], cursor.fetchall())

    def _spans_in_parts(self, trace_id: str) -> list[SpanRecord]:
        held = self._files_of(self._snapshot.holding_now(self.manifest, trace_id))
        files = self._sound(held)
        if not files:
            return []
        table = self._run(
            f"SELECT * FROM read_parquet({path_list(files)}) WHERE trace_id = ?", [trace_id]
        )
        return [_record(dict(zip(table.columns, row, strict=True))) for row in table.rows]

    def _sound(self, files: Sequence[Path]) -> list[Path]:
        lake = self.manifest.lake
        return [file for file in files if str(file.relative_to(lake)) not in self._broken]

    def _with_sound_parts(self, ask: Callable[[], T]) -> T:
        """The answer, asked again without the parts that turn out to be broken."""
        import duckdb

        try:
            return ask()
        except duckdb.InterruptException:
            raise StoreError("The query was cancelled.") from None
        except duckdb.OutOfMemoryException:
            raise StoreError(
                "The query needs more memory than it may use.",
                hint="Narrow the time range, or raise `lake.memory_mb`.",
            ) from None
        except duckdb.Error as error:
            # A file that makes no sense is reported under many types; a faulty statement under these.
            mistaken = isinstance(
                error, duckdb.BinderException | duckdb.CatalogException | duckdb.ParserException
            )
            if mistaken or not self._find_broken():
                raise _bad_sql(error) from None
        try:
            return ask()
        except duckdb.Error as error:
            raise _bad_sql(error) from None

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
        if found and self._defined:
            self._define()
        return bool(found)


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
