"""Plots in characters: as wide as asked, every value to be seen, the highest at the top."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jollyscope_tui.sources.numbers import NumbersAsked
from jollyscope_tui.widgets.cells import paint_width
from jollyscope_tui.widgets.panels import PLOTS, value_text
from jollyscope_tui.widgets.plots import Level, bucket_at, column_of, paint_plot
from tests.tui import fake_numbers, fakes

values = st.lists(
    st.one_of(st.none(), st.floats(0, 1e6, allow_subnormal=False)), min_size=1, max_size=150
)


def text(paint: list[tuple[str, str]]) -> str:
    return "".join(piece for piece, _ in paint)


@given(values, st.integers(12, 160), st.integers(2, 20))
def test_a_plot_fills_its_size(held: list[float | None], width: int, height: int):
    lines = paint_plot([Level("n", "ok", "█", held)], (width, height), str, label=6)
    assert len(lines) == height
    assert all(paint_width(line) == width for line in lines)


@given(values, st.integers(10, 160))
def test_what_there_is_is_seen_and_nothing_else(held: list[float | None], width: int):
    lines = paint_plot([Level("n", "ok", "▚", held)], (width + 6, 9), str, label=6)
    lowest = text(lines[7])[6:]
    for bucket, value in enumerate(held):
        first, end = column_of(bucket, len(held), width)
        if len(held) <= width:
            assert {bool(mark.strip()) for mark in lowest[first:end]} == {bool(value)}
        elif value:
            assert lowest[first].strip()


@given(st.integers(1, 300), st.integers(4, 200))
def test_buckets_and_columns_are_each_others_inverse(buckets: int, width: int):
    ranges = [column_of(bucket, buckets, width) for bucket in range(buckets)]
    if buckets <= width:
        assert ranges[0][0] == 0
        assert ranges[-1][1] == width
        assert all(one[1] == next_one[0] for one, next_one in pairwise(ranges))
        for bucket, (first, end) in enumerate(ranges):
            assert {bucket_at(column, buckets, width) for column in range(first, end)} == {bucket}
    else:
        assert all(end - first == 1 and end <= width for first, end in ranges)
    assert bucket_at(-1, buckets, width) is bucket_at(width, buckets, width) is None


def test_stacked_levels_and_the_cursor():
    levels = [
        Level("ok", "ok", "█", [4, 0, 2, None]),
        Level("failed", "error", "▚", [4, 4, 4, None]),
    ]
    lines = paint_plot(levels, (10, 5), lambda n: f"{n:.0f}", cursor=2, label=2)
    assert [text(line) for line in lines] == [
        "4▕██▚▚▚▚  ",
        " ▕██▚▚▚▚  ",
        " ▕██▚▚██  ",
        "0▕██▚▚██  ",
        "  ▔▔▔▔▲▲▔▔",
    ]


def test_what_a_bucket_says():
    shown = fake_numbers.made(NumbersAsked("", None, None, fakes.NOW, 60))
    said = {plot.title: value_text(plot, plot.levels(shown), 3) for plot in PLOTS}
    assert said["executions"] == "█ ok 45 · ▚ failed 15"
    assert said["failed share"] == "▚ failed 25.0%"
    assert said["latency"] == "█ p50 1.05s · ▒ p95 2.63s · ░ p99 3.16s"
    assert said["tokens"] == "█ output 18,000 · ▒ input 120k"
    assert said["cost"] == "█ cost $0.240"
    assert said["CPU"] == "█ mean 25.6% · ░ peak 51.3%"
    assert value_text(PLOTS[2], PLOTS[2].levels(shown), 7) == "nothing"
