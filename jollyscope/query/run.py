"""What one `jollyscope run` recorded: its traces, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from jollyscope.query.listing import TraceRow
from jollyscope.query.select import gist
from jollyscope.store.api import Reader

__all__ = ["RunSummary", "summarise"]

_CUT = ("input", "output")
_SPANS = "(SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans)"
_EARLIER_NS = 1_000_000_000
"""Clocks that are read in two processes."""


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over the traces of a run. What no trace knows is None, never 0."""

    rows: list[TraceRow]
    """By start time; `input` and `output` cut to 200 characters."""
    spans: int
    errors: int
    """Failed spans."""
    tool_calls: int
    tools: list[str]
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None


def summarise(
    reader: Reader,
    trace_ids: Sequence[str],
    *,
    mark: tuple[str, str],
    since: int,
    limit: int = 1000,
) -> RunSummary:
    """The traces with these ids, and those that have a span with the resource attribute `mark` that
    began after `since` (Unix ns); at most `limit` of them.
    """
    known = dict.fromkeys(trace_ids) | dict.fromkeys(_marked(reader, mark, since, limit))
    rows = _rows(reader, list(known)[:limit])
    return RunSummary(
        rows=rows,
        spans=sum(row.span_count for row in rows),
        errors=sum(row.error_count for row in rows),
        tool_calls=sum(row.tool_calls for row in rows),
        tools=sorted({tool for row in rows for tool in row.tools}),
        input_tokens=_total([row.input_tokens for row in rows]),
        output_tokens=_total([row.output_tokens for row in rows]),
        cost_usd=_total([row.cost_usd for row in rows]),
    )


def _marked(reader: Reader, mark: tuple[str, str], since: int, limit: int) -> list[str]:
    name, value = (msgspec.json.encode(text).decode() for text in mark)
    found = reader.query(
        f"SELECT trace_id, min(start_time) AS began FROM {_SPANS} AS spans "
        "WHERE start_time >= ? AND CAST(resource AS VARCHAR) LIKE ? "
        f"GROUP BY trace_id ORDER BY began, trace_id LIMIT {int(limit)}",
        [since - _EARLIER_NS, f"%{name}:{value}%"],
    )
    return [row[0] for row in found.rows]


def _rows(reader: Reader, trace_ids: Sequence[str]) -> list[TraceRow]:
    if not trace_ids:
        return []
    columns = ", ".join(
        gist(name, reader.dialect) if name in _CUT else name for name in TraceRow.__struct_fields__
    )
    places = ", ".join("?" * len(trace_ids))
    table = reader.query(
        f"SELECT {columns} FROM ads_traces WHERE trace_id IN ({places}) "
        "ORDER BY start_time, trace_id",
        trace_ids,
    )
    return [TraceRow(**row) for row in table.dicts()]


T = TypeVar("T", int, float)


def _total(values: Sequence[T | None]) -> T | None:
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None
