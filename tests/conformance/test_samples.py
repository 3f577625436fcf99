"""CPU and memory over a span: the same points from every store."""

from __future__ import annotations

from typing import Any

from jollyscope.model.records import MetricRecord, SpanRecord
from jollyscope.query.metrics import METRICS, Point, samples
from tests.conformance.conftest import Subject

S = 10**9
BASE = 1_760_000_000 * S
CPU, MEMORY = METRICS
ME, OTHER = {"host.name": "h", "process.pid": 7}, {"host.name": "h", "process.pid": 8}


def metric(number: int, name: str, at: float, value: float, **more: Any) -> MetricRecord:
    fields: dict[str, Any] = {"service": "agent", "resource": ME}
    return MetricRecord(
        record_id=f"m{number}", name=name, time=BASE + round(at * S), value=value, **(fields | more)
    )


def span(**more: Any) -> SpanRecord:
    fields: dict[str, Any] = {"service": "agent", "resource": ME}
    return SpanRecord(
        trace_id="a" * 32, span_id="b" * 16, start_time=BASE, end_time=BASE + 10 * S,
        **(fields | more),
    )  # fmt: skip


def test_samples_of_the_process_in_the_time(subject: Subject):
    subject.feed([
        span(),
        *(metric(n, CPU, n, n / 10) for n in range(10)),
        metric(20, MEMORY, 3, 5e6),
        metric(21, CPU, 3, 9.0, resource=OTHER),
        metric(22, CPU, 4, 9.0, service="another"),
        metric(23, CPU, 99, 9.0),
        metric(24, "process.uptime", 3, 9.0),
    ])  # fmt: skip
    with subject.store.reader() as reader:
        found = samples(reader, span(), BASE, BASE + 10 * S, cells=5)
        assert found.width == 2 * S
        assert found.why == ""
        assert found.points[MEMORY] == [Point(BASE + 2 * S, 1, 5e6, 5e6, 5e6)]
        times = [(p.time - BASE) // S for p in found.points[CPU]]
        assert times == [0, 2, 4, 6, 8]
        assert [p.number for p in found.points[CPU]] == [2] * 5
        assert [round(p.mean, 6) for p in found.points[CPU]] == [0.05, 0.25, 0.45, 0.65, 0.85]
        assert (found.points[CPU][1].low, found.points[CPU][1].high) == (0.2, 0.3)


def test_why_there_are_none(subject: Subject):
    subject.feed([span(), metric(1, CPU, 1, 0.5, resource=OTHER)])
    with subject.store.reader() as reader:
        assert "other processes" in samples(reader, span(), BASE, BASE + S * 10).why
        ours = samples(reader, span(scope={"name": "jollyscope"}), BASE + 5 * S, BASE + 6 * S)
        assert "sdk.sample_ms" in ours.why
        assert "sends no CPU" in samples(reader, span(service="x"), BASE, BASE + S).why
        unnamed = span(service=None, resource={})
        assert "does not say which process" in samples(reader, unnamed, BASE, BASE + S).why


def test_resources_that_say_less_share_the_service(subject: Subject):
    subject.feed([
        metric(1, CPU, 1, 0.25, resource={"service.instance.id": "i"}),
        metric(2, CPU, 1, 0.75, resource={"telemetry.sdk.name": "x"}),
    ])  # fmt: skip
    with subject.store.reader() as reader:
        (point,) = samples(reader, span(resource={}), BASE, BASE + 10 * S).points[CPU]
        assert (point.number, point.low, point.mean, point.high) == (2, 0.25, 0.5, 0.75)
