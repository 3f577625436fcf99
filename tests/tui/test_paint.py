from __future__ import annotations

from datetime import UTC

from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.model.records import StepType
from jollyscope.model.tree import build_tree
from jollyscope.model.waterfall import Window
from jollyscope_tui.heading import heading
from jollyscope_tui.widgets.bars import FILL, Stretch, draw_bar, live_end, window_cells
from jollyscope_tui.widgets.cells import paint_width
from jollyscope_tui.widgets.row_paint import TreeRow, paint_row
from tests.plain import trace_row
from tests.tui import fakes

S = fakes.SECOND
LONG = "北京 天气 🌦️ 👩‍💻 \x1b[31m e\u0301 and more " * 9


def text(paint: list[tuple[str, str]]) -> str:
    return "".join(piece for piece, _ in paint)


@given(
    st.integers(-20, 120), st.integers(0, 150), st.integers(1, 200), st.sampled_from(sorted(FILL)),
    st.sampled_from(["", "✖", "▸", "⚡"]),
)  # fmt: skip
def test_a_bar_takes_exactly_its_cells(
    start: int, took: int, width: int, step: StepType, mark: str
) -> None:
    window = Window(0, 100 * S, window_cells(width))
    stretch = Stretch(start * S, (start + took) * S, step, step, mark)
    assert paint_width(draw_bar(stretch, window, width)) == width


def test_the_duration_stands_behind_the_bar_or_before_it() -> None:
    window = Window(0, 10 * S, 40)
    assert text(draw_bar(Stretch(0, 5 * S, "act", "act"), window, 40)).startswith(
        "▓" * 20 + " 5.00s"
    )
    late = text(draw_bar(Stretch(9 * S, 10 * S, "act", "act"), window, 40))
    assert late.endswith(" 1.00s ▓▓▓▓")
    full = text(draw_bar(Stretch(0, 10 * S, "act", "act"), window, 40))
    assert full.startswith("▓▓▓")
    assert full.endswith(" 10.0s ")


def test_what_lies_outside_the_window_is_pointed_at() -> None:
    window = Window(10 * S, 20 * S, 20)
    assert text(draw_bar(Stretch(0, 5 * S, "act", "act"), window, 20)).startswith("‹")
    assert text(draw_bar(Stretch(30 * S, 35 * S, "act", "act"), window, 20)).endswith("›")


def test_every_step_has_a_texture_of_its_own() -> None:
    assert len(set(FILL.values())) == len(FILL)


def test_the_window_of_a_running_trace_moves_seldom() -> None:
    ends = {live_end(0, 100 * S + tick * S // 4) for tick in range(40)}
    assert len(ends) <= 12
    assert all(end > 100 * S for end in ends)


@settings(max_examples=60)
@given(st.integers(0, 6000), st.integers(20, 200), st.booleans(), st.integers(0, 10**6))
def test_a_tree_row_takes_exactly_its_cells(
    depth: int, width: int, cursor: bool, hidden: int
) -> None:
    for span in (
        fakes.span(1, name=LONG, model="gpt-4o" * 9, step_type="think"),
        fakes.span(1, name=LONG, took=None),
        fakes.span(1, name="x", state="interrupted"),
        fakes.span(1, name="x", status="error", error_message=LONG),
    ):
        node = build_tree([span]).roots[0]
        node.skewed = node.cycle = True
        row = TreeRow(node, LONG, depth, hidden > 0, hidden == 0, hidden, cursor, "天气")
        assert paint_width(paint_row(row, width)) == width


def test_a_folded_row_says_how_much_it_hides() -> None:
    node = build_tree([fakes.span(1, name="root", step_type="think")]).roots[0]
    assert "… 3,412 more" in text(paint_row(TreeRow(node, "root", 0, True, False, 3412, False), 60))


def test_the_heading_sums_the_trace_up() -> None:
    row = trace_row(fakes.agent_run(status="error"))
    said = text(heading(row, "lake:///x", fakes.NOW, UTC))
    assert said == (
        " 9e3779b1… ✖ error · 2 failed, ] goes there · 8.42s · 7 steps · 2,152 tokens · $0.0039"
        " · 14:02:11 · session s-42 · user ann · lake:///x"
    )
