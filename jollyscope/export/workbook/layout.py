"""Which columns each sheet has, in which order, and how wide.

A sheet has every column of its table. What pivot tables are made from stands together, so that they
take one range of short values and leave the long texts alone; two columns are added for them: `day`,
and `failed`, which adds up to the number of errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from jollyscope.export.tables import SHEETS, Column
from jollyscope.export.workbook.cells import DAY_NS
from jollyscope.store.answer import Row

__all__ = ["LAYOUTS", "Layout", "letters", "unit_of", "width_of"]

DAY = Column("day", "text", "UTC", "the day it began, as 2026-11-21")
FAILED = Column("failed", "integer", "", "1 where its status is `error`, else 0")

_FIRST = {
    "executions": (
        "trace_id", "start_time", "status", "duration_ms", "input", "output", "step_strip",
        "step_count", "tool_calls", "error_count", "input_tokens", "output_tokens", "cost_usd",
    ),
    "steps": (
        "trace_id", "start_time", "name", "day", "service", "step_type", "tool_name", "model",
        "status", "failed", "duration_ms", "input_tokens", "output_tokens", "cost_usd", "input",
        "output", "error_type", "error_message",
    ),
    "tool_calls": (
        "trace_id", "start_time", "name", "day", "service", "tool_name", "status", "failed",
        "duration_ms", "input", "output", "error_type", "error_message",
    ),
    "messages": ("trace_id", "position", "time", "role", "kind", "content"),
    "errors": (
        "trace_id", "start_time", "name", "step_type", "tool_name", "error_type", "error_message",
        "input", "stack_trace",
    ),
    "metrics": ("name", "time", "value", "unit", "type", "service"),
}  # fmt: skip
_ADDED = {"steps": (DAY, FAILED), "tool_calls": (DAY, FAILED)}
_WIDTHS = {
    "text": 18, "json": 28, "list": 24, "integer": 12, "number": 13, "time": 22, "bool": 10,
}  # fmt: skip
_WIDE = {
    "trace_id": 35, "span_id": 19, "parent_span_id": 19, "name": 28, "input": 48, "output": 48,
    "content": 80, "error_message": 40, "stack_trace": 40, "description": 40, "day": 12,
    "status": 10, "state": 12, "failed": 9, "role": 11, "record_id": 35, "step_type": 13,
}  # fmt: skip


class Layout(NamedTuple):
    """A table's sheet: its `title`, and its `columns` in order."""

    table: str
    title: str
    columns: tuple[Column, ...]

    def place(self, name: str) -> int:
        """Where a column stands, from 0."""
        return next(n for n, column in enumerate(self.columns) if column.name == name)

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return any(column.name == name for column in self.columns)

    def arranged(self, rows: Sequence[Row]) -> list[Sequence[Any]]:
        """Columns of values in the sheet's order, of rows in the table's order."""
        by_name = dict(
            zip((c.name for c in SHEETS[self.table]), zip(*rows, strict=True), strict=True)
        )
        if self.has("day"):
            times = by_name["start_time"]
            by_name["day"] = tuple(None if t is None else _day(t // DAY_NS) for t in times)
            by_name["failed"] = tuple(map(int, map("error".__eq__, by_name["status"])))
        return [by_name[column.name] for column in self.columns]


@lru_cache(maxsize=10_000)
def _day(day: int) -> str:
    """A day by its number since 1970."""
    try:
        return f"{datetime.fromtimestamp(day * 86_400, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):
        return "?"


def _layout(table: str) -> Layout:
    columns = {column.name: column for column in (*SHEETS[table], *_ADDED.get(table, ()))}
    order = dict.fromkeys((*_FIRST[table], *columns))
    title = table.replace("_", " ").capitalize()
    return Layout(table, title, tuple(columns[name] for name in order))


LAYOUTS = {table: _layout(table) for table in SHEETS}
"""By table, in the order of the sheets."""


def letters(place: int) -> str:
    """The name of a column of a sheet: 0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def width_of(column: Column) -> int:
    """A column's width in characters."""
    return _WIDE.get(column.name, _WIDTHS[column.type])


def unit_of(column: Column) -> str:
    """The unit of what the sheet holds."""
    return "UTC" if column.type == "time" else column.unit
