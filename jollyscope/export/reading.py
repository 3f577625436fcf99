"""Tables read from a store, in constant memory: what a choice leaves of them, row by row."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from jollyscope.export.choice import Choice
from jollyscope.export.features import FEATURES_SQL, NEEDED
from jollyscope.export.messages import message_rows
from jollyscope.export.shape import base_of, select
from jollyscope.export.tables import SHEETS, Chunks, Column, Tables
from jollyscope.export.traces import given, heard, matching
from jollyscope.query.filter import Condition, Target, engine
from jollyscope.store.answer import Answer
from jollyscope.store.api import Reader
from jollyscope.store.state import State

__all__ = ["opened", "read_rows", "row_count", "tables"]

_SPANS = "(SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans) AS spans"
_SOURCE = {"executions": "ads_traces", "metrics": "dwd_metrics"}
_ONLY = {"tool_calls": "step_type = 'act'", "errors": "status = 'error'"}
_KEY = {
    "executions": "trace_id",
    "metrics": "record_id",
    "messages": "concat(trace_id, CAST(position + 1000000000 AS VARCHAR))",
}
_DUCKDB = {"text": "VARCHAR", "integer": "BIGINT", "time": "BIGINT"}


def tables(reader: Reader, state: State, choice: Choice) -> Tables:
    """All tables, for formats that hold several: each is read when it is called."""
    return {name: partial(read_rows, reader, state, name, choice) for name in SHEETS}


def read_rows(reader: Reader, state: State, table: str, choice: Choice) -> Chunks:
    """A table's rows as Python values, at most 10,000 at a time. Nothing else may be asked of the
    reader meanwhile. Raises `UsageError`, `StoreError`.
    """
    columns = choice.columns(table)
    with opened(reader, state, table, choice) as answer:
        yield from answer.rows(select(columns, choice, "plain"))


@contextmanager
def opened(reader: Reader, state: State, table: str, choice: Choice) -> Generator[Answer]:
    """A table's rows in the columns that the choice needs, and `export_key`, which tells equals of its
    order apart.
    """
    if table == "messages":
        with _messages(reader, state, choice) as answer:
            yield answer
        return
    if table == "features":
        whole = msgspec.structs.replace(choice, by="executions", fields=NEEDED, order=None)
        with opened(reader, state, "steps", whole) as steps:
            yield steps.over(FEATURES_SQL)
        return
    needed = [base_of(column) for column in choice.columns(table)]
    if choice.order is not None:
        needed.append(choice.order.column)
    found = condition(reader, table, choice)
    key = _KEY.get(table, "concat(trace_id, span_id)")
    sql = (
        f"SELECT {', '.join(dict.fromkeys(needed))}, {key} AS export_key "
        f"FROM {_SOURCE.get(table, _SPANS)} WHERE {found.sql}"
    )
    if choice.limit:
        sql += _first(table, choice, key)
    with reader.answer(sql, found.parameters) as answer:
        yield answer


def row_count(reader: Reader, table: str, choice: Choice) -> int | None:
    """How many rows a table will have; None where only reading them tells."""
    if table == "messages":
        return None
    if table == "features":
        table, choice = "steps", msgspec.structs.replace(choice, by="executions")
    found = condition(reader, table, choice)
    counted = reader.query(
        f"SELECT count(*) FROM {_SOURCE.get(table, _SPANS)} WHERE {found.sql}", found.parameters
    ).rows[0][0]
    return min(counted, choice.limit) if choice.limit and choice.by == "rows" else counted


def condition(reader: Reader, table: str, choice: Choice) -> Condition:
    """What stands behind WHERE for a table's rows."""
    rows = _rows_of(reader, table, choice)
    only = _ONLY.get(table)
    return Condition(f"{only} AND ({rows.sql})", rows.parameters) if only else rows


def _rows_of(reader: Reader, table: str, choice: Choice) -> Condition:
    if choice.traces is not None:
        marks = ", ".join("?" * len(choice.traces)) or "NULL"
        return Condition(f"trace_id IN ({marks})", list(choice.traces))
    if table == "metrics":
        return _metrics(choice)
    dialect = engine(reader)
    if choice.by == "rows" or table == "executions":
        target: Target = "traces" if table == "executions" else "spans"
        return choice.scope.condition(target, dialect)
    if not choice.scope.narrowed and not choice.limit:
        return Condition("true", [])
    traces = choice.scope.condition("traces", dialect)
    newest = (
        f" ORDER BY start_time DESC, trace_id LIMIT {int(choice.limit)}" if choice.limit else ""
    )
    picked = f"SELECT trace_id FROM ads_traces WHERE {traces.sql}{newest}"
    return Condition(f"trace_id IN (SELECT trace_id FROM ({picked}) AS picked)", traces.parameters)


def _metrics(choice: Choice) -> Condition:
    since, until = choice.scope.stretch()
    parts = {"time >= ?": since, "time < ?": until, "session_id = ?": choice.scope.session_id}
    held = {sql: value for sql, value in parts.items() if value is not None}
    return Condition(" AND ".join(held) or "true", list(held.values()))


def _first(table: str, choice: Choice, key: str) -> str:
    if choice.by == "executions" and table != "executions":
        return ""  # The limit is of executions.
    newest = "time" if table == "metrics" else "start_time"
    order = choice.order
    by = f"{order.column} {'DESC' if order.descending else 'ASC'}" if order else f"{newest} DESC"
    return f" ORDER BY {by} NULLS LAST, {key} LIMIT {int(choice.limit)}"


@contextmanager
def _messages(reader: Reader, state: State, choice: Choice) -> Generator[Answer]:
    """Made in Python of whole traces, so they pass through a file of JSON lines."""
    if choice.traces is None:
        traces = matching(reader, state, choice.scope, choice.limit)
    else:
        traces = given(reader, state, choice.traces)
    with staged(message_rows(heard(reader, traces)), SHEETS["messages"]) as answer:
        yield answer


@contextmanager
def staged(rows: Iterable[dict[str, Any]], columns: Iterable[Column]) -> Generator[Answer]:
    """Rows that Python made, for DuckDB to shape."""
    from jollyscope.store.lake.engine import connect, literal

    types = ", ".join(f"{c.name}: '{_DUCKDB[c.type]}'" for c in columns)
    encoder = msgspec.json.Encoder()
    with TemporaryDirectory(prefix="jollyscope-") as folder:
        file = Path(folder) / "rows.jsonl"
        longest = 1 << 20
        with file.open("wb") as out:
            for row in rows:
                line = encoder.encode(row)
                longest = max(longest, len(line) + 16)
                out.write(line + b"\n")
        con = connect(1024, Path(folder))
        source = (
            f"read_json({literal(str(file))}, format = 'newline_delimited', "
            f"maximum_object_size = {longest}, columns = {{{types}}})"
        )
        try:
            yield Answer(con, f"SELECT *, {_KEY['messages']} AS export_key FROM {source}", [])
        finally:
            con.close()
