"""Records for the tests of the command line, and the ways to put them into a data directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.transport.spool import SpoolWriter, spool_dir

START = 1_795_183_391_000_000_000  # 2026-11-20T14:03:11Z
MS = 1_000_000
TRACE = "7f3a" + "0" * 27 + "1"


def span(
    number: int, start_ms: float, ms: float | None, *, parent: int | None = None, **more: Any
) -> SpanRecord:
    """A span by its number; times in milliseconds after START, `ms` None for a running one."""
    start = START + int(start_ms * MS)
    end = None if ms is None else start + int(ms * MS)
    fields: dict[str, Any] = {
        "trace_id": TRACE,
        "span_id": f"{number:016x}",
        "parent_span_id": None if parent is None else f"{parent:016x}",
        "start_time": start,
        "end_time": end,
        "duration_ms": ms,
        "state": "open" if ms is None else "closed",
        "session_id": "s-42",
        "user_id": "ann",
    }
    return SpanRecord(**(fields | more))


def run(trace_id: str = TRACE) -> list[SpanRecord]:
    """One execution with all kinds of steps, Chinese and emoji, and an error."""
    common = {"trace_id": trace_id}
    model = {"model": "gpt-4o", "input_tokens": 1000, "output_tokens": 77, "cost_usd": 0.0105}
    failed = {
        "status": "error",
        "error_type": "TimeoutError",
        "error_message": "calendar did not answer",
        "stack_trace": "Traceback (most recent call last):\n  File a.py\nTimeoutError: calendar",
    }
    return [
        span(1, 0, 8420, name="agent", step_type="user_input", input="查一下北京明天的天气", **common),
        span(2, 0, 1100, parent=1, name="plan", step_type="think", output="plan 🗺️ it", **model, **common),
        span(3, 1100, 4020, parent=1, name="search", step_type="act", tool_name="search",
             input='{"q":"北京 天气"}', **common),
        span(4, 5120, 10, parent=1, name="search", step_type="observe", output="3 results 👩‍👩‍👧", **common),
        span(5, 5200, 2600, parent=1, name="plan", step_type="think", output="now the calendar",
             **model, **common),
        span(6, 5800, 2000, parent=5, name="calendar.add", step_type="act", tool_name="calendar.add",
             input="{}", **failed, **common),
        span(7, 7800, 600, parent=1, name="respond", step_type="response", output="明天多云", **common),
    ]  # fmt: skip


def store(home: Path, *spans: SpanRecord) -> SpoolWriter:
    """Write spans as an agent would; close the writer and its process has ended."""
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", encode_lines(spans))
    return writer


def many(count: int) -> list[SpanRecord]:
    """So many traces of one span each, a second apart; the later, the dearer and the shorter."""
    return [
        span(
            1,
            1000 * n + 500,
            500 - n,
            trace_id=f"{n + 1:08x}" + "ab" * 12,
            name=f"run {n}",
            step_type="user_input",
            input=f"question {n}",
            output=f"answer {n}",
            cost_usd=n / 100,
        )
        for n in range(count)
    ]
