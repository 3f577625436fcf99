"""Where bars and marks stand in a timeline."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.model.waterfall import Bar, Window, axis, mark, ticks

times = st.integers(0, 10**6) | st.integers(10**18, 10**18 + 10**12) | st.integers(0, 2**63 - 1)
windows = st.builds(
    lambda start, length, width: Window(start, start + length, width),
    times, st.integers(0, 10**13), st.integers(1, 400),
)  # fmt: skip


@given(windows, times, times)
def test_a_bar_is_never_empty_and_never_outside(window: Window, start: int, end: int):
    bar = window.bar(start, end)
    if max(start, end) < window.start or start > window.end:
        assert bar is None
        return
    assert bar is not None
    assert 0 <= bar.start < bar.end <= window.width * 8
    drawn = bar.cells()
    assert drawn
    assert bar.start // 8 + len(drawn) <= window.width


@given(windows, st.data())
def test_what_comes_first_stands_first(window: Window, data: st.DataObject):
    inside = st.integers(window.start, window.end)
    moments = sorted(data.draw(st.lists(inside, min_size=3, max_size=3)))
    first = window.bar(moments[0], moments[1])
    second = window.bar(moments[1], moments[2])
    assert first is not None
    assert second is not None
    assert first.start <= second.start
    assert first.end <= second.end
    # A longer span of the same start is never drawn shorter.
    longer = window.bar(moments[0], moments[2])
    assert longer is not None
    assert (longer.start, longer.end) >= (first.start, first.end)
    # Children stay within their parents' bars, but for the eighth that nothing is drawn without.
    assert longer.start <= second.start
    assert second.end <= longer.end + 1


@given(windows)
def test_the_whole_window_is_a_whole_bar(window: Window):
    bar = window.bar(window.start, window.end)
    if window.end > window.start:
        assert bar == Bar(0, window.width * 8)
        assert bar.cells() == "█" * window.width
    beyond = window.bar(max(0, window.start - 10**9), window.end + 10**9)
    assert beyond is not None
    assert beyond.start == 0


@pytest.mark.parametrize(
    ("start", "end", "bar"),
    [
        (0, 0, Bar(0, 1)),
        (0, 100, Bar(0, 80)),
        (50, 50, Bar(40, 41)),
        (50, 51, Bar(40, 41)),
        (100, 100, Bar(79, 80)),
        (100, 999, Bar(79, 80)),
        (101, 200, None),
        (10, 20, Bar(8, 16)),
        (15, 5, Bar(12, 13)),  # the clock was set back
    ],
)
def test_bars_in_a_window_of_ten_cells(start: int, end: int, bar: Bar | None):
    assert Window(0, 100, 10).bar(start, end) == bar


def test_spans_before_the_window_and_windows_of_nothing():
    assert Window(50, 100, 10).bar(0, 49) is None
    assert Window(50, 100, 10).bar(0, 50) == Bar(0, 1)
    assert Window(50, 100, 10).bar(60, 10) == Bar(16, 17)
    assert Window(7, 7, 10).bar(7, 7) == Bar(0, 1)
    assert Window(0, 100, 0).bar(0, 100) is None


@pytest.mark.parametrize(
    ("bar", "cells"),
    [
        (Bar(0, 1), "▏"), (Bar(0, 4), "▌"), (Bar(0, 8), "█"), (Bar(0, 13), "█▋"),
        (Bar(7, 8), "█"), (Bar(9, 10), "▎"), (Bar(8, 24), "██"), (Bar(3, 17), "██▏"),
    ],
)  # fmt: skip
def test_bars_as_blocks(bar: Bar, cells: str):
    assert bar.cells() == cells


@given(st.integers(1, 10**15), st.integers(1, 500), st.integers(4, 30))
def test_ticks_are_round_evenly_spaced_and_within_the_width(length: int, width: int, every: int):
    marks = ticks(length, width, every)
    assert marks[0] == (0, 0)
    assert all(0 <= column < width and 0 <= at <= length for at, column in marks)
    assert all(column == at * width // length for at, column in marks)
    if len(marks) > 1:
        step = marks[1][0]
        assert [at for at, _ in marks] == [n * step for n in range(len(marks))]
        assert str(step)[0] in "125"
        assert not str(step)[1:].strip("0")
        # About `every` cells apart, never much closer.
        assert step * width / length > every - width / length - 1e-6


@pytest.mark.parametrize(
    ("length", "width", "marks"),
    [
        (0, 80, [(0, 0)]),
        (100, 0, [(0, 0)]),
        (-5, 10, [(0, 0)]),
        (10, 40, [(0, 0), (5, 20)]),
        (100, 48, [(0, 0), (50, 24)]),
        (1_000_000, 60, [(0, 0), (200_000, 12), (400_000, 24), (600_000, 36), (800_000, 48)]),
        (3, 5, [(0, 0)]),
    ],
)
def test_ticks(length: int, width: int, marks: list[tuple[int, int]]):
    assert ticks(length, width) == marks


@given(st.integers(0, 10**13), st.integers(1, 10**14), st.integers(1, 250), st.integers(0, 12))
def test_the_axis_takes_exactly_its_cells(offset: int, length: int, width: int, beside: int):
    window = Window(offset, offset + length, width)
    assert len(axis(window, 0, width + beside)) == width + beside


def marks_of(line: str) -> list[str]:
    return line.replace("─", " ").replace("╷", " ").split("  ")


def words(line: str) -> list[str]:
    return [part for text in marks_of(line) if (part := text.strip())]


@pytest.mark.parametrize(
    ("start", "end", "marks"),
    [
        (0, 8_420, ["0", "2s", "4s", "6s", "8s"]),
        (0, 100, ["0", "20ms", "40ms", "60ms", "80ms", "100ms"]),
        (1_370, 3_370, ["1.5s", "2s", "2.5s", "3s"]),
        (0, 2_000, ["0", "0.5s", "1s", "1.5s", "2s"]),
        (0, 600_000, ["0", "2m", "4m", "6m", "8m", "10m"]),
        (3_723_000, 3_725_000, ["1h 02m 03s", "1h 02m 03.5s", "1h 02m 04s", "1h 02m 04.5s"]),
    ],
)
def test_axis_marks_are_round_zoomed_or_not(start: int, end: int, marks: list[str]):
    assert words(axis(Window(start * 10**6, end * 10**6, 72), 0, 80)) == marks


@given(st.integers(1, 10**15), st.integers(20, 300))
def test_axis_marks_stand_at_their_time(length: int, width: int):
    line = axis(Window(0, length, width), 0, width)
    assert line.startswith("0")
    for at, column in ticks(length, width):
        text = mark(at, length)
        if line[column : column + len(text)] == text and column:
            assert line[column - 1] == "╷"


@pytest.mark.parametrize(
    ("at", "longest", "text"),
    [
        (0, 10, "0"), (500, 900, "500ns"), (1_500, 5_000, "1.5µs"), (5 * 10**8, 2 * 10**9, "0.5s"),
        (500 * 10**9, 10**12, "8m 20s"), (3_600 * 10**9, 10**13, "1h"),
        (129_600 * 10**9, 10**15, "1d 12h"), (61_250_000_000, 10**11, "1m 01.25s"),
        (-1_500_000_000, 10**10, "-1.5s"), (12_345_678_901, 10**11, "12.345678901s"),
        (86_460 * 10**9, 10**15, "1d 00h 01m"),
    ],
)  # fmt: skip
def test_marks_of_every_size(at: int, longest: int, text: str):
    assert mark(at, longest) == text
