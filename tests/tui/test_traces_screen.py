"""Every key and the mouse on the list of traces."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from jollyscope.errors import StoreError
from jollyscope.query.listing import TraceRow
from jollyscope_tui.screens import traces as traces_module
from jollyscope_tui.screens.trace import TraceScreen
from jollyscope_tui.sources.lists import Order, Part
from jollyscope_tui.view import View
from jollyscope_tui.widgets.choices import Choices
from jollyscope_tui.widgets.sheet import PAGE
from jollyscope_tui.widgets.traces_list import TracesList
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, settle, until

SIZE = (80, 24)


def listing(pilot: Pilot[Any]) -> TracesList:
    return pilot.app.screen.query_one(TracesList)


def chosen(pilot: Pilot[Any]) -> str:
    row = listing(pilot).selected
    assert isinstance(row, TraceRow)
    return row.trace_id


async def test_rows_say_what_happened() -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        lines = lines_of(pilot.app)
        assert "traces · 40" in lines[0]
        assert "lake:///home/ann" in lines[0]
        assert lines[2].split() == ["when▼", "status", "input", "steps", "tokens", "cost", "time"]
        assert "◐ running" in lines[3]
        assert "查一下北京" in lines[3]
        assert "▸◆✖○◆✔" in lines[4]
        assert {cell_len(line) for line in lines} == {80}


async def test_moving_and_opening() -> None:
    source = fakes.FakeSource(fakes.varied_rows(), {fakes.trace_id(3): fakes.agent_run()})
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("j", "down", "down", "k")
        assert chosen(pilot) == fakes.trace_id(3)
        await pilot.press("G")
        assert chosen(pilot) == fakes.trace_id(40)
        await pilot.press("g", "j", "j", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, TraceScreen)
        await pilot.press("q")
        await settle(pilot)
        assert chosen(pilot) == fakes.trace_id(3)
        await pilot.click(TracesList, offset=(30, 3), times=2)
        await settle(pilot)
        assert isinstance(pilot.app.screen, TraceScreen)


async def test_the_end_is_there_at_once_and_the_way_back_is_whole() -> None:
    rows = [fakes.row(n) for n in range(1, 1_001)]
    source = fakes.FakeSource(rows)
    async with explorer(source).run_test(size=(80, 60)) as pilot:
        await settle(pilot)
        assert "traces · 1,000 ·" in lines_of(pilot.app)[0]
        await pilot.press("G")
        await settle(pilot)
        assert chosen(pilot) == fakes.trace_id(1_000)
        assert "question 1000:" in lines_of(pilot.app)[-2]
        reads = [asked[2] for asked in source.asked if asked[0] == "rows"]
        assert reads[0] == Part(PAGE, offset=0, backwards=True)
        seen = set()
        for _ in range(20):
            seen |= set(re.findall(r"question (\d+):", "\n".join(lines_of(pilot.app))))
            await pilot.press("pageup")
            await settle(pilot)
        assert seen == {str(n) for n in range(1, 1_001)}
        assert chosen(pilot) == fakes.trace_id(1)


async def test_sorting_by_key_and_by_heading() -> None:
    source = fakes.FakeSource(fakes.varied_rows())
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("o")
        await settle(pilot)
        choices = pilot.app.screen.query_one(Choices)
        assert choices.chosen is not None
        assert choices.chosen.key == "start_time"
        down = [one.key for one in choices.choices].index("duration_ms")
        await pilot.press(*["j"] * down, "enter")
        await settle(pilot)
        assert listing(pilot).order == Order("duration_ms", True)
        durations = [row.duration_ms for row in listing(pilot).sheet.held()]
        assert durations == sorted(durations, reverse=True)
        assert "time▼" in lines_of(pilot.app)[2]
        await pilot.press("O")
        await settle(pilot)
        assert "time▲" in lines_of(pilot.app)[2]
        column = lines_of(pilot.app)[2].index("cost")
        for descending in (True, False):
            await pilot.click(TracesList, offset=(column, 0))
            await settle(pilot)
            assert listing(pilot).order == Order("cost_usd", descending)
        first = listing(pilot).sheet.get(0)
        assert first is not None
        assert first.cost_usd is None
        assert pilot.app.services.memory.now.view == View(sort="cost_usd", descending=False)
        await pilot.press("o", "enter")
        await settle(pilot)
        assert listing(pilot).order == Order("cost_usd", True)


async def test_live_rows_arrive_without_moving_the_cursor() -> None:
    rows = [fakes.row(n) for n in range(10, 100)]
    source = fakes.FakeSource(rows)
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("l")
        await settle(pilot)
        assert "◐ live" in lines_of(pilot.app)[0]
        await pilot.press("pagedown", "pagedown", "j")
        await pilot.pause()
        on, at = chosen(pilot), listing(pilot).cursor - listing(pilot).scroll_offset.y
        shown = [line[:-1] for line in lines_of(pilot.app)[3:22]]
        source.rows = [fakes.row(n) for n in range(5, 10)] + rows
        await until(pilot, lambda: listing(pilot).row_total() == 95)
        await pilot.pause()
        assert chosen(pilot) == on
        assert listing(pilot).cursor - listing(pilot).scroll_offset.y == at
        assert [line[:-1] for line in lines_of(pilot.app)[3:22]] == shown
        await pilot.press("g", "j")
        on = chosen(pilot)
        source.rows = [fakes.row(n) for n in range(1, 5)] + source.rows
        await until(pilot, lambda: listing(pilot).row_total() == 99)
        assert chosen(pilot) == on
        assert listing(pilot).scroll_offset.y == 0
        await pilot.press("l")
        await pilot.pause()
        assert "live" not in lines_of(pilot.app)[0]


async def test_live_reading_that_fails_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces_module, "POLL_SECONDS", 0.05)
    source = fakes.FakeSource([fakes.row(1)])
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        source.error = StoreError("The lake is gone.")
        asked = len(source.asked)
        await pilot.press("l")
        await until(pilot, lambda: len(source.asked) > asked + 5)
        await pilot.pause()
        assert [note.message for note in pilot.app._notifications] == ["The lake is gone."]
        assert listing(pilot).row_total() == 1


async def test_refresh() -> None:
    source = fakes.FakeSource([fakes.row(2)])
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        source.rows = [fakes.row(1), fakes.row(2)]
        await pilot.press("r")
        await settle(pilot)
        assert listing(pilot).row_total() == 2
        assert chosen(pilot) == fakes.trace_id(2)


async def test_a_first_run_says_how_to_get_data_in() -> None:
    source = fakes.FakeSource()
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        shown = "\n".join(lines_of(pilot.app))
        for words in (
            "jollyscope demo",
            "jollyscope run -- python agent.py",
            'jollyscope.init(service="my-agent")',
            "jollyscope collect",
            "jollyscope import FILE",
            "JOLLYSCOPE_HOME",
        ):
            assert words in shown
        source.rows = [fakes.row(1)]
        await pilot.press("r")
        await settle(pilot)
        assert listing(pilot).has_focus
        assert chosen(pilot) == fakes.trace_id(1)


async def test_loading_shows_after_a_while_and_esc_cancels() -> None:
    source = fakes.FakeSource([fakes.row(1)])
    source.gate = threading.Event()
    async with explorer(source).run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "Reading lake:///" in "\n".join(lines_of(pilot.app)))
        assert "Esc cancels" in "\n".join(lines_of(pilot.app))
        await pilot.press("escape")
        await settle(pilot)
        assert "Cancelled." in "\n".join(lines_of(pilot.app))
        assert source.cancelled.is_set()
        source.gate = None
        await pilot.press("r")
        await settle(pilot)
        assert listing(pilot).row_total() == 1


async def test_an_error_shows_with_its_hint_and_is_tried_again() -> None:
    source = fakes.FakeSource([fakes.row(1)])
    source.error = StoreError("The lake at /x cannot be opened.", hint="Check its permissions.")
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        shown = "\n".join(lines_of(pilot.app))
        assert "The lake at /x cannot be opened." in shown
        assert "Check its permissions." in shown
        source.error = RuntimeError("surprise")
        await pilot.press("r")
        await settle(pilot)
        assert "failed unexpectedly (RuntimeError: surprise)" in "\n".join(lines_of(pilot.app))
        source.error = None
        await pilot.press("r")
        await settle(pilot)
        assert listing(pilot).row_total() == 1
        source.error = StoreError("Gone.")
        await pilot.press("r")
        await settle(pilot)
        assert listing(pilot).row_total() == 1
        assert [note.message for note in pilot.app._notifications] == ["Gone."]


async def test_what_the_store_could_not_include_is_said() -> None:
    source = fakes.FakeSource([fakes.row(1)], notes=["One part is damaged: 3 spans are missing."])
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "! One part is damaged" in lines_of(pilot.app)[2]


async def test_an_unknown_theme_is_said_and_the_rest_works() -> None:
    async with explorer(fakes.FakeSource([fakes.row(1)]), theme="no-such").run_test(
        size=SIZE
    ) as pilot:
        await settle(pilot)
        assert "There is no theme no-such" in next(n.message for n in pilot.app._notifications)
        assert listing(pilot).row_total() == 1


async def test_themes_change_at_once() -> None:
    async with explorer(fakes.FakeSource([fakes.row(1)])).run_test(size=SIZE) as pilot:
        await settle(pilot)
        dark = listing(pilot).paint_style("text")
        for theme in ("textual-light", "nord", "gruvbox", "textual-ansi"):
            if theme in pilot.app.available_themes:
                pilot.app.theme = theme
                await settle(pilot)
                assert listing(pilot).paint_style("text") != dark
