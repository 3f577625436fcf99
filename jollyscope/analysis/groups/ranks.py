"""Tests on ranks: they hold for durations of whatever distribution, and one wild value moves them little."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from operator import mul
from typing import NamedTuple

__all__ = [
    "Split",
    "inflation",
    "mid_ranks",
    "pettitt",
    "rank_sum",
    "tied",
]


_FOLLOWING, _MOST = 2, 0.97
"""How many times what following values add counts, and how surely a value is taken to follow the one before
at most. At a level of 1 %, of 200 series each in which a value is φ times the one before and the rest chance
these raise a false alarm, and of 100 with a step of three times that chance these are found at 0.1 %:

| values | φ = 0 | 0.5 | 0.7 | 0.9 |
|---|---|---|---|---|
| 40 | 0 %, 90 | 0.5 %, 25 | 0.5 %, 14 | 2.5 %, 6 |
| 100 | 0.5 %, 100 | 0.5 %, 63 | 0.5 %, 14 | 0.5 %, 3 |
| 200 | 0 %, 100 | 0 %, 100 | 0 %, 54 | 0 %, 0 |
"""


def mid_ranks(values: Sequence[float]) -> list[float]:
    """Each value's rank, from 1; equal ones share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for at in order[start:end]:
            ranks[at] = (start + 1 + end) / 2
        start = end
    return ranks


def tied(ranks: Sequence[float]) -> float:
    """The part of the ranks' variance that ties leave: 1 without any, 0 where all are equal."""
    n = len(ranks)
    if n < 2:
        return 0.0
    mean = (n + 1) / 2
    return sum((rank - mean) ** 2 for rank in ranks) / (n * (n * n - 1) / 12)


def inflation(values: Sequence[float]) -> float:
    """How many times the variance of a mean is what it would be if the values did not follow one
    another: the long-run variance of Newey and West (1987) with √n lags over the plain one, at least 1.
    """
    n = len(values)
    mean = math.fsum(values) / n if values else 0.0
    off = [value - mean for value in values]
    spread = math.fsum(x * x for x in off)
    if spread <= 0:
        return 1.0
    reach = math.isqrt(n)
    follow = sum(
        (1 - lag / (reach + 1)) * sum(map(mul, off, off[lag:])) for lag in range(1, reach + 1)
    )
    # Each lag's is low by about 1 / n, since the mean is of the same values (Kendall 1954); after a
    # step was taken out as well, by twice that.
    return max(1.0, 1 + 2 * (follow / spread + reach / n))


def _persistence(values: Sequence[float], parts: int) -> float:
    """How much of a value is that of the one before: the first autocorrelation, of values from which the
    means of so many parts were taken, which makes it look less (Kendall 1954), in the share of each.
    """
    spread = math.fsum(x * x for x in values)
    if spread <= 0:
        return 0.0
    seen = max(0.0, sum(map(mul, values, values[1:])) / spread)
    return min(_MOST, seen + (1 + 3 * seen) * parts / len(values))


class Split(NamedTuple):
    """Where a series is most unlike before and after: the second part begins at `at`."""

    at: int
    p: float


def pettitt(values: Sequence[float], least: int) -> Split | None:
    """Pettitt's test for one change in level at an unknown place (Applied Statistics 28, 1979).

    `least` values are on either side. The chance is Pettitt's bound 2 exp(-6K² / (n³ + n²)), with the
    variance that ties leave and that of values which follow one another: as an AR(1) process has it, whose
    long-run variance a few lags fall short of (Andrews and Monahan 1992), or more. None for fewer than
    2 x `least` values, or equal ones.
    """
    n = len(values)
    ranks = mid_ranks(values)
    left = tied(ranks)
    if n < 2 * least or left == 0:
        return None
    at, most = _widest(ranks, least)
    # Of what is left without this step and one more on either side, which would themselves look like
    # values that follow one another.
    places = [0, *_within(ranks[:at], 0, least), at, *_within(ranks[at:], at, least), n]
    rest = [
        rank - middle
        for start, end in pairwise(places)
        for middle in [math.fsum(ranks[start:end]) / (end - start)]
        for rank in ranks[start:end]
    ]
    follow = _persistence(rest, len(places) - 1)
    wider = max(inflation(rest), (1 + follow) / (1 - follow))
    scale = (n**3 + n**2) * left * (1 + _FOLLOWING * (wider - 1))
    return Split(at, min(1.0, 2 * math.exp(-6 * most**2 / scale)))


def _widest(ranks: Sequence[float], least: int) -> tuple[int, float]:
    """Where the mean ranks before and after lie the farthest apart for their numbers, and how far the
    sums of ranks do anywhere: that place is the surer one, when it is near an end.
    """
    n, sums = len(ranks), list(accumulate(ranks))
    mean = sums[-1] / n
    places = range(least, n - least + 1)
    off = [2 * abs(sums[k - 1] - k * mean) for k in places]
    at = max(places, key=lambda k: off[k - least] ** 2 / (k * (n - k)))
    return at, max(off)


def _within(ranks: Sequence[float], start: int, least: int) -> list[int]:
    return [start + _widest(ranks, least)[0]] if len(ranks) >= 4 * least else []


def rank_sum(group: Sequence[float], others: Sequence[float]) -> float:
    """The chance of a group that differs so in level from others where it does not: the rank-sum test of
    Wilcoxon, Mann and Whitney (1947), two-sided, in its normal approximation, corrected for ties.
    """
    m, n = len(group), len(others)
    ranks = mid_ranks([*group, *others])
    variance = m * n * (m + n + 1) / 12 * tied(ranks)
    if variance <= 0:
        return 1.0
    off = abs(math.fsum(ranks[:m]) - m * (m + n + 1) / 2)
    return math.erfc(max(off - 0.5, 0.0) / math.sqrt(2 * variance))
