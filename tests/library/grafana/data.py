"""Records as agents send them, put where Kafka's go: two services, failures, metrics, dead letters."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from jollyscope.model.records import EventRecord, MetricRecord, Record, SpanRecord
from jollyscope.model.wire import KIND_OF, encode
from tests.bench.corpus import traces

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

__all__ = ["SERVICES", "TOPIC", "deliver", "fill", "metric", "refuse", "runs", "shift", "spoiled"]

S = 10**9
SERVICES = ("shop-agent", "o'brien 助手")
"""One that quoting has to get right."""
TOPIC = "jollyscope.spans.clean"


def runs(count: int, until: int, *, seed: int = 5) -> list[SpanRecord]:
    """Executions of both services by turns, the last of which ended before `until` (Unix ns)."""
    made = list(traces(count, seed, start=until - 600 * S))
    found = [
        msgspec.structs.replace(span, service=SERVICES[number % 2])
        for number, spans in enumerate(made)
        for span in spans
    ]
    return shift(found, until - S - max(span.end_time or 0 for span in found))


def shift(spans: Iterable[SpanRecord], by: int) -> list[SpanRecord]:
    """The same, `by` ns later."""
    return [
        msgspec.structs.replace(
            span, start_time=span.start_time + by, end_time=(span.end_time or 0) + by
        )
        for span in spans
    ]


def metric(name: str, at: int, value: float, service: str = SERVICES[0]) -> MetricRecord:
    return MetricRecord(
        record_id=f"{service}-{name}-{at}",
        name=name,
        time=at,
        value=value,
        unit="1",
        service=service,
    )


def spoiled(count: int) -> list[bytes]:
    """Lines that are no records."""
    return [b'{"schema":1,"trace_id":"%d"}' % number for number in range(count)]


def deliver(
    client: Client, records: Iterable[Record], *, late_s: float = 0.5, topic: str = TOPIC
) -> None:
    """Records into the store, each there so long after its own time."""
    for kind in ("span", "metric", "event"):
        some = [record for record in records if KIND_OF[type(record)] == kind]
        if some:
            _insert(
                client, f"ods_{kind}s", [(encode(r), _ended(r) / S + late_s) for r in some], topic
            )


def refuse(client: Client, lines: Iterable[bytes], at: float) -> None:
    """Lines that came at a time, in Unix seconds."""
    _insert(client, "ods_spans", [(line, at) for line in lines], TOPIC)


def _ended(record: Record) -> int:
    if isinstance(record, SpanRecord):
        return record.end_time or record.start_time
    return record.time


def _insert(client: Client, table: str, lines: list[tuple[bytes, float]], topic: str) -> None:
    moments = [datetime.fromtimestamp(at, UTC) for _, at in lines]
    columns: dict[str, tuple[str, list[Any]]] = {
        "received": ("DateTime64(3, 'UTC')", moments),
        "topic": ("LowCardinality(String)", [topic] * len(lines)),
        "partition": ("String", ["0"] * len(lines)),
        "offset": ("Int64", list(range(len(lines)))),
        "line": ("String", [line for line, _ in lines]),
    }
    if table == "ods_spans":
        columns["stored"] = columns["received"]
    client.insert(
        table,
        [values for _, values in columns.values()],
        column_names=list(columns),
        column_type_names=[kind for kind, _ in columns.values()],
        column_oriented=True,
    )


def fill(client: Client) -> tuple[list[SpanRecord], int]:
    """Everything that a dashboard can show, of the last minutes; the ended spans, and now in Unix ns."""
    now = time.time_ns()
    spans = runs(12, now)
    first = spans[0]
    spans[20:22] = [  # an execution that failed, and its thought
        msgspec.structs.replace(span, status="error", error_type="RateLimit", error_message="429")
        for span in spans[20:22]
    ]
    spans += [
        msgspec.structs.replace(
            first, span_id=f"{n:016x}", parent_span_id=first.span_id, step_type="act",
            name="execute_tool o'clock", tool_name="o'clock", status="error",
            error_type="ValueError", error_message="no such hour: 时", cpu_percent=12.0, memory_mb=99.0,
        )
        for n in (1, 2)
    ]  # fmt: skip
    running = SpanRecord(
        trace_id="ab" * 16, span_id="cd" * 8, name="run", service=SERVICES[0], step_type="user_input",
        start_time=now - 2 * S, state="open", input="still at it 🙂",
    )  # fmt: skip
    samples = [
        metric(name, now - n * 10 * S, value, service)
        for n in range(6)
        for service in SERVICES
        for name, value in (("process.cpu.utilization", 0.2), ("process.memory.usage", 2e8))
    ]
    alert = EventRecord(
        record_id="e1", time=now - 5 * S, type="alert", name="error burst", severity="ERROR",
        body="5 failures in a minute", service=SERVICES[0],
    )  # fmt: skip
    deliver(client, [*spans, running, *samples, alert])
    refuse(client, spoiled(3), now / S)
    return spans, now
