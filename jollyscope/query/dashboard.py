"""What a dashboard shows of a stretch of time: sums, plots over time, the slowest, the dearest."""

from __future__ import annotations

import msgspec

from jollyscope.query.alerts import AlertRow, recent_alerts
from jollyscope.query.groups import By, GroupRow, grouped
from jollyscope.query.histogram import WIDTHS, Bucket, Histogram, histogram
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader

__all__ = ["Dashboard", "Gauge", "Stage", "dashboard"]

_GAUGES = {"process.cpu.utilization": "cpu", "process.memory.usage": "memory"}
"""As OpenTelemetry's semantic conventions for process metrics name them."""


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """One sampled number over the buckets of a dashboard, over all programs that report it: `cpu` as a
    share of the cores (0 to 1), `memory` in bytes. None where there was no sample.
    """

    name: str
    means: list[float | None]
    peaks: list[float | None]


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """How far records of a kind have come, as `ads_pipeline` has it. Not bounded in time."""

    stage: str
    kind: str
    records: int
    newest_time: int | None


class Dashboard(msgspec.Struct, frozen=True, kw_only=True):
    """Traces of a scope over time and in sum (`total` is None where there are none), and tables: steps
    and models with the most time and tokens first, tools the slowest, errors and services the commonest.
    `more` names the tables that have further rows. `gauges` share the buckets of `time`. `alerts` are of
    all services, whatever the filter.
    """

    time: Histogram
    total: GroupRow | None
    steps: list[GroupRow]
    tools: list[GroupRow]
    models: list[GroupRow]
    errors: list[GroupRow]
    services: list[GroupRow]
    gauges: list[Gauge]
    stages: list[Stage]
    more: frozenset[str] = frozenset()
    alerts: list[AlertRow] = []


_TABLES: dict[str, tuple[By, str]] = {
    "steps": ("step", "total_ms"),
    "tools": ("tool", "p95_ms"),
    "models": ("model", "cost_usd"),
    "errors": ("error", "count"),
    "services": ("service", "count"),
}


def dashboard(reader: Reader, scope: Scope, *, cells: int = 60, limit: int = 20) -> Dashboard:
    """Everything of one view of the store, so that its parts agree. At most `cells` buckets and
    `limit` rows a table. Raises `StoreError`.
    """
    pages = {
        name: grouped(reader, by, scope, sort=sort, limit=limit)
        for name, (by, sort) in _TABLES.items()
    }
    total = grouped(reader, "total", scope, limit=0).rows
    time = histogram(reader, scope, cells=cells)
    if not time.buckets:
        time = _empty(scope, cells)
    return Dashboard(
        time=time,
        total=total[0] if total else None,
        gauges=gauges(reader, time),
        stages=stages(reader),
        alerts=recent_alerts(reader, since=scope.since, until=scope.until, limit=limit),
        more=frozenset(name for name, page in pages.items() if page.next is not None),
        **{name: page.rows for name, page in pages.items()},
    )


def _empty(scope: Scope, cells: int) -> Histogram:
    """Buckets of a stretch without traces: its metrics may tell why. None where it is open."""
    if scope.since is None:
        return Histogram(of="traces", width=0, buckets=[])
    until = scope.until if scope.until is not None else max(scope.now, scope.since) + 1
    width = next((w for w in WIDTHS if w >= (until - scope.since) / (cells - 1)), WIDTHS[-1])
    starts = range(scope.since - scope.since % width, until, width)
    return Histogram(
        of="traces",
        width=width,
        buckets=[Bucket(start_time=at, end_time=at + width) for at in starts],
    )


def gauges(reader: Reader, time: Histogram) -> list[Gauge]:
    """CPU and memory over the buckets of `time`: those of them that were sampled at all."""
    if not time.buckets:
        return []
    first, last = time.buckets[0].start_time, time.buckets[-1].end_time
    table = reader.query(
        f"SELECT name, time - time % {time.width} AS bucket, avg(value), max(value) FROM dwd_metrics "
        "WHERE name IN (?, ?) AND time >= ? AND time < ? AND value IS NOT NULL "
        f"GROUP BY name, time - time % {time.width}",
        [*_GAUGES, first, last],
    )
    held: dict[str, dict[int, tuple[float, float]]] = {}
    for metric, bucket, mean, peak in table.rows:
        held.setdefault(metric, {})[int(bucket)] = (float(mean), float(peak))
    return [
        _gauge(name, [held[metric].get(bucket.start_time) for bucket in time.buckets])
        for metric, name in _GAUGES.items()
        if metric in held
    ]


def _gauge(name: str, values: list[tuple[float, float] | None]) -> Gauge:
    return Gauge(
        name=name,
        means=[value[0] if value else None for value in values],
        peaks=[value[1] if value else None for value in values],
    )


def stages(reader: Reader) -> list[Stage]:
    """The way of the records through the store, whole."""
    columns = ", ".join(Stage.__struct_fields__)
    table = reader.query(f"SELECT {columns} FROM ads_pipeline ORDER BY stage DESC, kind DESC")
    return [Stage(**values) for values in table.dicts()]
