"""CPU and memory of a process over a stretch of time, from its samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import msgspec

from jollyscope.model.records import SpanRecord
from jollyscope.store.api import Reader

__all__ = ["METRICS", "Point", "Samples", "samples"]

METRICS = ("process.cpu.utilization", "process.memory.usage")
"""OpenTelemetry's process metrics (semantic conventions, system/process-metrics): the share of all
cores that the process may use, 0 to 1; resident memory in bytes.
"""

_IDENTITY = (
    ("service.instance.id",),
    ("host.name", "process.pid"),
    ("process.pid",),
    ("host.name",),
)
"""What tells one process from another, the surest first."""


class Point(NamedTuple):
    """Samples of a short stretch: where it begins (Unix ns), how many, the least, the mean, the most."""

    time: int
    number: int
    low: float
    mean: float
    high: float


class Samples(NamedTuple):
    """By metric the points in `[start, end)` (Unix ns) in order, each of `width` ns; metrics without any
    are left out. `why` says in a sentence why there are none.
    """

    start: int
    end: int
    width: int
    points: dict[str, list[Point]]
    why: str = ""


def samples(reader: Reader, span: SpanRecord, start: int, end: int, *, cells: int = 120) -> Samples:
    """Samples of the process that recorded `span`, at most `cells` points a metric.

    The process is that of the span's resource: its `service.instance.id`, else `host.name` and
    `process.pid`, else what of these is there; without any, the samples of the span's service.
    """
    width = max(1, -(-(end - start) // cells))
    if span.service is None and not span.resource:
        return Samples(start, end, width, {}, "The span does not say which process it ran in.")
    table = reader.query(
        "SELECT name, resource, (time - ?) - (time - ?) % ? AS place, count(*), min(value), "
        "avg(value), max(value) FROM dwd_metrics "
        "WHERE name IN (?, ?) AND time >= ? AND time < ? AND value IS NOT NULL "
        + ("AND service = ? " if span.service is not None else "")
        + "GROUP BY name, resource, place ORDER BY name, place, resource",
        [start, start, width, *METRICS, start, end]
        + ([span.service] if span.service is not None else []),
    )
    found: dict[str, list[Point]] = {}
    others = 0
    for name, resource, at, number, low, mean, high in table.rows:
        if not _same_process(span.resource, resource):
            others += 1
            continue
        point = Point(start + int(at), int(number), float(low), float(mean), float(high))
        points = found.setdefault(name, [])
        if points and points[-1].time == point.time:
            point = _both(points.pop(), point)
        points.append(point)
    return Samples(start, end, width, found, "" if found else _why(span, others))


def _same_process(ours: Mapping[str, Any], theirs: str | None) -> bool:
    """Whether two resources are of one process, as far as they say."""
    held = cast("dict[str, Any]", msgspec.json.decode(theirs)) if theirs else {}
    for keys in _IDENTITY:
        if all(key in ours and key in held for key in keys):
            return all(ours[key] == held[key] for key in keys)
    return True


def _both(a: Point, b: Point) -> Point:
    number = a.number + b.number
    mean = (a.mean * a.number + b.mean * b.number) / number
    return Point(a.time, number, min(a.low, b.low), mean, max(a.high, b.high))


def _why(span: SpanRecord, others: int) -> str:
    if others:
        return "Only other processes of this service were sampled in this time."
    if span.scope.get("name") == "jollyscope":
        return "The process took no samples in this time; `sdk.sample_ms` says how often it does."
    return "What recorded this span sends no CPU or memory samples (`process.cpu.utilization`)."
