"""System resources: what the agents' processes and the store take."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tests.library.grafana.blocks import COUNT, SHARE, Figure, bars, numbers, plot, rows_of
from tests.library.grafana.query import Query, over_time, rows
from tests.library.grafana.sql import BUCKET, moment, within
from tests.library.grafana.variables import framed

__all__ = ["DISK", "system"]

_BYTES = "bytes"
_METRICS = (
    f"FROM dwd_metrics\nWHERE {within('dwd_metrics.time')} AND value IS NOT NULL\n"
    "    AND $__conditionalAll(service IN (${service:singlequote}), $service)"
)
# Names as in OpenTelemetry's semantic conventions for process metrics.
_CPU = f"{_METRICS}\n    AND dwd_metrics.name = 'process.cpu.utilization'"
_MEMORY = f"{_METRICS}\n    AND dwd_metrics.name = 'process.memory.usage'"
_SPANS = (
    f"FROM dwd_spans\nWHERE {within()}\n"
    "    AND $__conditionalAll(service IN (${service:singlequote}), $service)"
)

DISK = "SELECT max(1 - free_space / total_space) AS used FROM system.disks WHERE total_space > 0"
"""The fullest disk of the server that the data source asks."""

_NOW = f"""
SELECT
    (SELECT max(value) {_CPU}) AS cpu,
    (SELECT max(value) {_MEMORY}) AS memory,
    (SELECT uniqExact(service) {_METRICS}) AS programs,
    ({DISK}) AS disk
"""
_FIGURES = {
    "cpu": Figure(SHARE, (0.7, 0.9)),
    "memory": Figure(_BYTES),
    "programs": Figure(COUNT),
    "disk": Figure(SHARE, (0.7, 0.85)),
}

_NEWEST = f"""
SELECT
    ifNull(dwd_metrics.service, '(none)') AS service, dwd_metrics.name AS metric,
    argMax(value, dwd_metrics.time) AS newest, avg(value) AS mean, max(value) AS peak, any(unit) AS unit,
    count() AS samples, {moment("max(dwd_metrics.time)", "last")}
{_METRICS}
GROUP BY service, metric
ORDER BY service, metric
LIMIT 500
"""


def _by_service(what: str, source: str) -> Query:
    bucket = BUCKET.replace("start_time", "dwd_metrics.time")
    return over_time(
        f"SELECT {bucket}, ifNull(dwd_metrics.service, '(none)') AS program, {what}\n{source}\n"
        "GROUP BY time, program\nORDER BY time, program"
    )


def _heaviest(what: str, of: str) -> Query:
    return rows(
        f"SELECT ifNull(tool_name, name) AS step, {what}\n{_SPANS}\n    AND {of} IS NOT NULL\n"
        "GROUP BY step\nORDER BY 2 DESC\nLIMIT 15"
    )


def system() -> Dashboard:
    """The dashboard."""
    return framed(
        "system",
        "System resources",
        "Processor and memory of the agents' processes, and the store's disk.",
        [
            ("Now", [
                numbers("Now", rows(_NOW), _FIGURES,
                        about="The peaks of `cpu`, as a share of the cores that a process may use, and "
                        "`memory`; `programs` that sent samples; how full the `disk` of the store is."),
                plot("CPU by service, mean", _by_service("avg(value) AS cpu", _CPU), SHARE, label="program"),
                plot("CPU by service, peak", _by_service("max(value) AS cpu", _CPU), SHARE, label="program"),
                plot("Memory by service, peak", _by_service("max(value) AS memory", _MEMORY), _BYTES,
                     label="program", width=24),
            ]),
            ("By step", [
                bars("CPU while it ran, mean of a core", _heaviest("avg(cpu_percent) AS cpu", "cpu_percent"),
                     "percent", width=12),
                bars("Memory at its end, peak", _heaviest("max(memory_mb) AS memory", "memory_mb"),
                     "decmbytes", width=12),
            ]),
            ("All samples", [
                rows_of("Metrics", rows(_NEWEST), height=12),
            ]),
        ],
    )  # fmt: skip
