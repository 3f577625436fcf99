"""Tables that were written, read back by the readers that others use: `csv`, `json` and pyarrow."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from jollyscope.export.asked import Asked
from jollyscope.export.job import export
from jollyscope.export.tables import SHEETS, Column
from tests.cli import records
from tests.conformance.conftest import Subject

NOW = records.START + 3600 * 10**9
SPANS = "(SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans)"
Values = dict[str, Any]


def iso(nanos: int | None) -> str | None:
    if nanos is None:
        return None
    seconds = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=nanos // 10**9)
    return f"{seconds:%Y-%m-%dT%H:%M:%S}.{nanos % 10**9:09}Z"


def plain(column: Column, value: Any) -> Any:
    """A stored value to compare with: JSON by its values."""
    if value is None or column.type != "json":
        return list(value) if column.type == "list" else value
    return json.loads(value)


def from_csv(data: bytes, columns: list[Column]) -> list[Values]:
    assert data.endswith(b"\r\n")
    header, *lines = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    assert header == [column.name for column in columns]
    return [
        {c.name: _parsed(c, text) for c, text in zip(columns, line, strict=True)} for line in lines
    ]


def _parsed(column: Column, text: str) -> Any:
    if text == "":
        return None
    if column.type in ("json", "list"):
        return json.loads(text)
    as_: dict[str, Callable[[str], Any]] = {"integer": int, "number": float}
    return text == "true" if column.type == "bool" else as_.get(column.type, str)(text)


def from_lines(data: bytes, columns: list[Column]) -> list[Values]:
    found = [json.loads(line) for line in data.splitlines()]
    assert all(list(row) == [c.name for c in columns] for row in found)
    return found


def from_parquet(file: Path, columns: list[Column]) -> list[Values]:
    table = pq.read_table(file)
    assert table.column_names == [column.name for column in columns]
    held = {
        c.name: table.column(c.name).cast(pa.int64()) if c.type == "time" else table.column(c.name)
        for c in columns
    }
    rows = zip(*(values.to_pylist() for values in held.values()), strict=True)
    return [{c.name: plain(c, v) for c, v in zip(columns, row, strict=True)} for row in rows]


def ordered(rows: list[Values]) -> list[Values]:
    return sorted(rows, key=lambda row: (row["trace_id"], row.get("span_id") or ""))


def stored(subject: Subject, source: str, table: str, where: str = "true") -> list[Values]:
    names = ", ".join(column.name for column in SHEETS[table])
    with subject.store.reader() as reader:
        found = reader.query(f"SELECT {names} FROM {source} AS s WHERE {where}").dicts()
    return ordered([{c.name: plain(c, row[c.name]) for c in SHEETS[table]} for row in found])


def written(subject: Subject, folder: Path, name: str, **more: Any) -> Path:
    file = folder / name
    job = Asked(output=str(file), **more).job(NOW)
    with subject.store.reader() as reader:
        export(reader, subject.store.state, job, file)
    return file
