"""Intervals around what a sample says: of a share, of two shares' difference, of a ratio, of means."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from statistics import NormalDist, fmean
from typing import NamedTuple

from jollyscope.analysis.groups.quantiles import quantile

__all__ = ["Interval", "hodges_lehmann", "mean_ratio", "newcombe", "wilson"]

_NORMAL = NormalDist()
BLOCKS, RESAMPLES = 250, 1_000
"""Means of at most so many blocks are drawn again so many times: 0.4 s for two groups."""


_LISTED = 20_000
"""Differences between values that are listed rather than counted; counting takes 40 ms at least."""


class Interval(NamedTuple):
    """An estimate and the bounds that the truth is within at the stated confidence."""

    value: float
    low: float
    high: float

    def mapped(self, how: Callable[[float], float]) -> Interval:
        """The same on another scale, by a growing function."""
        return Interval(how(self.value), how(self.low), how(self.high))

    def without(self, point: float) -> bool:
        """Whether a point lies outside."""
        return not self.low <= point <= self.high


def _z(confidence: float) -> float:
    return _NORMAL.inv_cdf((1 + confidence) / 2)


def wilson(hits: int, count: int, confidence: float = 0.95) -> Interval:
    """The share of `hits` in `count` with Wilson's score interval (1927); of none, all is possible."""
    if count == 0:
        return Interval(math.nan, 0.0, 1.0)
    z, share = _z(confidence), hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    # What rounding leaves at the ends would say that what was seen is not possible.
    return Interval(share, min(max(middle - half, 0.0), share), max(min(middle + half, 1.0), share))


def newcombe(first: tuple[int, int], second: tuple[int, int], confidence: float = 0.95) -> Interval:
    """The second share less the first, each (hits, count), by Newcombe's method 10 (Statistics in
    Medicine 17, 1998): the two Wilson intervals put together.
    """
    a, b = wilson(*first, confidence), wilson(*second, confidence)
    if not first[1] or not second[1]:
        return Interval(math.nan, -1.0, 1.0)
    return Interval(
        b.value - a.value,
        b.value - a.value - math.hypot(b.value - b.low, a.high - a.value),
        b.value - a.value + math.hypot(b.high - b.value, a.value - a.low),
    )


def hodges_lehmann(
    first: Sequence[float], second: Sequence[float], confidence: float = 0.95
) -> Interval:
    """By how much the second group's values lie above the first's: the median of all differences
    between pairs (Hodges and Lehmann 1963), with the interval that the Wilcoxon-Mann-Whitney test
    gives in its normal approximation, ties taken into account.

    Differences are counted, never listed: two groups of 20,000 have 400 million. Raises
    `ValueError` where a group is empty.
    """
    if not first or not second:
        raise ValueError("there is nothing to compare")
    a, b = sorted(first), sorted(second)
    m, n = len(a), len(b)
    pairs = m * n
    spread = math.sqrt(pairs * (m + n + 1) / 12 * _untied(sorted([*a, *b])))
    # Below the k-th difference from either end lies less than half of what the confidence leaves.
    k = max(1, math.floor(pairs / 2 - _z(confidence) * spread))
    low, below, above, high = _differences(
        a, b, (k, (pairs + 1) // 2, pairs // 2 + 1, pairs + 1 - k)
    )
    return Interval(below + (above - below) / 2, low, high)


def _untied(ordered: Sequence[float]) -> float:
    """The part of the variance of ranks that ties leave, of values in order."""
    n = len(ordered)
    lost, start = 0, 0
    for at in range(1, n + 1):
        if at == n or ordered[at] != ordered[start]:
            size = at - start
            lost += size**3 - size
            start = at
    return 1 - lost / (n**3 - n) if n > 1 else 1.0


def _differences(a: Sequence[float], b: Sequence[float], ranks: Sequence[int]) -> list[float]:
    """The smallest, second smallest … of all b - a, by rank from 1; both in order."""
    first, second = Counter(a), Counter(b)
    if len(first) * len(second) > _LISTED:
        return [_difference(a, b, rank) for rank in ranks]
    every = sorted((y - x, n * m) for x, n in first.items() for y, m in second.items())
    upto = list(accumulate(number for _, number in every))
    return [every[bisect_left(upto, rank)][0] for rank in ranks]


def _difference(a: Sequence[float], b: Sequence[float], rank: int) -> float:
    """The `rank`-th smallest (from 1) of all b - a; both in order. Halves the stretch that it is in
    until few others are: 14 times for two groups of 10,000.
    """
    low, high = math.nextafter(b[0] - a[-1], -math.inf), b[-1] - a[0]
    under, upto = 0, len(a) * len(b)
    while upto - under > len(a) + len(b):
        middle = low + (high - low) / 2
        if not low < middle < high:
            return high  # All that is left is equal.
        found = _upto(a, b, middle)
        if found >= rank:
            high, upto = middle, found
        else:
            low, under = middle, found
    return sorted(_between(a, b, low, high))[rank - under - 1]


def _between(a: Sequence[float], b: Sequence[float], low: float, high: float) -> Iterator[float]:
    """All b - a above `low` and up to `high`."""
    start = 0
    for value in a:
        while start < len(b) and b[start] - value <= low:
            start += 1
        at = start
        while at < len(b) and b[at] - value <= high:
            yield b[at] - value
            at += 1


def _upto(a: Sequence[float], b: Sequence[float], bound: float) -> int:
    """How many of all b - a are at most `bound`."""
    found, at = 0, 0
    for value in a:
        while at < len(b) and b[at] - value <= bound:
            at += 1
        found += at
    return found


def mean_ratio(
    first: Sequence[float], second: Sequence[float], *confidences: float, seed: int = 1
) -> list[Interval]:
    """The second mean over the first of values that are not negative, with the bias-corrected and
    accelerated bootstrap (BCa; Efron 1987), for each of the confidences. Empty where a group has
    fewer than ten values, or the first is all zero.

    Of a large group the means of equally large blocks, mixed by `seed`, are drawn instead: their
    mean is the group's. The same values in the same order give the same interval.
    """
    if len(first) < 10 or len(second) < 10 or not any(first):
        return []
    chance = random.Random(seed)
    a, b = _blocks(first, chance), _blocks(second, chance)
    seen = fmean(second) / fmean(first)
    least = min(x for x in a if x > 0) / len(a)  # What a mean is at least, unless all drawn are 0.
    drawn: list[float] = []
    for _ in range(RESAMPLES):
        below = sum(chance.choices(a, k=len(a))) / len(a)
        above = sum(chance.choices(b, k=len(b))) / len(b)
        drawn.append(above / max(below, least))
    less = sum(x < seen for x in drawn) + sum(x == seen for x in drawn) / 2
    bias = _NORMAL.inv_cdf(min(max(less / RESAMPLES, 1 / RESAMPLES), 1 - 1 / RESAMPLES))
    push = _acceleration(a, b)
    drawn.sort()
    bounds = (
        [
            quantile(drawn, _NORMAL.cdf(bias + (bias + z) / (1 - push * (bias + z))))
            for z in (-_z(confidence), _z(confidence))
        ]
        for confidence in confidences
    )
    return [Interval(seen, min(low, seen), max(high, seen)) for low, high in bounds]


def _blocks(values: Sequence[float], chance: random.Random) -> list[float]:
    if len(values) <= BLOCKS:
        return list(values)
    mixed = chance.sample(list(values), len(values))
    return [fmean(mixed[at::BLOCKS]) for at in range(BLOCKS)]


def _acceleration(a: Sequence[float], b: Sequence[float]) -> float:
    """How fast the ratio's error grows with it: a sixth of the skewness of its influence values, each
    group's weighed by its size.
    """
    mean_a, mean_b = fmean(a), fmean(b)
    influence = [-(x - mean_a) / mean_a / len(a) for x in a]
    if mean_b:
        influence += [(x - mean_b) / mean_b / len(b) for x in b]
    squares = math.fsum(u * u for u in influence)
    return math.fsum(u**3 for u in influence) / (6 * squares**1.5) if squares else 0.0
