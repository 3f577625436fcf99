"""Tests on ranks: they hold for durations of whatever distribution, and one wild value moves them little."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate
from operator import mul
from typing import NamedTuple

__all__ = [
    "Split",
    "chi_squared_tail",
    "inflation",
    "kruskal_wallis",
    "mid_ranks",
    "pettitt",
    "tied",
]


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


class Split(NamedTuple):
    """Where a series is most unlike before and after: the second part begins at `at`."""

    at: int
    p: float


def pettitt(values: Sequence[float], least: int) -> Split | None:
    """Pettitt's test for one change in level at an unknown place (Applied Statistics 28, 1979).

    `least` values are on either side. The chance is Pettitt's bound 2 exp(-6K² / (n³ + n²)), with the
    variance that ties leave and that of values which follow one another. None for fewer than
    2 x `least` values, or equal ones.
    """
    n = len(values)
    if n < 2 * least:
        return None
    ranks = mid_ranks(values)
    left = tied(ranks)
    if left == 0:
        return None
    sums = list(accumulate(ranks))
    off = [abs(2 * sums[k - 1] - k * (n + 1)) for k in range(least, n - least + 1)]
    at = least + max(range(len(off)), key=off.__getitem__)
    # Of what is left without the step, which would itself look like values that follow one another.
    means = (sums[at - 1] / at, (sums[-1] - sums[at - 1]) / (n - at))
    rest = [rank - means[place >= at] for place, rank in enumerate(ranks)]
    # Twice what they add: the step was put where it takes the most away. With a part that follows itself
    # by 0.9, 2% of 150 series raise a false alarm at a level of 1% so, and 9% without.
    scale = (n**3 + n**2) * left * (2 * inflation(rest) - 1)
    return Split(at, min(1.0, 2 * math.exp(-6 * off[at - least] ** 2 / scale)))


def kruskal_wallis(groups: Iterable[Sequence[float]]) -> float:
    """The chance of groups that differ so in level where none does (Kruskal and Wallis 1952), corrected
    for ties; 1 where there are fewer than two groups. By the χ² distribution in Wilson and Hilferty's
    approximation (1931).
    """
    held = [group for group in groups if group]
    labels = [number for number, group in enumerate(held) for _ in group]
    n, free = len(labels), len(held) - 1
    ranks = mid_ranks([value for group in held for value in group])
    left = tied(ranks)
    if free < 1 or left == 0:
        return 1.0
    sums = [0.0] * len(held)
    for label, rank in zip(labels, ranks, strict=True):
        sums[label] += rank
    h = 12 / (n * (n + 1)) * sum(
        total * total / len(group) for total, group in zip(sums, held, strict=True)
    ) - 3 * (n + 1)
    return chi_squared_tail(h / left, free)


def chi_squared_tail(value: float, free: int) -> float:
    """The chance of more than `value` of χ² with `free` degrees of freedom."""
    spread = 2 / (9 * free)
    z = (max(value / free, 0.0) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return math.erfc(z / math.sqrt(2)) / 2
