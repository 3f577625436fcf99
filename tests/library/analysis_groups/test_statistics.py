"""Quantiles, ranks, trends and intervals: against plain definitions, worked examples, and the truth."""

from __future__ import annotations

import math
import random
import statistics
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.analysis.groups import intervals
from jollyscope.analysis.groups.intervals import hodges_lehmann, mean_ratio, newcombe, wilson
from jollyscope.analysis.groups.kendall import seasonal_kendall
from jollyscope.analysis.groups.quantiles import mad, quantile, rolling_median
from jollyscope.analysis.groups.ranks import (
    inflation,
    mid_ranks,
    pettitt,
    rank_sum,
)
from jollyscope.analysis.groups.segments import segments

numbers = st.floats(-1e6, 1e6) | st.integers(-5, 5).map(float)
some = st.lists(numbers, min_size=1, max_size=25)


@settings(max_examples=50)
@given(values=st.lists(numbers, min_size=2, max_size=40))
def test_quantiles_are_those_of_the_standard_library(values: list[float]):
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    found = [quantile(values, step / 20) for step in range(1, 20)]
    assert found == pytest.approx(cuts, rel=1e-9, abs=1e-9)
    assert (quantile(values, 0), quantile(values, 1)) == (min(values), max(values))


def test_no_quantile_of_nothing():
    with pytest.raises(ValueError, match="one value or more"):
        quantile([], 0.5)


def test_deviation_and_neighbourhoods_by_hand():
    assert mad([1, 1, 2, 2, 4, 6, 9]) == 1
    assert rolling_median([1, 9, 2, 8, 3], 1) == [2, 2, 8, 3, 3]
    assert rolling_median([3, 1], 5) == [2, 2]


@settings(max_examples=50)
@given(values=some)
def test_ranks_are_counted(values: list[float]):
    counted = [
        sum(x < value for x in values) + (sum(x == value for x in values) + 1) / 2
        for value in values
    ]
    assert mid_ranks(values) == counted


def test_rank_sums_by_hand():
    # Ranks 4 5 6 sum to 15, expected 10.5, variance 3 x 3 x 7 / 12: z = 4 / 2.291.
    found = rank_sum([7, 8, 9], [1, 2, 3])
    assert found == pytest.approx(math.erfc(4 / math.sqrt(5.25) / math.sqrt(2)))
    assert rank_sum([1, 2, 3], [7, 8, 9]) == found
    assert rank_sum([1, 1], [1]) == rank_sum([1, 2], []) == 1


def test_pettitt_by_hand():
    # |U| is 5 x 5 = 25 in the middle: 2 exp(-6 x 625 / 1100).
    found = pettitt([1, 3, 2, 5, 4, 8, 7, 10, 6, 9], least=2)
    assert found is not None
    assert found.at == 5
    assert found.p >= 2 * math.exp(-6 * 625 / 1100)  # What follows itself counts for less.
    assert pettitt([1.0] * 20, least=5) is None
    assert pettitt([1, 2, 3], least=2) is None


def test_values_that_follow_each_other_count_for_less():
    chance = random.Random(4)
    alone = [chance.gauss(0, 1) for _ in range(400)]
    follow = [0.0]
    for value in alone:
        follow.append(0.8 * follow[-1] + value)
    assert inflation(alone) < 2
    assert inflation(follow) > 4  # (1 + 0.8) / (1 - 0.8) is 9.
    assert inflation([1.0, 1.0]) == inflation([]) == 1


def test_two_changes_are_found_where_they_are():
    chance = random.Random(2)
    values = [(1.0, 3.0, 2.0)[(n > 59) + (n > 119)] + chance.gauss(0, 0.3) for n in range(200)]
    assert [split.at for split in segments(values, 0.001)] == [60, 120]


def test_the_trend_of_mondays_is_that_of_mondays():
    # Weekdays differ by far more than the ten that a week adds.
    week = (500, 20, 30, 10, 60, 900, 800)
    values = [(day, week[day % 7] + 10.0 * (day // 7)) for day in range(56)]
    found = seasonal_kendall(values, 7)
    assert found is not None
    assert found.slope == pytest.approx(10 / 7)
    assert found.p < 1e-6
    level = seasonal_kendall([(day, float(week[day % 7])) for day in range(56)], 7)
    assert level is not None
    assert (level.slope, level.p) == (0, 1)
    assert seasonal_kendall([(0, 1.0)], 1) is None


def test_mann_kendall_by_hand():
    # Of six pairs five rise, one falls: S = 4, variance 4 x 3 x 13 / 18, z = 3 / 2.944.
    found = seasonal_kendall([(0, 1.0), (1, 2.0), (2, 4.0), (3, 3.0)], 1)
    assert found is not None
    assert found.slope == pytest.approx(5 / 6)  # Of -1, 1/2, 2/3, 1, 3/2 and 2.
    assert found.p >= math.erfc(3 / 2.944 / math.sqrt(2)) - 1e-3


def test_shares_as_in_newcombes_paper():
    # Newcombe 1998, table II, method 10: 56/70 less 48/80, and 9/10 less 3/10.
    found = newcombe((48, 80), (56, 70))
    assert found == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)
    assert newcombe((3, 10), (9, 10)) == pytest.approx((0.6, 0.1705, 0.8090), abs=5e-5)
    assert wilson(81, 263) == pytest.approx((0.3080, 0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20)[:2] == (0, 0)
    assert wilson(0, 0)[1:] == (0, 1)


@settings(max_examples=80)
@given(a=some, b=some)
def test_shifts_are_order_statistics_of_all_differences(a: list[float], b: list[float]):
    every = sorted(y - x for x, y in product(a, b))
    found = hodges_lehmann(a, b)
    assert found.value == pytest.approx(statistics.median(every), rel=1e-12, abs=1e-12)
    assert found.low in every
    assert found.high in every
    assert found.low <= found.value <= found.high
    assert every.index(found.low) <= len(every) - 1 - every[::-1].index(found.high)


def test_what_is_counted_is_what_is_listed(monkeypatch: pytest.MonkeyPatch):
    chance = random.Random(3)
    for digits, size in ((3, 40), (0, 60)):
        a, b = ([round(chance.gauss(0, 2), digits) for _ in range(size)] for _ in "ab")
        listed = hodges_lehmann(a, b)
        with monkeypatch.context() as patched:
            patched.setattr(intervals, "_LISTED", 0)
            assert hodges_lehmann(a, b) == listed


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Of 150 samples 95% are to; fewer than 132, or of 40 than 33, would come once in 1,000 times."""
    held = {"wilson": 0, "newcombe": 0, "shift": 0, "mean": 0}
    for seed in range(150):
        chance = random.Random(seed)
        hits = [sum(chance.random() < rate for _ in range(80)) for rate in (0.1, 0.3)]
        held["wilson"] += not wilson(hits[0], 80).without(0.1)
        by = newcombe((hits[0], 80), (hits[1], 80))
        held["newcombe"] += not by.without(0.2)
        a, b = ([chance.lognormvariate(mu, 0.8) for _ in range(40)] for mu in (0, 0.5))
        shift = hodges_lehmann([math.log(x) for x in a], [math.log(x) for x in b])
        held["shift"] += not shift.without(0.5)
        if seed < 40:
            held["mean"] += not mean_ratio(a, b, 0.95)[0].without(math.exp(0.5))
    assert min(held["wilson"], held["newcombe"], held["shift"]) >= 132
    assert held["mean"] >= 33


def test_means_are_drawn_alike_each_time_and_widen_with_confidence():
    chance = random.Random(1)
    a, b = ([chance.expovariate(1) for _ in range(n)] for n in (700, 40))
    narrow, wide = mean_ratio(a, b, 0.8, 0.99)
    assert (narrow, wide) == tuple(mean_ratio(a, b, 0.8, 0.99))
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
    assert narrow.value == pytest.approx(statistics.fmean(b) / statistics.fmean(a))
    assert mean_ratio(a[:9], b, 0.95) == mean_ratio([0.0] * 20, b, 0.95) == []
