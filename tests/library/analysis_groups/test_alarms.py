"""What is planted is found where it is; where nothing is, nothing is found but once in a hundred."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta

import pytest

from jollyscope.analysis.groups.changes import changes_of
from jollyscope.analysis.groups.compare import comparisons
from jollyscope.analysis.groups.hours import Hour
from jollyscope.analysis.groups.outliers import Like, limit
from jollyscope.analysis.groups.quantiles import quantile
from jollyscope.analysis.groups.ranks import pettitt
from jollyscope.analysis.groups.samples import Sample
from jollyscope.analysis.groups.series import SOURCES, Point, Series
from jollyscope.analysis.groups.spells import binomial_tail, coarse, hampel, spells
from jollyscope.analysis.groups.trends import courses


def series(
    seed: int, *, points: int = 100, calls: int = 10, slow: range = range(0), bad: range = range(0)
) -> Series:
    """A tool's calls: log-normal, three times as long in `slow`; 3 % fail, half of them in `bad`."""
    chance = random.Random(seed)
    found: list[Point] = []
    for n in range(points):
        times = sorted(
            chance.lognormvariate(5, 0.5) * (3 if n in slow else 1) for _ in range(calls)
        )
        errors = sum(chance.random() < (0.5 if n in bad else 0.03) for _ in range(calls))
        middle, far = quantile(times, 0.5), quantile(times, 0.95)
        found.append(Point(n * 100, n * 100 + 99, calls, errors, middle, far))
    return Series(SOURCES[1], "search", found)


@pytest.mark.parametrize(("points", "calls", "at"), [(100, 10, 70), (40, 1, 20), (200, 50, 31)])
def test_a_change_is_found_at_its_place(points: int, calls: int, at: int):
    found = changes_of([series(1, points=points, calls=calls, slow=range(at, points)), series(2)])
    assert [change.gauge.name for change in found] == [
        "p50"
    ]  # The p95 moves along: not told again.
    assert abs(found[0].at - at) <= 1
    assert found[0].worse
    assert not found[0].by.without(3.0)
    assert found[0].end == points


def test_a_rate_that_rises_is_found():
    found = changes_of([series(3, bad=range(60, 100))])
    assert [(c.gauge.name, c.worse) for c in found] == [("errors", True)]
    assert abs(found[0].at - 60) <= 1
    assert found[0].before < 0.06
    assert 0.4 < found[0].after < 0.6


def test_clean_series_have_no_changes_and_no_spells():
    # Of 60 stores with two series one may raise an alarm; four would be one in 250 times.
    stores = [
        [series(2 * n, points=60, calls=20), series(2 * n + 1, points=60)] for n in range(100)
    ]
    assert sum(bool(changes_of(store)) for store in stores) <= 3
    assert sum(bool(spells(store)) for store in stores) <= 3


def following(seed: int, phi: float, count: int, step: float = 0.0) -> list[float]:
    """Values of which each is `phi` of the one before and the rest chance; half of them a step higher, in
    standard deviations.
    """
    chance = random.Random(seed)
    wide = 1 / math.sqrt(1 - phi * phi)
    at, found = chance.gauss(0, wide), list[float]()
    for n in range(count):
        found.append(at + (step * wide if n >= count // 2 else 0.0))
        at = phi * at + chance.gauss(0, 1)
    return found


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("count", [60, 200])
def test_values_that_follow_each_other_are_no_change(phi: float, count: int):
    splits = (pettitt(following(seed, phi, count), 5) for seed in range(100))
    # Of 100 one may be; five would be so once in 290 times.
    assert sum(split is not None and split.p <= 0.01 for split in splits) <= 4


@pytest.mark.parametrize(("phi", "count", "least"), [(0.0, 60, 29), (0.5, 200, 29), (0.7, 200, 14)])
def test_a_step_among_values_that_follow_each_other_is_found(phi: float, count: int, least: int):
    splits = [pettitt(following(seed, phi, count, 3.0), 5) for seed in range(30)]
    found = [split for split in splits if split is not None and split.p <= 0.01]
    assert len(found) >= least
    assert all(abs(split.at - count // 2) <= 12 for split in found)


def test_a_spell_is_found_and_is_no_change():
    found = spells(
        [series(4, calls=20, slow=range(40, 46)), series(5, calls=20, bad=range(80, 83))]
    )
    assert [(s.gauge.name, s.start, s.end) for s in found] == [("p50", 40, 46), ("errors", 80, 83)]
    assert found[0].value / found[0].usual == pytest.approx(3, rel=0.3)
    assert found[1].usual < 0.06 < 0.3 < found[1].value
    # What lasts to the end may be a new level.
    assert spells([series(4, calls=20, slow=range(94, 100))]) == []


def test_points_of_few_calls_are_put_together_the_newest_first():
    found = coarse(series(1, points=11, calls=8))
    assert [point.calls for point in found.points] == [24, 24, 24]
    assert (found.points[0].first, found.points[-1].last) == (200, 1099)
    whole = series(1, points=11, calls=20)
    assert coarse(whole) is whole


def test_scores_and_chances_by_hand():
    scores = hampel([1, 2, 3, 2, 1, 20, 3, 2, 1, 2, 3])
    assert max(scores) == scores[5] > 10
    assert hampel([3.0] * 12) == [0] * 12
    assert binomial_tail(2, 3, 0.5) == pytest.approx(0.5)
    assert binomial_tail(0, 5, 0.1) == 1
    assert binomial_tail(5, 5, 0.1) == pytest.approx(1e-5)
    assert (binomial_tail(1, 5, 0), binomial_tail(1, 5, 1)) == (0, 1)


CLEAN = {
    "exponential": lambda chance: chance.expovariate(1),
    "gamma": lambda chance: chance.gammavariate(4, 1),
    "log-normal": lambda chance: chance.lognormvariate(0, 0.5),
    "Pareto": lambda chance: chance.paretovariate(1),
    "Pareto, lighter": lambda chance: chance.paretovariate(3),
    "normal": lambda chance: max(chance.gauss(100, 20), 1),
    "steps": lambda chance: chance.choice([4, 4, 4, 4, 5, 5, 6, 8]),
}


@pytest.mark.parametrize("kind", sorted(CLEAN))
def test_the_farthest_of_clean_runs_is_within_the_limit(kind: str):
    chance = random.Random(1)
    alarms, bounds = 0, list[float]()
    for _ in range(300):
        logs = [math.log(CLEAN[kind](chance)) for _ in range(200)]
        like = Like(200, *(quantile(logs, share) for share in (0.5, 0.75, 0.875)))
        bound = limit(like, 0.01)
        alarms += max(logs) > bound
        bounds.append(bound)
    assert alarms <= 8  # Nine would be one in 250 times.
    # Of log-normal runs, one that takes 45 times as long as half of them is found more often than not.
    assert kind != "log-normal" or quantile(bounds, 0.5) < math.log(45)


def group(seed: int, factor: float = 1.0, failing: float = 0.05, runs: int = 60) -> Sample:
    chance = random.Random(seed)
    times = [factor * chance.lognormvariate(0, 0.7) for _ in range(runs)]
    steps = [float(chance.randint(3, 9)) for _ in range(runs)]
    failed = sum(chance.random() < failing for _ in range(runs))
    return Sample(runs, failed, {"duration": times, "cost": [], "tokens": [], "steps": steps})


def test_groups_that_differ_differ_and_others_do_not():
    found = {one.name: one for one in comparisons(group(1, 2.0, 0.4), group(2))}
    assert {name: one.differs for name, one in found.items()} == {
        "errors": True, "duration": True, "steps": False,
    }  # fmt: skip
    assert not found["duration"].by.without(2.0)
    assert found["errors"].by.value == found["errors"].first - found["errors"].second
    alarms = sum(
        any(one.differs for one in comparisons(group(2 * seed), group(2 * seed + 1)))
        for seed in range(60)
    )
    assert alarms <= 3  # Four would be one in 250 times.


def test_groups_of_few_runs_are_not_compared():
    assert comparisons(group(1, runs=4), group(2)) == []


def test_what_costs_is_compared_by_its_mean_too():
    first, second = group(1, runs=30), group(2, runs=30)
    for one, factor in ((first, 3.0), (second, 1.0)):
        one.values["cost"] = [factor * value for value in one.values["duration"]]
    found = {one.name: one for one in comparisons(first, second)}
    assert found["mean cost"].differs
    assert found["mean cost"].first == pytest.approx(sum(first.values["cost"]) / 30)


def weeks(seed: int, *, days: int = 28, rise: float = 0.0, sunday: float = 0.0) -> list[Hour]:
    """Every hour's runs, twice as slow in the afternoon; days differ by chance as well as hours."""
    chance = random.Random(seed)
    found: list[Hour] = []
    for number in range(days):
        day = date(2026, 3, 2) + timedelta(days=number)  # A Monday.
        level = chance.gauss(0, 0.1) + rise * number + sunday * (day.weekday() == 6)
        for hour in range(24):
            slow = math.log(2) * (hour == 15)
            ms = math.exp(6 + level + slow + chance.gauss(0, 0.2))
            failed = sum(chance.random() < 0.05 for _ in range(20)) / 20
            found.append(Hour(day, hour, chance.randint(15, 25), failed, ms, None, None))
    return found


def test_trends_and_weekdays_are_told_apart_from_the_hours():
    found = courses(weeks(1, days=42, rise=0.02, sunday=0.8))
    told = {course.kind: course for course in found if course.measured.name == "duration"}
    assert len(told) == len(found) == 3
    assert math.exp(told["trend"].change) == pytest.approx(math.exp(0.02 * 41), rel=0.15)
    assert told["trend"].days == 42
    assert told["hour"].at == 15
    assert math.exp(told["hour"].change) == pytest.approx(2, rel=0.1)
    assert told["weekday"].at == 6
    assert math.exp(told["weekday"].change) == pytest.approx(math.exp(0.8), rel=0.2)


def test_clean_weeks_have_an_hour_and_no_trend():
    stores = [courses(weeks(seed, days=14 + 7 * (seed % 2))) for seed in range(40)]
    told = [[(c.kind, c.at) for c in found if c.measured.name == "duration"] for found in stores]
    assert sum(("hour", 15) in found for found in told) >= 39
    extra = [[c for c in found if (c.kind, c.at) != ("hour", 15)] for found in stores]
    assert sum(map(bool, extra)) <= 2  # Three would be one in 130 times.


def test_a_few_days_have_no_trend():
    assert courses(weeks(1, days=4, rise=0.5)) == []
