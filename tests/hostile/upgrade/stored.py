"""What the kept stores hold, and what is asked of them: the same for every version."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from jollyscope.model.records import EventRecord, MetricRecord, Record, SpanEvent, SpanRecord
from jollyscope.model.wire import KIND_OF, encode_lines
from jollyscope.store.api import Reader
from jollyscope.transport.spool import SpoolWriter

STORES = Path(__file__).parent / "stores"
SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
HEARD = NOW // SECOND + 300
TORN = b'{"schema":1,"trace_id":"00000000000000000000000000000009","span'
NOT_A_RECORD = b'{"schema":1,"trace_id":"no hex"}\n'

# Columns by name: a later version may have more of them, and these mean what they meant.
QUESTIONS = {
    "spans": "SELECT trace_id, span_id, parent_span_id, session_id, user_id, service, name, kind, "
    "step_type, start_time, end_time, duration_ms, state, status, error_type, error_message, input, "
    "output, tool_name, model, provider, input_tokens, output_tokens, cost_usd FROM dwd_spans "
    "ORDER BY trace_id, span_id",
    "traces": "SELECT trace_id, session_id, user_id, service, name, input, output, start_time, "
    "end_time, duration_ms, state, status, span_count, step_count, error_count, tool_calls, "
    "input_tokens, output_tokens, cost_usd FROM ads_traces ORDER BY trace_id",
    "tools": "SELECT tool_name, call_count, error_count FROM ads_tools ORDER BY tool_name",
    "metrics": "SELECT record_id, name, time, type, value, unit FROM dwd_metrics ORDER BY record_id",
    "events": "SELECT record_id, time, type, name, severity, trace_id FROM dwd_events ORDER BY record_id",
}
"""Both engines answer these."""
NOTED = {
    "annotations": "SELECT id, trace_id, span_id, kind, text, author, time FROM ads_annotations "
    "ORDER BY id",
    "refused": "SELECT kind, reason FROM dwd_dead_letters ORDER BY reason",
}
"""And of the lake: what people added, and what was no record."""


def span(trace: int, number: int, **more: Any) -> SpanRecord:
    start = NOW + trace * 60 * SECOND + number * SECOND
    filled: dict[str, Any] = {
        "trace_id": f"{trace:032x}", "span_id": f"{trace * 256 + number:016x}", "service": "agent",
        "parent_span_id": f"{trace * 256 + 1:016x}" if number > 1 else None, "name": f"step {number}",
        "session_id": f"s-{trace % 2}", "user_id": "安", "start_time": start, "status": "ok",
        "end_time": start + SECOND // 2, "duration_ms": 500.0, "resource": {"host.name": "node 1"},
        **more,
    }  # fmt: skip
    return SpanRecord(**filled)


def run(trace: int) -> list[SpanRecord]:
    """One execution: asked, thought, acted, answered."""
    return [
        span(trace, 1, step_type="user_input", name="answer", input="明天北京的天气? 🌧", output="晴"),
        span(
            trace, 2, step_type="think", name="plan", model="m-1", provider="p", input_tokens=120,
            output_tokens=8, cost_usd=0.25, attributes={"gen_ai.request.temperature": 0.5, "n": 3},
        ),
        span(
            trace, 3, step_type="act", name="search", tool_name="search", input='{"q":"天气"}',
            status="error" if trace == 2 else "ok", error_type="TimeoutError" if trace == 2 else None,
            error_message="it took too long" if trace == 2 else None,
            events=[SpanEvent(name="retry", time=NOW, attributes={"attempt": 1})],
        ),
    ]  # fmt: skip


FIRST: list[Record] = [
    *run(1),
    *run(2),
    span(3, 1, step_type="user_input", name="answer", input="still open", output="done"),
    MetricRecord(record_id="m1", name="cpu", time=NOW, value=12.5, unit="%", service="agent"),
    EventRecord(record_id="e1", time=NOW, name="started", severity="INFO", body={"text": "开始"}),
]
SECOND_LOAD: list[Record] = [
    span(1, 9, step_type="response", name="respond", output="晴, 25°C"),  # a trace in two parts
    span(4, 1, state="open", end_time=None, duration_ms=None, status="unset", name="died"),
    MetricRecord(record_id="m2", name="cpu", time=NOW + SECOND, value=13.5, unit="%"),
]
WAITING: list[Record] = [*run(5), EventRecord(record_id="e2", time=NOW + SECOND, name="ended")]
LATER: list[Record] = [*run(6), *run(7)]
"""What a newer program writes into the store."""


def write(spool: Path, records: Iterable[Record], *raw: bytes) -> None:
    """Segments of a writer of their own; `raw` bytes behind the spans."""
    writer = SpoolWriter(spool)
    for record in records:
        writer.write(KIND_OF[type(record)], encode_lines([record]))
    for data in raw:
        writer.write("span", data)
    writer.close()
    for file in writer.folder.iterdir():  # when it was last heard of
        os.utime(file, (HEARD, HEARD))


def answers(reader: Reader, questions: dict[str, str]) -> dict[str, Any]:
    """Rows by question, as JSON has them."""
    found = {name: reader.query(sql).rows for name, sql in questions.items()}
    return msgspec.json.decode(msgspec.json.encode(found))


def unpacked(version: int, to: Path) -> Path:
    """A copy of the lake that this version wrote."""
    with tarfile.open(STORES / f"lake-{version:04d}.tar.gz") as kept:
        kept.extractall(to, filter="data")
    return to / "data"
