"""Spells: stretches of a series in which calls failed, or were slow, and after which they were well again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean
from typing import NamedTuple

from jollyscope.analysis.groups.gauges import GAUGES, Gauge, gauged, log
from jollyscope.analysis.groups.quantiles import MAD_TO_SD, mad, median, rolling_median
from jollyscope.analysis.groups.series import Point, Series

__all__ = ["Spell", "binomial_tail", "coarse", "hampel", "spells"]

LEAST_CALLS, LEAST_POINTS = 20, 20
"""Calls of a point, and points, that are enough: a median of fewer is too wild."""
FALSE_ALARMS = 0.005
"""Half of the 1% that anomalies may take: the chance of any alarm where there is none, over all series
and measures together.
"""
SLOWER = math.log(1.5)
"""Calls that take less than half as long again are not worth a line."""


class Spell(NamedTuple):
    """Points `[start, end)` of a series that lie apart: one beyond the limit, and those next to it that are
    beyond half of it. `z` is the highest of their robust z-scores.
    """

    series: Series
    gauge: Gauge
    start: int
    end: int
    value: float
    usual: float
    z: float


def hampel(values: Sequence[float], floor: float = 0.0) -> list[float]:
    """Each value's robust z-score by Hampel's identifier (1974): how far it is from the median of its
    neighbourhood, a fifth of all, in standard deviations by the median absolute deviation of all such
    distances, which is at least `floor`. 0 for all where nothing varies.
    """
    middles = rolling_median(values, max(5, len(values) // 10))
    off = [value - middle for value, middle in zip(values, middles, strict=True)]
    scale = max(mad(off) * MAD_TO_SD, floor)
    return [x / scale if scale else 0.0 for x in off]


def binomial_tail(hits: int, count: int, share: float) -> float:
    """The chance of `hits` or more in `count` at a `share` each."""
    if hits <= 0:
        return 1.0
    if not 0 < share < 1:
        return float(share >= 1)
    odds = math.log(share), math.log1p(-share)
    terms = (
        math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
        + k * odds[0] + (count - k) * odds[1]
        for k in range(hits, count + 1)
    )  # fmt: skip
    return min(1.0, math.fsum(map(math.exp, terms)))


def spells(every: Sequence[Series]) -> list[Spell]:
    """All spells of failures and of slowness in these series."""
    asked = [
        (series, gauge, values)
        for series in map(coarse, every)
        if len(series.points) >= LEAST_POINTS
        for gauge in GAUGES
        if gauge.name in ("p50", "errors") and (values := gauged(series, gauge)) is not None
    ]
    return [
        spell
        for series, gauge, values in asked
        for spell in _spells(series, gauge, values, FALSE_ALARMS / len(asked))
    ]


def coarse(series: Series) -> Series:
    """The same with at least `LEAST_CALLS` calls a point: as many points put together as that takes, the
    newest first. Their medians and p95 are the means of the points', their tokens and cost left out.
    """
    size = -(-LEAST_CALLS // series.points[0].calls) if series.points else 1
    if size == 1:
        return series
    over = len(series.points) % size
    groups = (series.points[at : at + size] for at in range(over, len(series.points), size))
    return series._replace(points=[_together(group) for group in groups])


def _together(points: Sequence[Point]) -> Point:
    return Point(
        points[0].first,
        points[-1].last,
        sum(point.calls for point in points),
        sum(point.errors for point in points),
        fmean(point.p50_ms for point in points),
        fmean(point.p95_ms for point in points),
    )


def _spells(series: Series, gauge: Gauge, values: list[float], level: float) -> list[Spell]:
    chance = level / len(values)
    scores, notable = _failures(series, values, chance) if gauge.share else _slowness(values)
    far = NormalDist().inv_cdf(1 - chance)
    if not gauge.share:
        # A scale from few distances is unsure: with 25 points 6 of 400 clean series raised an alarm at 2.
        far *= 1 + 4 / math.sqrt(len(values))
    apart = [score > far and worth for score, worth in zip(scores, notable, strict=True)]
    found: list[Spell] = []
    for start, end in _stretches([score > far / 2 for score in scores]):
        # What reaches either end may be a level that stays.
        if any(apart[start:end]) and start > 0 and end < len(values):
            inside, outside = values[start:end], [*values[:start], *values[end:]]
            # Points are of equally many calls: the mean of their error rates is that of the calls.
            middle = fmean if gauge.share else median
            found.append(
                Spell(
                    series,
                    gauge,
                    start,
                    end,
                    middle(inside),
                    middle(outside),
                    max(scores[start:end]),
                )
            )
    return found


def _slowness(values: list[float]) -> tuple[list[float], list[bool]]:
    logs = log(values)
    usual = median(logs)
    return hampel(logs), [value - usual >= SLOWER for value in logs]


def _failures(series: Series, values: list[float], chance: float) -> tuple[list[float], list[bool]]:
    """By the arcsine of the root, whose spread is the same at every rate (Anscombe 1948), and by the
    exact chance of so many failures at the rate of all other calls.
    """
    calls = series.points[0].calls
    roots = [math.asin(math.sqrt((v * calls + 0.375) / (calls + 0.75))) for v in values]
    errors = sum(point.errors for point in series.points)
    others = calls * (len(values) - 1)
    rare = [
        binomial_tail(p.errors, calls, (errors - p.errors + 0.5) / (others + 1)) <= chance
        for p in series.points
    ]
    return hampel(roots, 0.5 / math.sqrt(calls)), rare


def _stretches(apart: Sequence[bool]) -> list[tuple[int, int]]:
    """Where it is true, a point between that is not notwithstanding."""
    found: list[tuple[int, int]] = []
    for at, here in enumerate(apart):
        if here and found and at - found[-1][1] <= 1:
            found[-1] = (found[-1][0], at + 1)
        elif here:
            found.append((at, at + 1))
    return found
