"""Errors: what fails, where, and since when."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tests.library.grafana.blocks import COUNT, SHARE, STEPS, Figure, bars, numbers, plot, rows_of
from tests.library.grafana.links import TRACE_LINKS
from tests.library.grafana.query import over_time, rows
from tests.library.grafana.sql import (
    BUCKET,
    SHARE_FAILED,
    TRACES,
    chosen,
    chosen_traces,
    moment,
    within,
)  # fmt: skip
from tests.library.grafana.variables import framed

__all__ = ["errors"]

_SPANS = f"FROM dwd_spans\nWHERE {within()}\n    AND {chosen()}"
_FAILED = f"{_SPANS}\n    AND status = 'error'"
_TRACES = f"FROM {TRACES}\nWHERE {chosen_traces()}"

_LOST = f"SELECT {SHARE_FAILED} AS failed, countIf(state = 'interrupted') AS broken_off\n{_TRACES}"
_STEPS = f"SELECT count() AS failed, uniqExact(error_type) AS kinds\n{_FAILED}"

_KINDS = f"""
SELECT
    error_type AS error, any(error_message) AS message, step_type AS step, tool_name AS tool,
    count() AS failures,
    uniqExact(trace_id) AS traces,
    {moment("min(start_time)", "first")},
    {moment("max(start_time)", "last")},
    argMax(trace_id, start_time) AS last_trace
{_FAILED}
GROUP BY error, step, tool
ORDER BY failures DESC
LIMIT 100
"""

_NEWEST = f"""
SELECT
    {moment("start_time", "began")}, service, step_type AS step, name, error_type AS error,
    error_message AS message, input, trace_id
{_FAILED}
ORDER BY start_time DESC
LIMIT 100
"""


def _by_step() -> str:
    columns = ",\n    ".join(
        f"countIf(step_type = '{step}' AND status = 'error') AS {step}" for step in STEPS
    )
    return f"SELECT\n    {BUCKET},\n    {columns}\n{_SPANS}\nGROUP BY time\nORDER BY time"


def _share(column: str) -> str:
    return (
        f"SELECT ifNull({column}, '(none)') AS name, {SHARE_FAILED} AS failed\n{_SPANS}\n"
        f"    AND {column} IS NOT NULL\nGROUP BY name\nHAVING failed > 0\nORDER BY failed DESC\nLIMIT 15"
    )


def errors() -> Dashboard:
    """The dashboard."""
    share = over_time(
        f"SELECT {BUCKET}, {SHARE_FAILED} AS failed\n{_TRACES} AND state <> 'open'\n"
        "GROUP BY time\nORDER BY time"
    )
    return framed(
        "errors",
        "Errors",
        "What fails, where, how often, and since when.",
        [
            ("How much", [
                numbers("Executions", rows(_LOST), {"failed": Figure(SHARE, (0.05, 0.1)),
                        "broken_off": Figure(COUNT, (1, 10))}, width=12,
                        about="`broken_off`: their program died."),
                numbers("Steps", rows(_STEPS), {"failed": Figure(COUNT), "kinds": Figure(COUNT)}, width=12),
                plot("Failures by step", over_time(_by_step()), COUNT, stacked=True),
                plot("Share of executions that fail", share, SHARE, limits=(0.05, 0.1), least="1m"),
            ]),
            ("Where", [
                bars("Share of calls that fail, by tool", rows(_share("tool_name")), SHARE),
                bars("Share of spans that fail, by model", rows(_share("model")), SHARE),
                bars("Share of spans that fail, by service", rows(_share("service")), SHARE),
            ]),
            ("What", [
                rows_of("Kinds of error", rows(_KINDS), links={"last_trace": TRACE_LINKS}),
                rows_of("Newest failures", rows(_NEWEST), links={"trace_id": TRACE_LINKS}),
            ]),
        ],
    )  # fmt: skip
