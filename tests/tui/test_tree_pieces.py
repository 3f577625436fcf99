"""What a trace's screen is made of, without a screen: time, minimap, matches, marks, density."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from jollyscope.model.tree import build_tree
from jollyscope.model.waterfall import Window
from jollyscope.query.searching import Needle
from jollyscope_tui.widgets.bars import Stretch, draw_bar, window_cells
from jollyscope_tui.widgets.cells import paint_width
from jollyscope_tui.widgets.matches import Search
from jollyscope_tui.widgets.minimap_paint import BUCKETS, measure, paint_map
from jollyscope_tui.widgets.outline import Outline
from jollyscope_tui.widgets.timeline import LEAST, Timeline
from tests.tui import fakes
from tests.tui.test_rows import outline, traces
from tests.tui.tree_runs import looping_run

moves = st.lists(
    st.tuples(
        st.sampled_from(["pan", "scale", "show", "out"]), st.floats(-3, 3), st.integers(0, 99)
    ),
    max_size=12,
)


@given(st.integers(1, 10**14), moves)
def test_the_time_on_show_never_leaves_the_trace(length: int, steps: list[tuple[str, float, int]]):
    line = Timeline()
    line.whole = line.shown = (1_000, 1_000 + length)
    for name, number, share in steps:
        at = 1_000 + length * share // 99
        if name == "pan":
            line.pan(number)
        elif name == "scale":
            line.scale(2**number, at)
        elif name == "show":
            line.show(at, at + length // 7)
        else:
            line.out()
        start, end = line.shown
        assert line.whole[0] <= start < end <= line.whole[1]
        assert end - start >= min(LEAST, length)
    line.scale(10**6, 1_000)
    assert not line.zoomed


def test_zooming_in_and_out_around_a_moment_comes_back():
    line = Timeline()
    line.whole = line.shown = (0, 1_000_000)
    line.scale(0.5, 500_000)
    assert line.shown == (250_000, 750_000)
    line.scale(0.5, 250_000)
    assert line.shown == (250_000, 500_000)
    line.scale(2, 250_000)
    assert line.shown == (250_000, 750_000)


def test_a_zoom_to_a_running_span_grows_with_it():
    spans = [fakes.span(1, None, 0, None), fakes.span(2, 1, 10, None)]
    made, line = Outline(build_tree(spans)), Timeline()
    assert line.follow(made, fakes.NOW)
    line.span = fakes.span_id(2)
    assert line.follow(made, fakes.NOW)
    before = line.shown
    assert line.follow(made, fakes.NOW + 60 * fakes.SECOND)
    assert line.shown[0] == before[0]
    assert line.shown[1] > before[1]


stretches = st.lists(st.tuples(st.integers(0, 999), st.integers(-1, 500)), min_size=1, max_size=30)


@given(stretches, st.integers(1, 200), st.integers(1, 2), st.data())
def test_a_minimap_takes_exactly_its_cells(
    spans: list[tuple[int, int]], cells: int, lines: int, data: st.DataObject
):
    starts = array("q", [start for start, _ in spans])
    ends = array("q", [-1 if took < 0 else start + took for start, took in spans])
    errors = array("q", data.draw(st.sets(st.integers(0, len(spans) - 1))))
    density = measure(0, 1_500, starts, ends, errors)
    assert sum(density.failed) == len(errors)
    assert density.open == sum(end < 0 for end in ends)
    assert min(density.spans) >= 0
    low = data.draw(st.integers(0, 1_499))
    shown = data.draw(st.sampled_from([None, (low, low + 1), (low, 1_500), (0, 1_500)]))
    painted = paint_map(density, (0, 1_500 + data.draw(st.integers(0, 900))), shown, cells, lines)
    assert [paint_width(line) for line in painted] == [cells] * lines


@given(stretches)
def test_density_counts_the_spans_at_work_in_each_part(spans: list[tuple[int, int]]):
    starts = array("q", [start for start, _ in spans])
    ends = array("q", [-1 if took < 0 else start + took for start, took in spans])
    density = measure(0, 1_500, starts, ends, [])

    def part(moment: int) -> int:
        return moment * (BUCKETS - 1) // 1_500

    for at, busy in enumerate(density.spans):
        assert busy == sum(
            part(start) <= at <= part(1_500 if took < 0 else start + took) for start, took in spans
        )


def test_a_minimap_marks_failures_and_what_is_on_show():
    starts, ends = array("q", [0, 0]), array("q", [1_000, 500])
    density = measure(0, 1_000, starts, ends, [1])
    (line,) = paint_map(density, (0, 1_000), None, 10, 1)
    text = "".join(piece for piece, _ in line)
    assert text.count("✖") == 1
    assert text.index("✖") in (4, 5)
    assert set(text) == {"█", "▄", "✖"}
    top, below = paint_map(density, (0, 1_000), (200, 600), 10, 2)
    assert "".join(piece for piece, _ in below) in ("──[─✖]────", "──[──]────")
    assert [style for _, style in top] == ["muted"] * 2 + ["text"] * 4 + ["muted"] * 4


@given(traces(), st.text("alphbet 北京{}:1", min_size=1, max_size=4), st.integers(0, 50))
def test_a_search_finds_what_a_plain_look_finds(spans: list[object], text: str, start: int):
    made = outline(spans)  # type: ignore[arg-type]
    search = Search(made.nodes, text, start % len(made))
    for _ in search.run():
        pass
    needle = Needle(text)
    plain = [
        at
        for at, node in enumerate(made.nodes)
        if (needle.within(node.span) if node.span else needle.inside(node.name))
    ]
    found = search.matches()
    assert list(found.found) == plain
    assert found.complete
    for longer in (text + "a", "p" + text):
        narrow, whole = Search(made.nodes, longer, 0, found), Search(made.nodes, longer)
        for one in (narrow, whole):
            for _ in one.run():
                pass
        assert list(narrow.matches().found) == list(whole.matches().found)
    for at in range(len(made)):
        forwards = [n for n in plain if n > at] + [n for n in plain if n <= at]
        backwards = [n for n in reversed(plain) if n < at] + [n for n in reversed(plain) if n >= at]
        assert list(found.further(at, 1)) == forwards
        assert list(found.further(at, -1)) == backwards
        assert found.number(at) == (plain.index(at) + 1 if at in plain else 0)


def test_a_search_tells_how_far_it_has_come():
    made = outline(fakes.huge_run(1_000))
    search = Search(made.nodes, "call tool", 500)
    told = [(found, search.matches().looked) for found in search.run()]
    assert told == [(True, 256), (True, 512), (True, 768)]
    assert not Search(made.nodes, "x").matches().complete


gaps = st.lists(st.integers(0, 120), max_size=8).map(
    lambda edges: list(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)


@given(
    st.integers(-20, 120),
    st.integers(0, 150),
    st.integers(1, 200),
    gaps,
    st.sampled_from(["", "← 4%"]),
)
def test_a_bar_with_gaps_takes_exactly_its_cells(
    start: int, took: int, width: int, bare: list[tuple[int, int]], after: str
):
    second = fakes.SECOND
    inside = [(g * second, h * second) for g, h in bare if start <= g < h <= start + took]
    window = Window(0, 100 * second, window_cells(width))
    bar = Stretch(start * second, (start + took) * second, "act", "act", "", after, inside)
    assert paint_width(draw_bar(bar, window, width)) == width


def test_gaps_stand_where_no_child_was_at_work():
    window = Window(0, 40, 40)
    bar = Stretch(0, 40, "act", "act", gaps=[(4, 8), (20, 30)])
    text = "".join(piece for piece, _ in draw_bar(bar, window, 48))
    assert text.startswith("▓▓▓▓┈┈┈┈" + "▓" * 12 + "┈" * 10 + "▓" * 10)


def test_an_insight_knows_loops_ranks_and_gaps():
    made = outline(looping_run())
    insight = made.insight
    assert insight is not None
    places = {made.index[fakes.span_id(n)]: n for n in range(1, 10)}
    assert {places[at]: tuple(repeat) for at, repeat in insight.repeats.items()} == {
        2: (1, 4), 3: (2, 4), 5: (3, 4), 7: (4, 4),
    }  # fmt: skip
    assert [places[at] for at in insight.repeated] == [3, 5, 7]
    assert {places[at]: rank for at, rank in insight.rank.items()} == {1: 1, 9: 2, 4: 3}
    assert len(insight.gaps.of(made.index[fakes.span_id(1)])) == 8
    assert insight.gaps.of(made.index[fakes.span_id(9)]) == []
    assert insight.cause == -1
    assert round(sum(insight.share.values()), 6) == 1
