"""Pieces of SQL that the panels and rules share. Macros are the ClickHouse data source's."""

from __future__ import annotations

__all__ = [
    "BUCKET", "MINUTE", "SHARE_FAILED", "TRACES", "chosen", "chosen_traces", "moment", "quantiles",
    "trace_chosen", "within",
]  # fmt: skip

_SINCE = "toUnixTimestamp64Nano($__fromTime_ms)"
_UNTIL = "toUnixTimestamp64Nano($__toTime_ms)"

BUCKET = "fromUnixTimestamp64Nano(start_time - start_time % (1000000000 * $__interval_s)) AS time"
"""Of a point of a plot over time. The column itself is compared with numbers and never converted, so that
the store reads only what lies within: its rows are ordered by it."""

MINUTE = BUCKET.replace("start_time", "minute")

TRACES = f"ads_traces_between(since = {_SINCE}, until = {_UNTIL})"
"""`ads_traces` of those that began within the time shown: no others' rows have to be made."""

SHARE_FAILED = "countIf(status = 'error') / count()"


def within(column: str = "start_time") -> str:
    """The condition that a time, in Unix ns, lies within what is shown."""
    return f"{column} >= {_SINCE} AND {column} <= {_UNTIL}"


def moment(column: str, name: str | None = None) -> str:
    """A time in Unix ns as Grafana shows times."""
    return f"fromUnixTimestamp64Nano({column}) AS {name or column}"


def _among(column: str, variable: str) -> str:
    return f"$__conditionalAll({column} IN (${{{variable}:singlequote}}), ${variable})"


def chosen() -> str:
    """The condition on spans, and on sums of them, that the variables make."""
    columns = {"service": "service", "tool_name": "tool", "model": "model", "user_id": "user"}
    return "\n    AND ".join(_among(column, variable) for column, variable in columns.items())


def chosen_traces() -> str:
    """The same of traces: of tools and models any."""
    conditions = [
        _among("service", "service"),
        "$__conditionalAll(hasAny(tools, [${tool:singlequote}]), $tool)",
        "$__conditionalAll(hasAny(models, [${model:singlequote}]), $model)",
        _among("user_id", "user"),
    ]
    return "\n    AND ".join(conditions)


def trace_chosen() -> str:
    """The condition that the box for a trace makes; empty it lets all through."""
    return "$__conditionalAll(trace_id = ${trace:singlequote}, $trace)"


def quantiles(column: str = "duration_ms") -> str:
    """Median, 95 % and 99 %, as columns."""
    return ", ".join(
        f"quantileExactInclusive({share})({column}) AS {name}"
        for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    )
