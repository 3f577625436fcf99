"""Counts and quantiles of runs, beside what they stand for."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.analysis.queries.findings import distribution
from jollyscope.analysis.queries.sums import Asked, Sketch, Sums, ranked


@given(st.lists(st.floats(1e-6, 1e9) | st.just(0.0), min_size=1, max_size=60), st.floats(0, 1))
def test_a_sketch_is_within_one_per_cent(values: list[float], share: float):
    sketch = Sketch()
    for value in values:
        sketch.add(value)
    exact = sorted(values)[max(0, -int(-(share * len(values) - 1e-9) // 1) - 1)]
    assert sketch.quantile(share) == pytest.approx(exact, rel=0.0101)


def test_a_sketch_of_nothing_says_nothing():
    assert Sketch().quantile(0.5) is None


def test_ranks_by_hand():
    counts = Counter({3: 2, 7: 1, 9: 1})
    assert [ranked(counts, share) for share in (0.0, 0.5, 0.51, 0.75, 0.76, 1.0)] == [
        3,
        3,
        7,
        7,
        9,
        9,
    ]
    with pytest.raises(ValueError, match="one value"):
        ranked(Counter(), 0.5)


@given(st.dictionaries(st.integers(0, 5000), st.integers(1, 9), max_size=30))
def test_a_distribution_has_every_run_once(steps: dict[int, int]):
    assert sum(map(int, distribution(Counter(steps)).values())) == sum(steps.values())


def test_a_distribution_names_its_bars():
    told = distribution(Counter({0: 1, 1: 4, 6: 2, 7: 1, 5000: 3}))
    assert told == {
        "runs_of_0_steps": 1, "runs_of_1_steps": 4, "runs_of_6_to_7_steps": 3,
        "runs_of_1001_or_more_steps": 3,
    }  # fmt: skip


def test_sums_are_the_same_in_any_order():
    chance = random.Random(1)
    runs = [
        Asked(
            f"{n:032x}",
            "x",
            n % 9 == 0,
            n % 5,
            chance.expovariate(0.01),
            n or None,
            chance.random(),
        )
        for n in range(200)
    ]
    told = [
        (
            s.runs,
            s.succeeded,
            s.tokens,
            s.told_tokens,
            s.usd,
            s.ms.quantile(0.95),
            s.examples.traces(),
        )
        for s in map(_summed, (runs, runs[::-1], chance.sample(runs, 200)))
    ]
    assert told[0] == told[1] == told[2]
    assert told[0][:4] == (200, 177, sum(range(200)), 199)
    assert told[0][6] == [f"{n:032x}" for n in (0, 9, 18)]  # Those that failed, as examples.


def _summed(runs: list[Asked]) -> Sums:
    sums = Sums()
    for run in runs:
        sums.add(run)
    return sums
