"""Two traces side by side, under keys and the mouse."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.pilot import Pilot

from jollyscope.analysis.diff import diff_traces
from jollyscope.errors import StoreError
from jollyscope_tui.navigation import CopyAsked, PageAsked, TraceAsked
from jollyscope_tui.screens.compare import CompareScreen
from jollyscope_tui.widgets.cells import paint_width
from jollyscope_tui.widgets.compare_detail import paint_text, read_text
from jollyscope_tui.widgets.compare_paint import Scale, paint_head, paint_pair, paint_stretch
from jollyscope_tui.widgets.compare_rows import CompareRows, Stretch
from jollyscope_tui.widgets.state_panel import StatePanel
from tests.tui import fakes
from tests.tui.compare_runs import LEFT, RIGHT, compare, comparing, long_run, named, other_run, rest
from tests.tui.conftest import lines_of, until


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the screen asks of the app, which does nothing about it."""
    asked: list[Any] = []
    post = CompareScreen.post_message

    def catch(self: CompareScreen, message: Any) -> bool:
        if isinstance(message, CopyAsked | PageAsked | TraceAsked):
            asked.append(message)
            return True
        return post(self, message)

    monkeypatch.setattr(CompareScreen, "post_message", catch)
    return asked


def shown(pilot: Pilot[Any]) -> str:
    return "\n".join(lines_of(pilot.app))


def said(pilot: Pilot[Any]) -> list[str]:
    return [notice.message for notice in pilot.app._notifications]


def marks(screen: CompareScreen) -> list[str]:
    rows = screen.steps.rows
    assert rows is not None
    return [pair.kind if (pair := rows.pair(at)) else "…" for at in range(len(rows))]


def title(screen: CompareScreen) -> str:
    pair = screen.steps.selected
    return pair.shown.title if pair else "…"


async def press(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
    await rest(pilot)


@pytest.mark.asyncio
async def test_what_it_opens_with() -> None:
    app = comparing()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await compare(pilot)
        text = shown(pilot)
        assert "1 step added, 1 removed, 7 changed, 0 the same" in text
        assert "B is 2.60s longer (31 %)" in text
        # At the first step that differs in what was done.
        assert title(screen) == "search"
        assert marks(screen).count("added") == marks(screen).count("removed") == 1


@pytest.mark.asyncio
async def test_jumps_and_kinds_of_rows() -> None:
    app = comparing(long_run(400, 1), long_run(400, 2))
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await compare(pilot)
        assert "… 48 equal steps" in shown(pilot)
        first = title(screen)
        assert first.endswith(" 50")
        await press(pilot, "n")
        assert title(screen).endswith(" 100")
        await press(pilot, "right_square_bracket", "N", "left_square_bracket")
        assert title(screen) == first
        await press(pilot, "x")
        assert set(marks(screen)) == {"changed"}
        assert title(screen) == first
        await press(pilot, "x")
        assert "…" in marks(screen)
        await press(pilot, "t")
        deltas = [abs(pair.own.delta or 0) for pair in _pairs(screen)]
        assert deltas == sorted(deltas, reverse=True)
        assert deltas[0] > 0
        await press(pilot, "escape")
        assert "…" in marks(screen)


def _pairs(screen: CompareScreen) -> list[Any]:
    rows = screen.steps.rows
    assert rows is not None
    return [rows.pair(at) for at in range(len(rows))]


@pytest.mark.asyncio
async def test_equal_stretches_fold_and_unfold() -> None:
    app = comparing(long_run(200, 1), long_run(200, 2))
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await compare(pilot)
        folded = len(_pairs(screen))
        await press(pilot, "g", "j")
        assert title(screen) == "…"
        await press(pilot, "space")
        assert len(_pairs(screen)) == folded + 47
        await press(pilot, "space")
        assert len(_pairs(screen)) == folded
        await press(pilot, "enter")
        assert len(_pairs(screen)) == folded + 47
        await press(pilot, "asterisk")
        assert len(_pairs(screen)) == 200
        await press(pilot, "underscore")
        assert len(_pairs(screen)) == folded


@pytest.mark.asyncio
async def test_tabs_and_what_they_say() -> None:
    app = comparing()
    async with app.run_test(size=(100, 44)) as pilot:
        await compare(pilot)
        await press(pilot, "2")
        assert '-     "title": "明天有雨"' in shown(pilot)
        assert '+     "title": "明天天晴"' in shown(pilot)
        await press(pilot, "1")
        assert "The same on both sides." in shown(pilot)
        await press(pilot, "3")
        assert '"http.status_code": 200' in shown(pilot)
        await press(pilot, "4")
        assert "1.6x slower" in shown(pilot)
        await press(pilot, "5")
        assert "• `search` 1.6x slower: +2.60s." in shown(pilot)
        await press(pilot, "tab", "left")
        assert "[Numbers]" in shown(pilot)
        await press(pilot, "right")
        assert "[Summary]" in shown(pilot)
        await press(pilot, "escape", "d")
        assert "[Summary]" not in shown(pilot)
        await press(pilot, "d")
        assert "[Summary]" in shown(pilot)


@pytest.mark.asyncio
async def test_swapping_sides() -> None:
    app = comparing()
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await compare(pilot)
        before = title(screen)
        await press(pilot, "s")
        await until(pilot, lambda: "B is 2.60s shorter" in shown(pilot))
        assert (screen.left, screen.right) == (RIGHT, LEFT)
        assert title(screen) == before


@pytest.mark.asyncio
async def test_asking_the_app(posted: list[Any]) -> None:
    app = comparing()
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await compare(pilot)
        await press(pilot, "2", "y", "o", "Y", "enter", "a", "b")
        copied, paged, command, chosen, left, right = posted
        assert copied.text.splitlines()[2] == '-     "title": "明天有雨"'
        assert (paged.text, paged.suffix) == (copied.text, ".diff")
        assert command.text == f"jollyscope diff {LEFT} {RIGHT}"
        search = fakes.span_id(3)
        assert (chosen.trace, chosen.span) == (RIGHT, search)
        assert [(one.trace, one.span) for one in (left, right)] == [
            (LEFT, search),
            (RIGHT, search),
        ]
        # A step that only A has opens there; B has none to open.
        screen.steps.move_to(marks(screen).index("removed"))
        await press(pilot, "b", "enter")
        assert (posted[-1].trace, len(posted)) == (LEFT, 7)
        assert said(pilot) == ["B has no such step."]


@pytest.mark.asyncio
async def test_keys_are_about_the_step_under_the_cursor(
    posted: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jollyscope_tui.widgets.settling.SETTLE_SECONDS", 60.0)
    app = comparing()
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await compare(pilot)
        await pilot.press("2", "y", "j", "y", "o")
        pair = screen.steps.selected
        assert pair is not None
        before, copied, paged = posted
        assert copied.text == paged.text != before.text
        assert copied.text == paint_text(read_text(pair, "Output"), 100).text


@pytest.mark.asyncio
async def test_leaving() -> None:
    app = comparing()
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("q", "escape"):
            screen = await compare(pilot)
            await press(pilot, key)
            await until(pilot, lambda screen=screen: pilot.app.screen is not screen)


@pytest.mark.asyncio
async def test_the_mouse(posted: list[Any]) -> None:
    app = comparing(long_run(200, 1), long_run(200, 2))
    async with app.run_test(size=(100, 40)) as pilot:
        screen = await compare(pilot)
        await pilot.click(screen.steps, offset=(10, 1))
        await rest(pilot)
        assert title(screen) == "long"
        await pilot.click(screen.steps, offset=(10, 2), times=2)
        await rest(pilot)
        assert "…" not in marks(screen)[:10]
        await pilot.click("ComparePane TabBar", offset=(34, 0))
        await rest(pilot)
        assert "[Numbers]" in shown(pilot)
        top = screen.steps.scroll_offset.y
        await pilot._post_mouse_events([_scroll()], screen.steps, offset=(5, 5))
        await rest(pilot)
        assert screen.steps.scroll_offset.y > top
        row = screen.steps.scroll_offset.y + 4
        await pilot.click(screen.steps, offset=(10, 5), times=2)
        await rest(pilot)
        assert screen.steps.cursor == row
        assert isinstance(posted[-1], TraceAsked)


def _scroll() -> Any:
    from textual.events import MouseScrollDown

    return MouseScrollDown


@pytest.mark.asyncio
async def test_equal_traces_say_so() -> None:
    app = comparing(right=fakes.agent_run())
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await compare(pilot)
        assert "All 8 spans are the same" in shown(pilot)
        assert marks(screen) == ["…"]
        for many, key in enumerate(("n", "x", "t"), 1):
            await press(pilot, key)
            assert said(pilot) == ["Nothing differs."] * many


@pytest.mark.asyncio
async def test_a_trace_that_is_not_there_and_trying_again() -> None:
    app = comparing()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await compare(pilot, right="ffff")
        panel = screen.query_one(StatePanel)
        assert panel.display
        assert "There is no trace `ffff`" in shown(pilot)
        source: Any = app.services.source
        source.stored["f" * 32] = named(other_run(), "f" * 32)
        await press(pilot, "r")
        await until(pilot, lambda: not panel.display)
        assert screen.right == "f" * 32


@pytest.mark.asyncio
async def test_a_running_trace_is_read_again_and_failures_are_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jollyscope_tui.screens.compare.RELOAD_SECONDS", 0.05)
    running = [
        msgspec.structs.replace(one, state="open", end_time=None, duration_ms=None)
        if one.parent_span_id is None
        else one
        for one in other_run()
    ]
    app = comparing(right=running)
    async with app.run_test(size=(100, 40)) as pilot:
        await rest(pilot)
        screen = CompareScreen(app.services, LEFT, RIGHT)
        app.push_screen(screen)
        await until(pilot, lambda: screen.is_mounted and screen.steps.row_total())
        assert "◐ running" in shown(pilot)
        source: Any = app.services.source
        late = fakes.span(50, 1, 12, 1, name="late", step_type="act", tool_name="late", input="x")
        source.stored[RIGHT] = named([*running, late], RIGHT)
        await until(pilot, lambda: "added" in marks(screen) and "act late" in shown(pilot))
        source.error = StoreError("The store went away.")
        await until(pilot, lambda: "The store went away." in said(pilot))
        assert "act late" in shown(pilot)


@pytest.mark.asyncio
async def test_waiting_can_be_cancelled() -> None:
    app = comparing()
    async with app.run_test(size=(80, 24)) as pilot:
        await rest(pilot)
        source: Any = app.services.source
        source.gate = threading.Event()
        screen = CompareScreen(app.services, LEFT, RIGHT)
        app.push_screen(screen)
        await until(pilot, lambda: any(panel.display for panel in screen.query(StatePanel)))
        assert "Comparing" in str(screen.query_one(StatePanel).content)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not screen)
        source.gate.set()


@pytest.mark.asyncio
async def test_long_traces_scroll_from_end_to_end() -> None:
    app = comparing(long_run(3_000, 1), long_run(3_000, 2))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await compare(pilot)
        await press(pilot, "asterisk", "G")
        assert screen.steps.cursor == screen.steps.row_total() - 1 == 2_999
        await press(pilot, "g")
        assert screen.steps.cursor == 0


def a_diff() -> Any:
    app = comparing()
    source: Any = app.services.source
    return diff_traces(source.load_trace(LEFT), source.load_trace(RIGHT))


@settings(max_examples=40)
@given(st.integers(40, 260), st.booleans(), st.booleans())
def test_rows_take_exactly_their_width(width: int, cursor: bool, indented: bool) -> None:
    for pair in _DIFF.pairs:
        painted = paint_pair(pair, Scale(2600.0, indented), width, cursor=cursor)
        assert paint_width(painted) == width
    assert paint_width(paint_head(width)) <= max(width, 40)
    assert cell_len("".join(text for text, _ in paint_stretch(7, width, cursor=cursor))) == width


_DIFF = a_diff()


def test_rows_are_found_again() -> None:
    app = comparing(long_run(300, 1), long_run(300, 2))
    source: Any = app.services.source
    rows = CompareRows(diff_traces(source.load_trace(LEFT), source.load_trace(RIGHT)))
    for at in range(len(rows)):
        assert rows.nearest(rows.place(at)) == at
    stretch = rows[1]
    assert isinstance(stretch, Stretch)
    assert rows.nearest(stretch.start + 5) == 1
    rows.toggle(1)
    assert rows.place(rows.nearest(stretch.start + 5)) == stretch.start + 5
