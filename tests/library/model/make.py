"""Short ways to spans, for the tests beside this file."""

from __future__ import annotations

from typing import Any

from jollyscope.model.records import SpanRecord

TRACE = "5b8aa5a2d2c872e8321cf37308d69df2"


def sid(number: int) -> str:
    return f"{number:016x}"


def span(number: int, parent: int | None = None, **fields: Any) -> SpanRecord:
    """Span `number` of one trace, at [1000 + number, 2000]."""
    filled: dict[str, Any] = {
        "trace_id": TRACE, "span_id": sid(number), "name": f"s{number}",
        "parent_span_id": None if parent is None else sid(parent),
        "start_time": 1_000 + number, "end_time": 2_000, "duration_ms": 0.001, **fields,
    }  # fmt: skip
    return SpanRecord(**filled)


def running(number: int, parent: int | None = None, **fields: Any) -> SpanRecord:
    return span(number, parent, state="open", end_time=None, duration_ms=None, **fields)
