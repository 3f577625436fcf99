"""What the dashboard's panels say of a `Dashboard`: plots and tables. No Textual."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from jollyscope.model.format import cost, count, duration, size
from jollyscope.query.dashboard import Dashboard, Gauge
from jollyscope.query.fields import total_tokens
from jollyscope.query.groups import GroupRow
from jollyscope.query.histogram import Bucket
from jollyscope_tui.widgets.plots import Level

__all__ = ["PLOTS", "TABLES", "Column", "Plot", "Table", "percent", "value_text"]

Column = tuple[str, int, Callable[[GroupRow], str]]
"""Title, cells, text."""


def percent(share: float) -> str:
    """A share (0 to 1) as `0%`, `<0.1%`, `12.5%`."""
    return "0%" if not share else "<0.1%" if share < 0.0005 else f"{share * 100:.1f}%"


class Plot(msgspec.Struct, frozen=True):
    """A plot over time: how its levels are made, how a value is written, and the term that its drill
    adds to the filter.
    """

    title: str
    levels: Callable[[Dashboard], list[Level]]
    form: Callable[[float], str]
    term: str = ""


class Table(msgspec.Struct, frozen=True):
    """A table of sums: the rows, the field of the filter that a row's key is a value of, the
    columns behind the key, and what the bars show.
    """

    title: str
    name: str
    rows: Callable[[Dashboard], list[GroupRow]]
    field: str
    columns: tuple[Column, ...]
    bar: Callable[[GroupRow], float]


def value_text(plot: Plot, levels: Sequence[Level], bucket: int) -> str:
    """What a plot says of one bucket: `ok 12 · failed 3`."""
    parts: list[str] = []
    below = 0.0
    for level in levels:
        value = level.values[bucket]
        if value is None:
            continue
        # Counts are stacked, so that each names its own part; percentiles and peaks are not.
        shown = value - below if plot.title in _STACKED else value
        below = value
        parts.append(f"{level.mark} {level.name} {plot.form(shown)}")
    return " · ".join(parts) or "nothing"


_STACKED = ("executions", "tokens")


def _executions(shown: Dashboard) -> list[Level]:
    buckets = shown.time.buckets
    return [
        Level("ok", "ok", "█", [b.count - b.error_count for b in buckets]),
        Level("failed", "error", "▚", [b.count for b in buckets]),
    ]


def _shares(shown: Dashboard) -> list[Level]:
    shares = [b.error_count / b.count if b.count else None for b in shown.time.buckets]
    return [Level("failed", "error", "▚", shares)]


def _field(name: str) -> Callable[[Bucket], Any]:
    return lambda bucket: getattr(bucket, name)


def _latency(shown: Dashboard) -> list[Level]:
    return [
        Level(name, style, mark, list(map(_field(f"{name}_ms"), shown.time.buckets)))
        for name, style, mark in (
            ("p50", "think", "█"),
            ("p95", "warning", "▒"),
            ("p99", "muted", "░"),
        )
    ]


def _tokens(shown: Dashboard) -> list[Level]:
    buckets = shown.time.buckets
    given = [b.output_tokens for b in buckets]
    both = [total_tokens(b) for b in buckets]
    return [Level("output", "response", "█", given), Level("input", "think", "▒", both)]


def _cost(shown: Dashboard) -> list[Level]:
    return [Level("cost", "act", "█", [b.cost_usd for b in shown.time.buckets])]


def _gauge(name: str, style: str) -> Callable[[Dashboard], list[Level]]:
    def levels(shown: Dashboard) -> list[Level]:
        gauge = next((g for g in shown.gauges if g.name == name), None)
        if gauge is None:
            gauge = Gauge(name=name, means=[None] * len(shown.time.buckets), peaks=[])
            return [Level("mean", style, "█", gauge.means)]
        return [
            Level("mean", style, "█", gauge.means),
            Level("peak", "muted", "░", gauge.peaks),
        ]

    return levels


PLOTS = (
    Plot("executions", _executions, lambda n: count(round(n))),
    Plot("failed share", _shares, percent, "status:error"),
    Plot("latency", _latency, duration),
    Plot("tokens", _tokens, lambda n: count(round(n))),
    Plot("cost", _cost, cost),
    Plot("CPU", _gauge("cpu", "observe"), percent),
    Plot("memory", _gauge("memory", "observe"), lambda n: size(round(n))),
)

_COUNT: Column = ("count", 7, lambda row: count(row.count))
_FAILED: Column = ("failed", 7, lambda row: count(row.error_count) if row.error_count else "-")
_P50: Column = ("p50", 7, lambda row: duration(row.p50_ms))
_P95: Column = ("p95", 7, lambda row: duration(row.p95_ms))
_P99: Column = ("p99", 7, lambda row: duration(row.p99_ms))
_TOTAL: Column = ("total", 8, lambda row: duration(row.total_ms))
_TOKENS: Column = ("tokens", 7, lambda row: count(total_tokens(row)))
_DOLLARS: Column = ("cost", 8, lambda row: cost(row.cost_usd))

TABLES = (
    Table(
        "steps", "steps", lambda shown: shown.steps, "step",
        (_COUNT, _FAILED, _P50, _P95, _P99, _TOTAL), lambda row: row.total_ms or 0,
    ),
    Table(
        "slowest tools", "tools", lambda shown: shown.tools, "tool",
        (_P95, _P50, _COUNT, _FAILED, _TOTAL), lambda row: row.p95_ms or 0,
    ),
    Table(
        "models", "models", lambda shown: shown.models, "model",
        (_DOLLARS, _TOKENS, _COUNT, _P95), lambda row: row.cost_usd or 0,
    ),
    Table(
        "errors", "errors", lambda shown: shown.errors, "error",
        (_COUNT, _P95), lambda row: row.count,
    ),
    Table(
        "services", "services", lambda shown: shown.services, "service",
        (("spans", 7, _COUNT[2]), _FAILED, _P50, _P95, _TOKENS, _DOLLARS), lambda row: row.count,
    ),
)  # fmt: skip
