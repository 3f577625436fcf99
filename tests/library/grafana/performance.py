"""Performance: where the time goes."""

from __future__ import annotations

from grafana_foundation_sdk.builders.dashboard import Dashboard

from tests.library.grafana.blocks import COUNT, MS, SHARE, STEPS, Figure, numbers, plot, rows_of
from tests.library.grafana.links import TRACE_LINKS
from tests.library.grafana.query import Query, over_time, rows
from tests.library.grafana.sql import BUCKET, SHARE_FAILED, chosen, moment, quantiles, within
from tests.library.grafana.variables import framed

__all__ = ["performance"]

_SPANS = f"FROM dwd_spans\nWHERE {within()}\n    AND {chosen()}"
_TOOLS = f"{_SPANS}\n    AND step_type = 'act' AND tool_name IS NOT NULL"
_MODELS = f"{_SPANS}\n    AND step_type = 'think' AND model IS NOT NULL"


_SUMS = f"""
SELECT
    {quantiles()},
    count() AS steps,
    countIf(step_type = 'act') AS tool_calls,
    countIf(step_type = 'think') AS model_calls
{_SPANS}
    AND step_type NOT IN ('user_input', 'other')
"""
_FIGURES = {
    "p50": Figure(MS), "p95": Figure(MS), "p99": Figure(MS),
    "steps": Figure(COUNT), "tool_calls": Figure(COUNT), "model_calls": Figure(COUNT),
}  # fmt: skip


def _by_step(share: float) -> Query:
    """A column a step type, so that each has its colour; null where there was none."""
    columns = ",\n    ".join(
        f"quantileExactInclusiveOrNullIf({share})(duration_ms, step_type = '{step}') AS {step}"
        for step in STEPS
        if step != "user_input"
    )
    return over_time(
        f"SELECT\n    {BUCKET},\n    {columns}\n{_SPANS}\nGROUP BY time\nORDER BY time"
    )


def _over_time(column: str, name: str, what: str, source: str) -> Query:
    """A line a value, of the ten that there are the most of."""
    return over_time(
        f"""
SELECT {BUCKET}, {column} AS {name}, {what}
{source}
    AND {column} IN (SELECT {column} {source} GROUP BY {column} ORDER BY count() DESC LIMIT 10)
GROUP BY time, {name}
ORDER BY time, {name}
"""
    )


def _table(column: str, name: str, source: str) -> Query:
    return rows(
        f"""
SELECT
    {column} AS {name},
    count() AS calls,
    {SHARE_FAILED} AS failed,
    {quantiles()},
    sum(duration_ms) AS total
{source}
GROUP BY {name}
ORDER BY total DESC
LIMIT 100
"""
    )


_SLOWEST = f"""
SELECT
    {moment("start_time", "began")}, step_type AS step, name, service, duration_ms AS duration, status,
    trace_id
{_SPANS} AND step_type NOT IN ('user_input', 'other')
ORDER BY duration_ms DESC
LIMIT 100
"""
_TIMES = {"p50": MS, "p95": MS, "p99": MS, "total": MS, "failed": SHARE}


def performance() -> Dashboard:
    """The dashboard."""
    p95 = "quantileExactInclusive(0.95)(duration_ms) AS p95"
    speed = (
        "sumIf(output_tokens, duration_ms > 0) / nullIf(sumIf(duration_ms, output_tokens IS NOT NULL), 0)"
        " * 1000 AS speed"
    )
    return framed(
        "performance",
        "Performance",
        "Where the time of an execution goes: by step, tool and model.",
        [
            ("Steps", [
                numbers("Steps", rows(_SUMS), _FIGURES,
                        about="How long a step takes, and how many there were."),
                plot("Median time by step", _by_step(0.5), MS),
                plot("95 % by step", _by_step(0.95), MS),
            ]),
            ("Tools", [
                plot("95 % by tool", _over_time("tool_name", "tool", p95, _TOOLS), MS, label="tool"),
                rows_of("Tools", _table("tool_name", "tool", _TOOLS), _TIMES, width=12, height=8),
            ]),
            ("Models", [
                plot("95 % by model", _over_time("model", "model", p95, _MODELS), MS, label="model"),
                rows_of("Models", _table("model", "model", _MODELS), _TIMES, width=12, height=8),
                plot(
                    "Tokens a second by model", _over_time("model", "model", speed, _MODELS), COUNT,
                    label="model", width=24, about="Tokens that came back, over the time of the whole call.",
                ),
            ]),
            ("Single steps", [
                rows_of("Slowest steps", rows(_SLOWEST), {"duration": MS}, links={"trace_id": TRACE_LINKS}),
            ]),
        ],
    )  # fmt: skip
