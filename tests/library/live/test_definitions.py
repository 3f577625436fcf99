"""What is out of the ordinary and what is not, at the edges of each rule."""

# pytest leaves the type of `approx` open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.analysis.live.calls import Calls
from jollyscope.analysis.live.definitions import minute_alerts
from jollyscope.analysis.live.measures import percentile, robust_z
from jollyscope.analysis.live.past import Minutes, Past, Scores, Subject
from jollyscope.model.records import SpanRecord

ABOUT = Subject("desk", "act", "search", "")
HOUR = 3600 * 10**9
MINUTE = HOUR // 60
finite = st.floats(-1e9, 1e9)


@given(st.lists(finite, min_size=1), st.floats(0, 1))
def test_percentiles_interpolate(values: list[float], share: float):
    found = percentile(sorted(values), share)
    assert found == pytest.approx(float(np.quantile(values, share)), rel=1e-9, abs=1e-6)


def test_the_robust_z_score():
    assert percentile([], 0.5) is None
    assert robust_z([1.0] * 10, 10) is None
    assert robust_z([100.0] * 10 + [105.0], 10) == pytest.approx(0.6745)
    assert robust_z([float(n) for n in range(11)] + [5 + 10 / 0.6745], 10) == pytest.approx(10 / 3)


def names(spans: int, errors: int, p95: float | None, *scores: float | None) -> list[str]:
    now = Minutes(0, spans, errors, p95)
    return [found.name for found in minute_alerts(ABOUT, now, Scores(*scores))]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((5, 0, 9.0, 6.0, 0.0, 0.0), ["latency"]),
        ((4, 0, 9.0, 6.0, 0.0, 0.0), []),
        ((5, 0, 9.0, 5.99, 0.0, 0.0), []),
        ((5, 0, None, None, 0.0, 0.0), []),
        ((100, 5, 9.0, 0.0, 6.0, 0.0), ["errors"]),
        ((100, 4, 9.0, 0.0, 9.0, 0.0), []),
        ((10, 5, 9.0, None, None, None), ["errors"]),
        ((11, 5, 9.0, None, None, None), []),
        ((20, 0, 9.0, 0.0, 0.0, 6.0), ["volume"]),
        ((19, 0, 9.0, 0.0, 0.0, 6.0), []),
        ((1, 0, 9.0, 0.0, 0.0, -6.0), ["volume"]),
        ((20, 20, 9.0, 7.0, 7.0, 7.0), ["latency", "errors", "volume"]),
    ],
)
def test_the_rules(given: tuple[Any, ...], found: list[str]):
    assert names(*given) == found


def test_a_past_is_sixty_minutes_long_and_forgotten_after_two_hours():
    past = Past()
    for number in range(10):
        assert past.score(ABOUT, Minutes(number * MINUTE, 10, 0, 5.0)) == Scores(None, None, None)
    busy = past.score(ABOUT, Minutes(10 * MINUTE, 100, 0, None))
    assert busy.latency is None
    assert busy.volume == pytest.approx(0.6745 * 90)
    # Sixty minutes of another level, and the old one is forgotten.
    for number in range(11, 71):
        past.score(ABOUT, Minutes(number * MINUTE, 100, 0, 5.0))
    now = past.score(ABOUT, Minutes(71 * MINUTE, 100, 0, 5.0))
    assert now.volume == 0
    assert past.score(ABOUT, Minutes(71 * MINUTE + 2 * HOUR, 1, 0, 5.0)).volume is None


def call(number: int, arguments: str | None, at: int = 0, trace: int = 1) -> SpanRecord:
    return SpanRecord(
        trace_id=f"{trace:032x}", span_id=f"{number + 1:016x}", step_type="act", tool_name="search",
        input=arguments, start_time=at, end_time=at,
    )  # fmt: skip


def test_the_fifth_call_with_the_same_input_is_a_loop():
    calls = Calls()
    said = [calls.add(call(n, "天气 " if n % 2 else " 天气", at=n)) for n in range(8)]
    assert [found.name if found else "" for found in said] == ["", "", "", "", "loop", "", "", ""]
    assert said[4] is not None
    assert (said[4].time, said[4].value) == (4, 5.0)
    others = [calls.add(call(n, "天气", trace=2)) for n in range(4)]
    others += [calls.add(call(n, None)) for n in range(9)]
    others += [calls.add(call(9, "天气", at=2 * HOUR, trace=2))]
    assert others == [None] * 14


def test_calls_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jollyscope.analysis.live.calls._MOST_CALLS", 3)
    calls = Calls()
    for number in range(4):
        assert calls.add(call(number, "a")) is None
    for number in range(3):
        calls.add(call(number, f"other {number}"))
    assert calls.add(call(5, "a")) is None  # it was the one longest ago


def test_subjects_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jollyscope.analysis.live.past._MOST_SUBJECTS", 2)
    past = Past()
    for number in range(10):
        past.score(ABOUT, Minutes(number, 1, 0, math.pi))
    assert past.score(ABOUT, Minutes(10, 1, 0, math.pi)).latency == 0
    for name in "ab":
        past.score(Subject(name, "act", "", ""), Minutes(11, 1, 0, 1.0))
    assert past.score(ABOUT, Minutes(12, 1, 0, math.pi)).latency is None
