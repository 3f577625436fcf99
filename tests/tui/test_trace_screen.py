"""Every key and the mouse on the trace screen."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from rich.cells import cell_len, set_cell_size
from textual.pilot import Pilot
from textual.widgets import Input

from jollyscope.errors import ExitCode, StoreError
from jollyscope_tui.screens.trace import TraceScreen
from jollyscope_tui.screens.traces import TracesScreen
from jollyscope_tui.widgets.details import TABS
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, on_trace, screen_of, settle, until, view_of

SIZE = (80, 24)


def chosen(pilot: Pilot[Any]) -> str:
    node = view_of(pilot).selected
    assert node is not None
    return node.span_id.lstrip("0")


async def press(pilot: Pilot[Any], *keys: str) -> str:
    await pilot.press(*keys)
    await pilot.pause()
    return chosen(pilot)


async def test_moving() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert chosen(pilot) == "1"
        assert await press(pilot, "j") == "2"
        assert await press(pilot, "down") == "3"
        assert await press(pilot, "k") == "2"
        assert await press(pilot, "up") == "1"
        assert await press(pilot, "up") == "1"
        assert await press(pilot, "G") == "8"
        assert await press(pilot, "g") == "1"
        assert await press(pilot, "end") == "8"
        assert await press(pilot, "home") == "1"
        assert await press(pilot, "pagedown") == "8"
        assert await press(pilot, "pageup") == "1"
        assert await press(pilot, "ctrl+d") == "6"
        assert await press(pilot, "ctrl+u") == "1"
        assert await press(pilot, "ctrl+f", "ctrl+b") == "1"


async def test_folding() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        view = view_of(pilot)
        await press(pilot, "j", "j", "space")
        assert view.row_total() == 7
        assert "… 1 more" in "\n".join(lines_of(pilot.app))
        await press(pilot, "right")
        assert view.row_total() == 8
        assert await press(pilot, "l") == "4"
        assert await press(pilot, "left") == "3"
        await press(pilot, "h")
        assert view.row_total() == 7
        assert await press(pilot, "h") == "1"
        await press(pilot, "underscore")
        assert view.row_total() == 1
        await press(pilot, "plus")
        assert view.row_total() == 7
        await press(pilot, "equals_sign")
        assert view.row_total() == 8
        await press(pilot, "minus")
        assert view.row_total() == 7
        await press(pilot, "minus")
        assert view.row_total() == 1
        await press(pilot, "asterisk")
        assert view.row_total() == 8


async def test_folding_all_leaves_the_cursor_on_what_hides_its_span() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "j", "j")
        assert await press(pilot, "underscore") == "1"


async def test_jumping() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert await press(pilot, "right_square_bracket") == "7"
        assert await press(pilot, "right_square_bracket") == "7"
        assert await press(pilot, "K") == "6"
        assert await press(pilot, "J") == "7"
        assert await press(pilot, "J", "J") == "8"
        assert await press(pilot, "left_square_bracket") == "7"
        assert await press(pilot, "p") == "1"
        assert await press(pilot, "j", "j", "j", "p") == "3"


async def test_modes() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        view = view_of(pilot)
        await press(pilot, "s")
        assert view.row_total() == 7
        assert "steps only · 7 rows" in lines_of(pilot.app)[2]
        await press(pilot, "s")
        assert view.row_total() == 8
        await press(pilot, "x")
        assert [view.row_total(), chosen(pilot)] == [2, "1"]
        await press(pilot, "x")
        assert view.row_total() == 8


async def test_a_mode_without_rows_is_refused_with_a_word() -> None:
    async with on_trace([fakes.span(1)]).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "x")
        assert view_of(pilot).row_total() == 1
        assert [note.message for note in pilot.app._notifications] == ["No errors in this trace."]


async def test_searching() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"THINK")
        await pilot.pause()
        box = pilot.app.screen.query_one("#find", Input)
        assert box.has_focus
        assert "2 found “THINK”" in lines_of(pilot.app)[2]
        assert chosen(pilot) == "2"
        assert await press(pilot, "enter") == "2"
        assert not box.has_class("-open")
        assert view_of(pilot).has_focus
        assert await press(pilot, "n") == "6"
        assert await press(pilot, "n") == "2"
        assert await press(pilot, "N") == "6"
        assert await press(pilot, "escape") == "6"
        assert "THINK" not in lines_of(pilot.app)[2]


async def test_a_search_opens_what_hides_the_match_and_esc_takes_it_back() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "underscore")
        await pilot.press("slash", *"get /s")
        await pilot.pause()
        assert chosen(pilot) == "4"
        assert await press(pilot, "escape") == "1"
        await pilot.press("slash", *"no such thing")
        await pilot.pause()
        assert "not found" in lines_of(pilot.app)[2]
        assert await press(pilot, "escape") == "1"


async def test_zooming() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        view = view_of(pilot)
        whole = view.window
        await press(pilot, "j", "j", "z")
        assert view.window.end - view.window.start == 4.02e9
        assert "zoomed" in lines_of(pilot.app)[2]
        await press(pilot, "Z")
        assert view.window == whole
        await press(pilot, "z", "escape")
        assert view.window == whole


async def test_the_divider_moves_by_key_and_by_mouse() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        view = view_of(pilot)
        start = view.divider
        await press(pilot, "less_than_sign")
        assert view.divider == start - 4
        await press(pilot, "full_stop")
        assert view.divider == start
        await press(pilot, *["comma"] * 30)
        assert view.divider == 20
        await pilot.mouse_down(view, offset=(20, 3))
        await pilot.hover(view, offset=(50, 5))
        await pilot.mouse_up(view, offset=(50, 5))
        assert view.divider == 50
        assert chosen(pilot) == "1"
        assert all(line[len(set_cell_size(line, 50))] in "│┬" for line in lines_of(pilot.app)[2:10])


async def test_mouse() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        view = view_of(pilot)
        await pilot.click(view, offset=(15, 3))
        assert chosen(pilot) == "3"
        assert view.row_total() == 8
        await pilot.click(view, offset=(3, 3))
        assert view.row_total() == 7
        await pilot.click(view, offset=(60, 2))
        assert chosen(pilot) == "2"
        await pilot.click(view, offset=(15, 0))
        await pilot.click(view, offset=(15, 12))
        assert chosen(pilot) == "2"
        await pilot.click(view, offset=(15, 4), times=2)
        await pilot.pause()
        assert screen_of(pilot).detail.text_pane.has_focus


async def test_the_wheel_scrolls_without_moving_the_cursor() -> None:
    async with on_trace(fakes.huge_run(300)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        view = view_of(pilot)
        await pilot._post_mouse_events(
            [__import__("textual.events").events.MouseScrollDown], view, (5, 5), button=0
        )
        await pilot.pause()
        assert view.scroll_offset.y == 3
        assert view.cursor == 0
        await pilot._post_mouse_events(
            [__import__("textual.events").events.MouseScrollUp], view, (5, 5), button=0
        )
        await pilot.pause()
        assert view.scroll_offset.y == 0


async def test_scrolling_keeps_the_cursor_in_sight() -> None:
    async with on_trace(fakes.huge_run(3_000)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        view = view_of(pilot)
        for key in (
            "G",
            "k",
            "pageup",
            "ctrl+u",
            "g",
            "pagedown",
            "asterisk",
            "G",
            "minus",
            "x",
            "s",
            "right_square_bracket",
        ):
            await press(pilot, key)
            top = view.scroll_offset.y
            assert top <= view.cursor < top + view.rows_shown
            row = lines_of(pilot.app)[3 + view.cursor - top]
            assert row.startswith("▌"), key


async def test_detail_tabs() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "right_square_bracket")
        screen = screen_of(pilot)
        for number, name in enumerate(TABS):
            await press(pilot, str((number + 1) % 10))
            assert screen.detail.tab == name
        await press(pilot, "enter")
        assert screen.detail.text_pane.has_focus
        await press(pilot, "right")
        assert screen.detail.tab == "Overview"
        await press(pilot, "h")
        assert screen.detail.tab == "Raw"
        await press(pilot, *["j"] * screen.detail.text_pane.size.height)
        assert screen.detail.text_pane.scroll_offset.y > 0
        await press(pilot, "G", "g", "pagedown", "pageup")
        assert screen.detail.text_pane.scroll_offset.y == 0
        await press(pilot, "escape")
        assert view_of(pilot).has_focus
        await pilot.click("TabBar", offset=(12, 0))
        assert screen.detail.tab == "Messages"


async def test_the_detail_follows_the_cursor_and_can_be_hidden() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "j")
        await until(pilot, lambda: "0.003" in screen_of(pilot).detail.document.text)
        height = view_of(pilot).size.height
        await press(pilot, "d")
        assert view_of(pilot).size.height > height
        await press(pilot, "d")
        assert view_of(pilot).size.height == height


async def test_a_wide_terminal_has_the_detail_beside_the_trace() -> None:
    async with on_trace().run_test(size=(200, 60)) as pilot:
        await settle(pilot)
        assert screen_of(pilot).detail.region.x > view_of(pilot).region.right - 1
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert screen_of(pilot).detail.region.y >= view_of(pilot).region.bottom


async def test_copying_says_so_and_goes_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert pilot.app._driver is not None
        monkeypatch.setattr(pilot.app._driver, "write", written.append)
        await press(pilot, "j", "j", "3", "y")
        await pilot.pause()
        assert pilot.app.clipboard == '{"query": "北京 天气", "limit": 3, "fresh": true}'
        assert any(text.startswith("\x1b]52;c;eyJx") for text in written)
        monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
        await press(pilot, "y", "7", "y")
        await pilot.pause()
        assert any("\x1bPtmux;\x1b\x1b]52;c;" in text for text in written)
        said = [note.message for note in pilot.app._notifications]
        assert said[0] == "Copied Input, 53 B."
        assert said[1].startswith("Copied Input, 53 B through tmux")
        assert said[2] == "Nothing to copy here."


async def test_of_a_megabyte_the_beginning_is_shown_and_the_rest_said() -> None:
    spans = [fakes.span(1, input="天气 " * 350_000, output='{"a": [' + "1, " * 400_000 + "2]}")]
    async with on_trace(spans).run_test(size=SIZE) as pilot:
        await settle(pilot)
        pane = screen_of(pilot).detail.text_pane
        for key, said in (
            ("3", "… 1.0M more characters"),
            ("4", "400k items"),
            ("0", "1.2M characters"),
        ):
            await press(pilot, key)
            await settle(pilot)
            assert pane.virtual_size.height < 5_000
            assert said in "\n".join(row.text for row in pane.rows)
        await press(pilot, "3", "y")
        await pilot.pause()
        assert "more than terminals take" in next(n.message for n in pilot.app._notifications)


async def test_the_pager_where_there_is_none_to_hand_over_to() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "o")
        await pilot.pause()
        assert "cannot be handed" in next(n.message for n in pilot.app._notifications)


async def test_help_lists_every_key_of_the_screen() -> None:
    async with on_trace().run_test(size=(80, 120)) as pilot:
        await settle(pilot)
        await pilot.press("question_mark")
        await settle(pilot)
        shown = "\n".join(lines_of(pilot.app))
        for words in (
            "Next error",
            "Previous sibling",
            "Zoom",
            "Divider left",
            "Copy",
            "Pager",
            "Mouse",
        ):
            assert words in shown
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TraceScreen)


async def test_the_palette_has_the_actions_and_runs_them() -> None:
    async with on_trace().run_test(size=(80, 40)) as pilot:
        await settle(pilot)
        commands = {c.title: c for c in pilot.app.get_system_commands(pilot.app.screen)}
        assert {"Next error", "Fold all", "Copy", "Help", "Theme: nord"} <= set(commands)
        commands["Next error"].callback()
        await pilot.pause()
        assert chosen(pilot) == "7"


async def test_back_and_quit() -> None:
    app = on_trace()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("q")
        assert isinstance(pilot.app.screen, TracesScreen)
        await settle(pilot)
        await pilot.press("q")
    assert app.return_value == 0


async def test_escape_leaves_and_ctrl_c_is_told_from_quitting() -> None:
    app = on_trace()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TracesScreen)
        await pilot.press("ctrl+c")
    assert app.return_value == ExitCode.INTERRUPTED


async def test_a_deep_link_puts_the_cursor_on_the_span() -> None:
    async with on_trace(span=fakes.span_id(4)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert chosen(pilot) == "4"


async def test_a_deep_link_to_nothing_ends_with_the_reason() -> None:
    app = explorer(fakes.FakeSource(fakes.varied_rows()), target="abc")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.problem is not None)
    assert app.return_value == ExitCode.NOT_FOUND
    assert "There is no trace `abc`" in str(app.problem)


async def test_an_error_is_shown_and_tried_again() -> None:
    one = fakes.trace_id(1)
    source = fakes.FakeSource([fakes.row(1)], {one: fakes.agent_run()})
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        source.error = StoreError("The lake is damaged.", hint="Run `jollyscope doctor`.")
        await pilot.press("enter")
        await settle(pilot)
        shown = "\n".join(lines_of(pilot.app))
        assert "The lake is damaged." in shown
        assert "jollyscope doctor" in shown
        source.error = KeyError("surprise")
        await pilot.press("r")
        await settle(pilot)
        assert "failed unexpectedly (KeyError: 'surprise')" in "\n".join(lines_of(pilot.app))
        source.error = None
        await pilot.press("r")
        await settle(pilot)
        assert chosen(pilot) == "1"


async def test_escape_while_loading_goes_back() -> None:
    source = fakes.FakeSource([fakes.row(1)], {fakes.trace_id(1): fakes.agent_run()})
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        source.gate = threading.Event()
        await pilot.press("enter")
        await until(pilot, lambda: "Reading trace" in "\n".join(lines_of(pilot.app)))
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TracesScreen)
        assert source.cancelled.is_set()


async def test_a_running_trace_grows_and_keeps_folds_and_cursor() -> None:
    spans = fakes.agent_run()
    live = [
        fakes.span(1, None, 0, None, name="agent run", step_type="user_input", input="hello"),
        *spans[1:5],
    ]
    one = fakes.trace_id(1)
    source = fakes.FakeSource([fakes.row(1)], {one: live})
    async with explorer(source, target=one).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "◐ running" in lines_of(pilot.app)[0]
        assert "▸ 1m 00s" in lines_of(pilot.app)[3]
        await press(pilot, "j", "j", "space")
        source.stored[one] = [live[0], fakes.span(20, 1, 0.0, 0.1, name="early bird"), *spans[1:7]]
        await until(pilot, lambda: view_of(pilot).row_total() == 7)
        assert chosen(pilot) == "3"
        assert not view_of(pilot).model.is_open(view_of(pilot).cursor)
        source.stored[one] = spans
        await until(pilot, lambda: not view_of(pilot).running)
        assert "✔ ok" in lines_of(pilot.app)[0]


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (132, 43), (200, 60), (250, 70)])
async def test_every_line_is_as_wide_as_the_terminal(size: tuple[int, int]) -> None:
    odd = "👩‍💻🇨🇳👍🏽 \x1b[2J\u202e عربي ᄒᆞᆫ कि ✔️ " * 3
    spans = [
        *fakes.agent_run(),
        fakes.span(30, 1, 1, 1, name=odd, model=odd),
        fakes.span(31, 999, 2, 3, name="orphan", status="error", error_message=odd),
        fakes.span(32, 2, -5, 99, name="skewed"),
        fakes.span(33, 1, 3, 1, state="interrupted", name="broken off"),
    ]
    async with on_trace(spans).run_test(size=size) as pilot:
        await settle(pilot)
        for keys in ((), ("G",), ("x",), ("z",), ("7",)):
            await pilot.press(*keys)
            await pilot.pause()
            assert {cell_len(line) for line in lines_of(pilot.app)} == {size[0]}


async def test_a_held_key_does_not_wait_for_the_detail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jollyscope_tui.widgets.settling.SETTLE_SECONDS", 1.0)
    async with on_trace(fakes.huge_run(2_000)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        before = screen_of(pilot).detail.document
        await pilot.press(*["j"] * 5)
        assert screen_of(pilot).detail.document is before
        await until(pilot, lambda: screen_of(pilot).detail.document is not before)


async def test_no_worker_is_left_behind() -> None:
    async with on_trace().run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("q")
        await settle(pilot)
        await asyncio.sleep(0)
        assert all(worker.is_finished for worker in pilot.app.workers)
