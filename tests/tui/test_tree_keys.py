"""Every key of a trace's tree, time and minimap, and the mouse on them."""

from __future__ import annotations

from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from jollyscope_tui.memory import Memory
from jollyscope_tui.widgets.minimap import Minimap
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, on_trace, screen_of, settle, until, view_of
from tests.tui.test_trace_screen import chosen, press
from tests.tui.tree_runs import failing_run, live_run, looping_run

SIZE = (100, 30)


def said(pilot: Pilot[Any]) -> list[str]:
    return [note.message for note in pilot.app._notifications]


def shown(pilot: Pilot[Any]) -> tuple[float, float]:
    """Seconds since the trace began."""
    view = view_of(pilot)
    low, _ = view.timeline.whole
    start, end = view.timeline.shown
    return (start - low) / fakes.SECOND, (end - low) / fakes.SECOND


def app_shows(pilot: Pilot[Any]) -> bool:
    return bool(pilot.app.screen.query(Minimap)) and "rows" in lines_of(pilot.app)[2]


async def test_critical_path_only() -> None:
    async with on_trace(failing_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        view = view_of(pilot)
        await press(pilot, "c")
        assert "critical path only" in lines_of(pilot.app)[2]
        assert view.model is not None
        rows = [
            view.model.outline.nodes[view.model.node(r)].span_id for r in range(len(view.model))
        ]
        assert [int(span_id, 16) for span_id in rows] == [1, 2, 3, 4, 5, 6]
        assert "← 40%" in "\n".join(lines_of(pilot.app))
        await press(pilot, "c")
        assert "every span" in lines_of(pilot.app)[2]


async def test_the_first_error_is_the_cause_and_the_next_ones_follow_in_time() -> None:
    async with on_trace(failing_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "5 failed, ] goes there" in lines_of(pilot.app)[0]
        await press(pilot, "underscore")
        assert await press(pilot, "right_square_bracket") == "6"
        assert await press(pilot, "right_square_bracket") == "1"
        assert await press(pilot, "right_square_bracket") == "3"
        assert await press(pilot, "right_square_bracket") == "4"
        assert await press(pilot, "left_square_bracket") == "3"


async def test_an_error_off_the_critical_path_is_gone_to_all_the_same() -> None:
    spans = [
        fakes.span(1, None, 0, 10),
        fakes.span(2, 1, 0, 10),
        fakes.span(3, 1, 1, 1, status="error"),
    ]
    async with on_trace(spans).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "c")
        assert view_of(pilot).row_total() == 2
        assert await press(pilot, "right_square_bracket") == "3"
        assert "every span" in lines_of(pilot.app)[2]


async def test_repeated_calls() -> None:
    async with on_trace(looping_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "↻1/4" in lines_of(pilot.app)[4]
        assert await press(pilot, "right_curly_bracket") == "3"
        assert await press(pilot, "right_curly_bracket") == "5"
        assert await press(pilot, "right_curly_bracket") == "7"
        assert await press(pilot, "right_curly_bracket") == "3"
        assert await press(pilot, "left_curly_bracket") == "7"


async def test_a_trace_without_repeated_calls_says_so() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert await press(pilot, "right_curly_bracket") == "1"
        assert said(pilot) == ["No call is repeated with the same arguments."]


async def test_gaps() -> None:
    async with on_trace(looping_run()).run_test(size=(140, 30)) as pilot:
        await settle(pilot)
        assert "┈ 6.00s gap ┈" in lines_of(pilot.app)[3]
        await press(pilot, "i")
        assert "┈" not in lines_of(pilot.app)[3]
        await press(pilot, "i")
        assert "┈" in lines_of(pilot.app)[3]


async def test_the_slowest_are_ranked() -> None:
    async with on_trace(looping_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        lines = lines_of(pilot.app)
        assert [n for n, line in enumerate(lines[:12]) if "slow" in line] == [3, 6, 11]


async def test_time_by_key() -> None:
    async with on_trace(looping_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert shown(pilot) == (0, 20)
        await press(pilot, "right_parenthesis")
        assert said(pilot) == ["All of the time is on show; z or v narrow it."]
        await press(pilot, "v")
        assert shown(pilot) == (0, 10)
        await press(pilot, "right_parenthesis")
        assert shown(pilot) == (2.5, 12.5)
        await press(pilot, "shift+right", "left_parenthesis", "shift+left", "left_parenthesis")
        assert shown(pilot) == (0, 10)
        await press(pilot, "left_parenthesis")
        assert said(pilot)[-1] == "The trace begins here."
        assert "10.0s of 20.0s, from 0µs on" in lines_of(pilot.app)[1]
        await press(pilot, "V")
        assert shown(pilot) == (0, 20)
        await press(pilot, "j", "z")
        assert shown(pilot) == (0.2, 0.7)
        await press(pilot, "v", "Z")
        assert shown(pilot) == (0, 20)


async def test_the_minimap_by_mouse() -> None:
    async with on_trace(looping_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        minimap, view = pilot.app.screen.query_one(Minimap), view_of(pilot)
        left, cells = view.divider + 1, view.window.width
        await pilot.mouse_down(minimap, offset=(left + cells // 4, 0))
        await pilot.hover(minimap, offset=(left + cells // 2, 0))
        await pilot.mouse_up(minimap, offset=(left + cells // 2, 0))
        await pilot.pause()
        start, end = shown(pilot)
        assert (round(start), round(end)) == (5, 10)
        line = lines_of(pilot.app)[1]
        assert "[" in line
        assert "]" in line
        await pilot.click(minimap, offset=(left + cells * 3 // 4, 0))
        await pilot.pause()
        moved = shown(pilot)
        assert round(moved[1] - moved[0], 3) == round(end - start, 3)
        assert round(sum(moved) / 2) == 15
        await press(pilot, "Z")
        await pilot.click(minimap, offset=(left + cells // 2, 0))
        await pilot.pause()
        start, end = shown(pilot)
        assert round(end - start, 2) == 2.5
        await pilot.click(minimap, offset=(3, 0))
        assert shown(pilot) == (start, end)


async def test_the_wheel_over_the_bars_zooms_and_pans() -> None:
    async with on_trace(looping_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        view = view_of(pilot)
        left = view.divider + 1

        async def wheel(kind: Any, column: int, **held: bool) -> None:
            await pilot._post_mouse_events([kind], view, (column, 3), button=0, **held)
            await pilot.pause()

        await wheel(events.MouseScrollUp, left, control=True)
        assert shown(pilot) == (0, 16)
        await wheel(events.MouseScrollDown, left, shift=True)
        assert shown(pilot) == (2, 18)
        await wheel(events.MouseScrollDown, left, control=True)
        assert shown(pilot) == (0, 20)
        await wheel(events.MouseScrollUp, 3, control=True)
        assert shown(pilot) == (0, 20)


@pytest.mark.parametrize(("lines", "height"), [(16, 0), (24, 1), (50, 2)])
async def test_the_minimap_takes_what_there_is_room_for(lines: int, height: int) -> None:
    async with on_trace().run_test(size=(80, lines)) as pilot:
        await settle(pilot)
        minimap = pilot.app.screen.query_one(Minimap)
        assert (minimap.size.height if minimap.display else 0) == height


async def test_search_in_whole_texts() -> None:
    spans = looping_run()
    spans[4].output = "x" * 10_000 + " a NEEDLE far in"
    spans[2].attributes = {"deep": {"note": "needle here"}}
    async with on_trace(spans).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"needle")
        await settle(pilot)
        assert chosen(pilot) == "3"
        assert "1 of 2 found “needle”" in lines_of(pilot.app)[2]
        assert "in attributes" in "\n".join(lines_of(pilot.app))
        assert "in output" in "\n".join(lines_of(pilot.app))
        await pilot.press("enter")
        assert await press(pilot, "n") == "5"
        assert "2 of 2 found" in lines_of(pilot.app)[2]
        assert await press(pilot, "n") == "3"
        await press(pilot, "x")
        await press(pilot, "escape", "n")
        await settle(pilot)
        assert pilot.app.screen.query_one("#find").has_focus


async def test_matches_that_the_mode_leaves_out_are_said_to_be_elsewhere() -> None:
    async with on_trace(looping_run()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("s", "slash", *"get /search")
        await settle(pilot)
        await pilot.press("enter", "n")
        await pilot.pause()
        assert said(pilot)[-1] == "What matches “get /search” is not among these rows."


async def test_a_large_trace_is_searched_while_keys_are_answered() -> None:
    async with on_trace(fakes.huge_run(20_000)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"call tool 19999")
        await settle(pilot)
        assert chosen(pilot) == fakes.span_id(19_999).lstrip("0")
        assert "1 of 1 found" in lines_of(pilot.app)[2]
        await pilot.press(*["backspace"] * 4)
        await settle(pilot)
        assert "of 11,110 found" in lines_of(pilot.app)[2]


async def test_what_is_broken_off_says_when_it_was_last_heard_of() -> None:
    async with on_trace(live_run()).run_test(size=(140, 30)) as pilot:
        await settle(pilot)
        assert "last heard 14:03:04" in lines_of(pilot.app)[4]


async def test_a_running_trace_keeps_its_search_mode_and_zoom() -> None:
    one = fakes.trace_id(1)
    source = fakes.FakeSource([fakes.row(1)], {one: live_run()})
    async with explorer(source, target=one).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"search")
        await settle(pilot)
        await pilot.press("enter", "s", "j", "z")
        await pilot.pause()
        assert [chosen(pilot), shown(pilot)[0]] == ["3", 4.0]
        source.stored[one] = [
            *live_run(),
            fakes.span(4, 1, 59, 0.2, name="search", step_type="act"),
        ]
        await until(pilot, lambda: view_of(pilot).row_total() == 4)
        assert chosen(pilot) == "3"
        assert shown(pilot)[0] == 4.0
        assert "1 of 2 found “search”" in lines_of(pilot.app)[2]
        assert "steps only" in lines_of(pilot.app)[2]


async def test_mode_divider_and_detail_are_remembered() -> None:
    memory = Memory()
    async with on_trace(memory=memory).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "x", "less_than_sign", "d")
        assert (memory.now.mode, memory.now.detail) == ("errors", False)
        divider = view_of(pilot).divider
    async with on_trace(memory=memory).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app_shows(pilot))
        assert "errors only" in lines_of(pilot.app)[2]
        assert view_of(pilot).divider == divider
        assert not screen_of(pilot).detail.display
    async with on_trace(looping_run(), memory=memory).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app_shows(pilot))
        assert "every span" in lines_of(pilot.app)[2]


async def test_the_command_line_of_this_view() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "j", "3", "Y")
        await pilot.pause()
        command = f"jollyscope ui {fakes.trace_id(1)} --span {fakes.span_id(3)} --tab input"
        assert pilot.app.clipboard == command
        assert f"`{command}`" in said(pilot)[0]


async def test_a_deep_link_to_a_tab() -> None:
    one = fakes.trace_id(1)
    for tab, there in (("MESSAGES", True), ("nonsense", False)):
        app = explorer(fakes.FakeSource(fakes.varied_rows(), {one: fakes.agent_run()}))
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            from jollyscope_tui.screens.trace import TraceScreen

            app.push_screen(TraceScreen(app.services, one, fakes.span_id(6), tab=tab))
            await settle(pilot)
            assert chosen(pilot) == "6"
            assert screen_of(pilot).detail.tab == ("Messages" if there else "Overview")
            assert bool(said(pilot)) != there


async def test_folds_made_while_a_newer_version_is_read_stay() -> None:
    one = fakes.trace_id(1)
    source = fakes.FakeSource([fakes.row(1)], {one: fakes.agent_run()})
    async with explorer(source, target=one).run_test(size=SIZE) as pilot:
        await settle(pilot)
        screen = screen_of(pilot)
        source.before_load = lambda: pilot.app.call_from_thread(view_of(pilot).action_all, False)
        source.stored[one] = [*fakes.agent_run(), fakes.span(30, 1, 9, 1, name="late")]
        screen.action_reload()
        await until(
            pilot, lambda: "9.92" in lines_of(pilot.app)[1] or "10.0s in" in lines_of(pilot.app)[1]
        )
        await settle(pilot)
        assert view_of(pilot).row_total() == 1
