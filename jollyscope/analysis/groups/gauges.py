"""What is measured of a series, point by point, and how it is told."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from jollyscope.analysis.groups.series import Point, Series
from jollyscope.model.format import cost, count, duration
from jollyscope.query.clock import local

__all__ = ["GAUGES", "Gauge", "gauged", "log", "moment", "share", "subject"]


class Gauge(NamedTuple):
    """One number of a point. Those of a `share` are of `calls` each, others are compared as
    ratios. The more, the worse.
    """

    name: str
    unit: str
    """As evidence names it."""
    title: str
    of: Callable[[Point], float | None]
    told: Callable[[float], str]
    share: bool = False


def share(value: float) -> str:
    """A share (0 to 1) as `12.5%`."""
    return f"{value:.2%}" if 0 < value < 0.001 else f"{value:.1%}"


def _p50(point: Point) -> float | None:
    return point.p50_ms


def _p95(point: Point) -> float | None:
    return point.p95_ms if point.calls >= 5 else None


def _errors(point: Point) -> float | None:
    return point.errors / point.calls


def _tokens(point: Point) -> float | None:
    return point.tokens


def _cost(point: Point) -> float | None:
    return point.usd


def _whole(value: float) -> str:
    return count(round(value))


GAUGES: tuple[Gauge, ...] = (
    Gauge("p50", "ms", "The median time", _p50, duration),
    Gauge("p95", "ms", "The p95", _p95, duration),
    Gauge("errors", "share", "The error rate", _errors, share, share=True),
    Gauge("tokens", "tokens", "The tokens", _tokens, _whole),
    Gauge("cost", "usd", "The cost", _cost, cost),
)
"""A p95 of fewer than five calls is hardly more than the longest."""


def gauged(series: Series, gauge: Gauge) -> list[float] | None:
    """The number of every point; None where a point lacks it, or all are one."""
    values = [gauge.of(point) for point in series.points]
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) and len(set(known)) > 1 else None


def log(values: Sequence[float]) -> list[float]:
    """Logarithms; what is 0 counts as a millionth of its unit."""
    return [math.log(max(value, 1e-6)) for value in values]


def subject(series: Series) -> str:
    """What a series is of, in a sentence."""
    kind = "runs of" if series.source.of == "run" else f"the {series.source.of}"
    return f"{kind} `{series.name}`"


def moment(time: int) -> str:
    """Unix ns as local date and time, to the minute."""
    return f"{local(time):%Y-%m-%d %H:%M}"
