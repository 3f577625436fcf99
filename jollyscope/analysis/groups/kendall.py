"""Trends by ranks: whether a series rises or falls, and how fast."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from jollyscope.analysis.groups.quantiles import median
from jollyscope.analysis.groups.ranks import inflation

__all__ = ["Trend", "seasonal_kendall"]

Dated = tuple[int, float]
"""A period's number and its value."""


class Trend(NamedTuple):
    """The median slope between two periods of one season, a period, and the chance of such a trend where
    there is none.
    """

    slope: float
    p: float


def seasonal_kendall(values: Sequence[Dated], seasons: int) -> Trend | None:
    """The seasonal Kendall test with the Theil-Sen slope (Hirsch, Slack and Smith, Water Resources
    Research 18, 1982): only periods of one season, such as Mondays, are held against each other. One
    season makes it the test of Mann and Kendall. The variance is corrected for ties, and for periods
    that follow one another. None where there is nothing to hold against each other.
    """
    groups: dict[int, list[Dated]] = {}
    for period, value in sorted(values):
        groups.setdefault(period % seasons, []).append((period, value))
    pairs = [pair for group in groups.values() for pair in combinations(group, 2)]
    if not pairs:
        return None
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs]
    slope = median(slopes)
    score = sum((s > 0) - (s < 0) for s in slopes)
    rest = [value - slope * period for period, value in sorted(values)]
    variance = sum(_variance([v for _, v in group]) for group in groups.values()) * inflation(rest)
    if variance <= 0:
        return Trend(0.0, 1.0)
    z = max(abs(score) - 1, 0) / math.sqrt(variance)
    return Trend(slope, math.erfc(z / math.sqrt(2)))


def _variance(values: Sequence[float]) -> float:
    """Of Kendall's score under chance."""

    def spread(n: int) -> int:
        return n * (n - 1) * (2 * n + 5)

    ties = Counter(values).values()
    return (spread(len(values)) - sum(map(spread, ties))) / 18
