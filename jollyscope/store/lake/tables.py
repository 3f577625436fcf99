"""The tables and views of one view of the lake, defined in its in-memory engine."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence, Set
from pathlib import Path
from typing import NamedTuple

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode
from jollyscope.store.api import Needle
from jollyscope.store.lake import annotations
from jollyscope.store.lake.batch import Batch
from jollyscope.store.lake.engine import (
    TABLE_OF,
    json_source,
    lines_file,
    longest,
    path_list,
    unreadable_lines,
)
from jollyscope.store.lake.manifest import Part, sql_text
from jollyscope.store.lake.session import Session
from jollyscope.store.lake.snapshot import Snapshot
from jollyscope.store.lake.words import without

__all__ = ["NAMES", "RANGE", "Rows", "Tables", "named"]

RANGE = "part_range"
"""The schema of what `Tables.narrow` defines."""

VIEWS = frozenset(
    {
        "ads_sessions", "ads_tools", "ads_models", "ads_users", "ads_errors", "dws_minutes",
        "ads_pipeline",
    }
)  # fmt: skip
NAMES = frozenset(
    {*TABLE_OF.values(), "dwd_open_spans", "dws_spans", "ads_traces", annotations.NAME, *VIEWS}
)
"""What `docs/schema.md` documents."""

_KIND_OF = {table: kind for kind, table in TABLE_OF.items()}
_WORD = re.compile(r"[a-z_]+")


class Rows(NamedTuple):
    """Which rows of spans matter to a statement: see `store.api.Reader.query`."""

    since: int | None = None
    until: int | None = None
    needles: tuple[Needle, ...] = ()

    def near(self, part: Part) -> bool:
        """Whether a part has spans that start in that time."""
        return (self.since is None or part.max_time >= self.since) and (
            self.until is None or part.min_time < self.until
        )


class Tables:
    """`dwd_*`, `ads_*` and `dws_*` over the parts of a snapshot and its tail, each defined when a
    statement names it first.
    """

    def __init__(
        self,
        session: Session,
        snapshot: Snapshot,
        lake: Path,
        broken: Collection[str],
        superseded: Sequence[tuple[str, str]],
        running: Sequence[SpanRecord],
    ) -> None:
        """`superseded` are spans of the parts that the tail knows better, `running` the open ones."""
        self._session = session
        self._con = session.con
        self._snapshot = snapshot
        self._lake = lake
        self._broken = broken
        self._running = running
        self._not_superseded = ""
        self._ready: set[str] = set()
        self._set_superseded(superseded)
        # At once, since that may find lines that are no records.
        for tail in snapshot.tail.values():
            if tail.keys:
                self._fill_tail(tail)

    def ensure(self, names: Iterable[str]) -> None:
        """Define these, and what they are made of, for the snapshot."""
        for name in names:
            if name in self._ready:
                continue
            if name == "dwd_open_spans":
                self._fill(name, "span", [encode(record) for record in self._running])
            elif name == "ads_traces":
                self.ensure(["dwd_open_spans"])
                self._define_traces(self._parts("span"), self._snapshot.moving)
            elif name == annotations.NAME:
                annotations.define(self._session, self._lake)
            elif name in VIEWS:
                text = sql_text(name)
                self.ensure(named(text) - {name})
                self._define(name, text)
            elif name == "dws_spans":
                self.ensure(["dwd_spans", "dwd_open_spans"])
                self._find_repeats()
                self._define(name, self._spans_once("dwd_spans"))
            else:
                self._view(name, self._sources(_KIND_OF[name]))
            self._ready.add(name)

    def narrow(self, names: Set[str], rows: Rows) -> bool:
        """Define `dwd_spans`, `dws_spans` and `ads_traces`, if they are among `names`, once more in
        the schema `RANGE`, over no more parts than hold such rows. False where that is all of them.

        A trace's row starts with its earliest span, so that it stands with the same parts; its own
        texts are not what `rows.needles` speak of.
        """
        held = self._parts("span")
        near = [part for part in held if rows.near(part)]
        spoken = not names.isdisjoint(("dwd_spans", "dws_spans"))
        parts = self._with_words(near, rows.needles) if spoken else near
        if len(parts) == len(held):
            return False
        self.ensure(["dwd_open_spans"])
        self._session.define(RANGE, f"CREATE SCHEMA IF NOT EXISTS {RANGE}")
        if spoken:
            spans = self._from_parts("span", parts)
            tail = self._snapshot.tail.get("span")
            if tail is not None and tail.keys:
                spans.append("SELECT * FROM tail_span")
            self._view(f"{RANGE}.dwd_spans", spans or ["SELECT * FROM dwd_open_spans LIMIT 0"])
        if "dws_spans" in names:
            self.ensure(["dws_spans"])
            self._define(f"{RANGE}.dws_spans", self._spans_once(f"{RANGE}.dwd_spans"))
        if "ads_traces" in names:
            self._define_traces(near, self._snapshot.moving_in(near), f"{RANGE}.")
        return True

    def _with_words(self, parts: list[Part], needles: Sequence[Needle]) -> list[Part]:
        """The parts that may have a row with all of these."""
        if not needles:
            return parts
        import duckdb

        try:
            absent = without(self._con, self._lake, parts, needles)
        except (duckdb.IOException, duckdb.InvalidInputException):
            return parts  # the words cannot be read, or went with their part
        return [part for part in parts if part.path not in absent]

    def _define(self, name: str, text: str) -> None:
        """A view by its SQL file's text."""
        bare = name.rpartition(".")[2]
        text = text.replace(f"CREATE VIEW {bare}", f"CREATE OR REPLACE VIEW {name}", 1)
        self._session.define(name, text)

    def _find_repeats(self) -> None:
        """Fill `repeats`: the calls of all traces that stand within a span of the same call."""
        if self._snapshot.moving:
            self._session.forget("repeats")
        rows = self._trace_rows(self._parts("span"), self._snapshot.moving)
        self._session.define(
            "repeats",
            "CREATE OR REPLACE TEMP TABLE repeats AS SELECT trace_id, r.span_id, r.said FROM "
            f"(SELECT trace_id, unnest(repeats) AS r FROM ({rows}) WHERE repeats IS NOT NULL)",
        )

    def _spans_once(self, table: str) -> str:
        """`dws_spans` of a table of spans.

        Where no call was recorded twice, as in most stores, it is as fast as the table; a join takes
        0.5 s more at ten million spans, with three million of them inner ones 4 s.
        """
        said = "SELECT column_type FROM (DESCRIBE repeats) WHERE column_name = 'said'"
        count, type_ = self._con.execute(f"SELECT count(*), ({said}) FROM repeats").fetchall()[0]
        spans = f"(SELECT *, NULL::{type_} AS said FROM {table})"
        if count:
            spans = (
                f"(SELECT s.*, r.said FROM {table} AS s LEFT JOIN repeats AS r "
                "ON r.trace_id = s.trace_id AND r.span_id = s.span_id)"
            )
        return sql_text("dws_spans").replace("{spans}", spans)

    def _view(self, name: str, sources: Sequence[str]) -> None:
        self._session.define(
            name, f"CREATE OR REPLACE VIEW {name} AS {' UNION ALL '.join(sources)}"
        )

    def _set_superseded(self, pairs: Sequence[tuple[str, str]]) -> None:
        if not pairs:
            return
        self._con.execute(
            "CREATE OR REPLACE TEMP TABLE superseded (trace_id VARCHAR, span_id VARCHAR)"
        )
        self._con.executemany("INSERT INTO superseded VALUES (?, ?)", [list(p) for p in pairs])
        self._not_superseded = "(trace_id, span_id) NOT IN (FROM superseded)"

    def _parts(self, kind: str) -> list[Part]:
        return [p for p in self._snapshot.parts if p.kind == kind and p.path not in self._broken]

    def _files(self, parts: Sequence[Part]) -> str:
        return path_list([self._lake / part.path for part in parts])

    def _sources(self, kind: str) -> list[str]:
        """What a kind's table is made of: the parts, and the tail where it has any."""
        parts = self._parts(kind)
        sources = self._from_parts(kind, parts)
        tail = self._snapshot.tail.get(kind)
        if tail is not None and tail.keys:
            sources.append(f"SELECT * FROM tail_{kind}{self._known_others(tail, parts)}")
        elif not parts:
            self._fill(f"tail_{kind}", kind, [])
            sources.append(f"SELECT * FROM tail_{kind}")
        return sources

    def _from_parts(self, kind: str, parts: Sequence[Part]) -> list[str]:
        """Nothing, or one statement that reads these parts."""
        if not parts:
            return []
        source = f"SELECT * FROM read_parquet({self._files(parts)})"
        if kind == "span" and self._not_superseded:
            source += f" WHERE {self._not_superseded}"
        return [source]

    def _known_others(self, tail: Batch, parts: Sequence[Part]) -> str:
        """Leaves out metrics and events of the tail that the parts have. (Spans are settled before.)"""
        first, last = min(tail.times), max(tail.times)
        near = [part for part in parts if part.min_time <= last and part.max_time >= first]
        if tail.kind == "span" or not near:
            return ""
        return (
            f" WHERE record_id NOT IN (SELECT record_id FROM read_parquet({self._files(near)}) "
            f"WHERE time BETWEEN {first} AND {last})"
        )

    def _fill_tail(self, tail: Batch) -> None:
        import duckdb

        table, kind = f"tail_{tail.kind}", tail.kind
        try:
            self._fill(table, kind, [tail.text().removesuffix(b"\n")])
        except (duckdb.InterruptException, duckdb.OutOfMemoryException):
            raise
        except duckdb.Error:
            # A line that is a record to the wire's rules and not to the engine's (a field that
            # stands in it twice): the others are read without it, as the loader does.
            tail.refuse(unreadable_lines(self._con, kind, tail.lines_apart()))
            self._fill(table, kind, [tail.text().removesuffix(b"\n")] if tail.keys else [])

    def _fill(self, table: str, kind: str, lines: list[bytes]) -> None:
        """A temporary table of JSON lines."""
        empty = sql_text(TABLE_OF[kind]).replace(
            f"CREATE TABLE {TABLE_OF[kind]}", f"CREATE OR REPLACE TEMP TABLE {table}"
        )
        self._session.define(table, empty)
        if not lines:
            return
        self._session.forget(table)
        text = b"\n".join(lines) + b"\n"
        with lines_file(text) as path:
            source = json_source(kind, longest(text))
            self._con.execute(f"INSERT INTO {table} FROM {source}", [path])

    def _define_traces(self, parts: Sequence[Part], moving: set[str], schema: str = "") -> None:
        """`ads_traces` of some parts: ready rows of traces that lie whole in one part, and rows made
        now for the few that do not, or that are still being written (`moving`).
        """
        if schema and not parts and not moving:
            self.ensure(["ads_traces"])
            self._view(f"{schema}ads_traces", ["SELECT * FROM main.ads_traces LIMIT 0"])
            return
        rows = self._trace_rows(parts, moving, schema)
        self._view(f"{schema}ads_traces", [f"SELECT * EXCLUDE (repeats) FROM ({rows})"])

    def _trace_rows(self, parts: Sequence[Part], moving: set[str], schema: str = "") -> str:
        summaries = path_list([self._lake / p.summary for p in parts if p.summary])
        ready = f"SELECT * FROM read_parquet({summaries})" if summaries != "[]" else ""
        if ready and not self._snapshot.moving:
            return ready
        self._name_traces("moving", self._snapshot.moving)
        if schema and moving:
            self._name_traces("moving_near", moving)
        sources: list[str] = []
        if ready:
            sources.append(f"{ready} WHERE trace_id NOT IN (FROM moving)")
        if moving or not ready:
            spans = self._moving_spans(moving, "moving_near" if moving and schema else "moving")
            # Read once, though the statement speaks of it twice.
            sources.append(
                f"SELECT * FROM (WITH moved AS MATERIALIZED ({spans}) SELECT * FROM "
                f"({sql_text('trace_summary').replace('{spans}', 'moved')}))"
            )
        return " UNION ALL ".join(sources)

    def _name_traces(self, table: str, trace_ids: set[str]) -> None:
        self._session.define(
            table,
            f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT unnest(?::VARCHAR[]) AS trace_id",
            (sorted(trace_ids),),
        )

    def _moving_spans(self, moving: set[str], table: str) -> str:
        """Every span of some moving traces, read from no more files than hold them."""
        among = f"WHERE trace_id IN (FROM {table})"
        spans = f"SELECT * FROM dwd_open_spans {among}"
        tail = self._snapshot.tail.get("span")
        if tail is not None and tail.keys:
            spans += f" UNION ALL SELECT * FROM tail_span {among}"
        held = [p for p in self._snapshot.holding(moving) if p.path not in self._broken]
        if held:
            spans += f" UNION ALL SELECT * FROM read_parquet({self._files(held)}) {among}"
            if self._not_superseded:
                spans += f" AND {self._not_superseded}"
        return spans


def named(sql: str) -> frozenset[str]:
    """Which of `NAMES` a statement speaks of, or may."""
    words = _WORD.findall(sql.lower())
    return NAMES if "information_schema" in words else NAMES.intersection(words)
