"""The engines that a filter is compiled for, filled with the same records, and asked."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import duckdb
import msgspec

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode
from jollyscope.query.filter import CLICKHOUSE, DUCKDB, Query, Target
from jollyscope.store.lake.annotations import by_column
from jollyscope.store.lake.engine import columns, connect, json_source, lines_file
from jollyscope.store.lake.manifest import sql_text
from jollyscope.store.state import Annotation
from tests.clickhouse import client

SOURCE = {
    "traces": ("trace_id", "ads_traces"),
    "spans": (
        "span_id",
        "(SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans) AS spans",
    ),
    "sessions": ("session_id", "ads_sessions"),
}
SPAN_TABLES = ("dwd_spans", "dwd_open_spans")


class Duck:
    """Plain tables with the lake's own definitions; `ads_traces` made by the lake's own SQL."""

    dialect = DUCKDB

    def __init__(self) -> None:
        self.con: duckdb.DuckDBPyConnection = connect(512)
        for table in SPAN_TABLES:
            self.con.execute(sql_text("dwd_spans").replace("dwd_spans", table))

    def fill(self, records: list[SpanRecord], annotations: Sequence[Annotation] = ()) -> None:
        self.con.execute(sql_text("ads_annotations"), list(by_column(annotations)))
        for table, found in _apart(records).items():
            self.con.execute(f"DELETE FROM {table}")
            with lines_file(b"".join(encode(r) + b"\n" for r in found)) as path:
                if found:
                    self.con.execute(f"INSERT INTO {table} FROM {json_source('span')}", [path])
        spans = "(SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans)"
        made = sql_text("trace_summary").replace("{spans}", spans)
        # As the lake's view has it: what a trace repeats is the lake's own matter.
        self.con.execute(
            f"CREATE OR REPLACE TABLE ads_traces AS SELECT * EXCLUDE (repeats) FROM ({made})"
        )
        made = sql_text("ads_sessions").replace("CREATE VIEW ads_sessions AS", "")
        self.con.execute(f"CREATE OR REPLACE TABLE ads_sessions AS {made}")

    def rows(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        return self.con.execute(sql, list(values)).fetchall()


class Click:
    """ClickHouse's engine within this process. The sums come from the lake: its own views are another
    test's.
    """

    dialect = CLICKHOUSE

    def __init__(self) -> None:
        self.client = client("filter")
        for table in SPAN_TABLES:
            self._create(table, list(columns("span")))
        self.made: set[str] = set()

    def _create(self, table: str, of: list[tuple[str, str]]) -> None:
        fields = ", ".join(f"{name} {_TYPES[type_]}" for name, type_ in of)
        self.client.command(f"CREATE TABLE {table} ({fields}) ENGINE = Memory")

    def fill(self, records: list[SpanRecord], duck: Duck) -> None:
        for table, found in _apart(records).items():
            self._insert(table, [_row(record) for record in found])
        for table in ("ads_traces", "ads_sessions", "ads_annotations"):
            of = [(name, str(type_)) for name, type_, *_ in duck.rows(f"DESCRIBE {table}")]
            if table not in self.made:
                self._create(table, of)
                self.made.add(table)
            rows = duck.rows(f"SELECT * FROM {table}")
            self._insert(table, [dict(zip([n for n, _ in of], row, strict=True)) for row in rows])

    def _insert(self, table: str, rows: list[dict[str, Any]]) -> None:
        self.client.command(f"TRUNCATE TABLE {table}")
        if rows:
            lines = b"\n".join(msgspec.json.encode(row) for row in rows)
            self.client.raw_insert(table, insert_block=lines, fmt="JSONEachRow")

    def rows(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        text, bound = named(sql, values)
        return [tuple(row) for row in self.client.query(text, parameters=bound).result_rows]


_TYPES = {
    "INTEGER": "Nullable(Int32)",
    "BIGINT": "Nullable(Int64)",
    "DOUBLE": "Nullable(Float64)",
    "VARCHAR": "Nullable(String)",
    "JSON": "String",
    "VARCHAR[]": "Array(String)",
}


def named(sql: str, values: Any) -> tuple[str, dict[str, Any]]:
    """Marks as ClickHouse has them, bound by the server, typed as the dialect says."""
    types = {str: "String", int: "Int64", float: "Float64"}
    number = itertools.count()
    parts = sql.split("?")
    assert len(parts) == len(values) + 1
    text = parts[0]
    for value, part in zip(values, parts[1:], strict=True):
        text += f"{{p{next(number)}:{types[type(value)]}}}{part}"
    return text, {f"p{n}": value for n, value in enumerate(values)}


def _apart(records: list[SpanRecord]) -> dict[str, list[SpanRecord]]:
    return {
        "dwd_spans": [r for r in records if r.state != "open"],
        "dwd_open_spans": [r for r in records if r.state == "open"],
    }


def _row(record: SpanRecord) -> dict[str, Any]:
    """A record with its nested fields as JSON text."""
    row = msgspec.structs.asdict(record)
    for name, type_ in columns("span"):
        if type_ == "JSON":
            row[name] = msgspec.json.encode(row[name]).decode()
    return row


def ask(engine: Duck | Click, query: Query, target: Target, now: int) -> list[str]:
    """Ids of the rows that match, ascending."""
    key, source = SOURCE[target]
    condition = query.compile(target, engine.dialect, now)
    found = engine.rows(f"SELECT {key} FROM {source} WHERE {condition.sql}", condition.parameters)
    return sorted(row[0] for row in found)
