"""Narrowing the list: the filter bar, the time, facets and the histogram."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from jollyscope.errors import StoreError
from jollyscope.query.filter import FilterError, parse
from jollyscope_tui.memory import Memory
from jollyscope_tui.screens.time_range import TimeRangeDialog
from jollyscope_tui.screens.traces import TracesScreen
from jollyscope_tui.view import ALL, View
from jollyscope_tui.widgets import filter_bar as bar_module
from jollyscope_tui.widgets.facets import FacetList
from jollyscope_tui.widgets.filter_bar import FilterBar
from jollyscope_tui.widgets.histogram import HistogramBar
from jollyscope_tui.widgets.mistake import Mistake, caret_cells
from jollyscope_tui.widgets.traces_list import TracesList
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, settle, until

SIZE, WIDE = (80, 24), (160, 40)


def home(pilot: Pilot[Any]) -> TracesScreen:
    return next(s for s in pilot.app.screen_stack if isinstance(s, TracesScreen))


def shown(pilot: Pilot[Any]) -> str:
    return "\n".join(lines_of(pilot.app))


def bar(pilot: Pilot[Any]) -> FilterBar:
    return home(pilot).query_one(FilterBar)


async def test_a_filter_is_typed_applied_and_remembered() -> None:
    memory = Memory()
    source = fakes.FakeSource(fakes.varied_rows())
    async with explorer(source, memory=memory).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"has:error")
        assert bar(pilot).input.value == "has:error"
        assert home(pilot).view.filter == ""
        await pilot.press("enter")
        await settle(pilot)
        assert home(pilot).view.filter == "has:error"
        assert "traces · 2 ·" in lines_of(pilot.app)[0]
        assert "/ has:error" in lines_of(pilot.app)[1]
        assert home(pilot).listing.has_focus
        assert memory.now.view == View(filter="has:error")
        assert memory.now.filters == ("has:error",)
        await pilot.press("backspace")
        await settle(pilot)
        assert "traces · 40 ·" in lines_of(pilot.app)[0]
    async with explorer(source, memory=memory).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f", "up")
        assert bar(pilot).input.value == "has:error"
        await pilot.press("down")
        assert bar(pilot).input.value == ""


async def test_the_last_view_comes_back() -> None:
    memory = Memory()
    memory.change(view=View(filter="has:error", sort="duration_ms", descending=False))
    source = fakes.FakeSource(fakes.varied_rows())
    async with explorer(source, memory=memory).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "traces · 2 ·" in lines_of(pilot.app)[0]
        assert "time▲" in lines_of(pilot.app)[2]


async def test_escape_restores_what_is_in_force() -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"user:x ", "escape")
        assert bar(pilot).input.value == ""
        assert home(pilot).listing.has_focus
        assert "traces · 40 ·" in lines_of(pilot.app)[0]


@pytest.mark.parametrize(
    ("text", "cell"), [("duration>", 0), ("明天 duration>", 5), ('"é" duration>x', 13)]
)
async def test_a_mistake_is_pointed_at_at_once_on_enter(
    text: str, cell: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bar_module, "SAY_AFTER", 600)
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("slash")
        bar(pilot).input.value = text
        await pilot.press("enter")
        await until(pilot, lambda: "^" in lines_of(pilot.app)[2])
        carets = lines_of(pilot.app)[2]
        with pytest.raises(FilterError) as told:
            parse(text)
        assert carets.index("^") == 2 + cell == 2 + caret_cells(told.value)[0]
        assert cell_len(carets) == 80
        assert told.value.message in lines_of(pilot.app)[3]
        assert bar(pilot).input.has_focus
        await pilot.press("x")
        assert not home(pilot).query_one(Mistake).display


async def test_a_mistake_waits_for_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bar_module, "SAY_AFTER", 0.05)
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"cost>")
        await until(pilot, lambda: home(pilot).query_one(Mistake).display)
        await pilot.press("1")
        await pilot.pause()
        assert not home(pilot).query_one(Mistake).display


async def test_fields_and_values_are_completed() -> None:
    source = fakes.FakeSource(fakes.varied_rows())
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        offers = bar(pilot).offers
        await pilot.press("slash", *"to")
        await pilot.pause()
        assert offers.display
        assert [one.text for one in offers.offers] == ["tool:", "tokens>", "tools>"]
        await pilot.press("tab")
        await until(pilot, lambda: offers.display)
        assert [one.text for one in offers.offers] == ["calendar.add", "search"]
        asked = [one for one in source.asked if one[0] == "values"]
        await pilot.press("down", "down")
        assert offers.offer is not None
        assert offers.offer.text == "search"
        await pilot.press("up", "up", "down", "enter")
        assert bar(pilot).input.value == "tool:calendar.add "
        assert not offers.display
        await pilot.press("enter")
        await settle(pilot)
        assert home(pilot).view.filter == "tool:calendar.add"
        # What was asked once is not asked again for the same beginning.
        assert [one for one in source.asked if one[0] == "values"] == asked


async def test_escape_closes_the_completions_first_and_a_click_picks() -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"to", "escape")
        assert not bar(pilot).offers.display
        assert bar(pilot).input.value == "to"
        await pilot.press("tab")
        await pilot.pause()
        assert bar(pilot).offers.display
        await pilot.click(bar(pilot).offers, offset=(3, 1))
        await pilot.pause()
        assert bar(pilot).input.value == "tokens>"


async def test_a_slow_store_holds_up_no_key() -> None:
    source = fakes.FakeSource(fakes.varied_rows())
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        source.gate = threading.Event()
        await pilot.press("slash", *"tool:s")
        await until(pilot, lambda: any(one[0] == "values" for one in source.asked))
        await pilot.press(*"earch", "enter")
        await until(pilot, lambda: "reading, Esc cancels" in lines_of(pilot.app)[0])
        assert "traces · 40" in lines_of(pilot.app)[0]
        await pilot.press("escape")
        await settle(pilot)
        assert source.cancelled.is_set()
        assert bar(pilot).input.value == ""
        assert "reading" not in lines_of(pilot.app)[0]
        assert "traces · 40 ·" in lines_of(pilot.app)[0]


async def test_only_failed_and_all_again() -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("x")
        await settle(pilot)
        assert "traces · 2 ·" in lines_of(pilot.app)[0]
        await pilot.press("x")
        await settle(pilot)
        assert home(pilot).view.filter == ""


async def test_an_empty_result_says_what_hides_the_rest() -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        home(pilot).ask_view(filter="has:error", since="1m")
        await until(pilot, lambda: "None of 40 traces fits." in shown(pilot))
        assert "2 fit it at other times" in shown(pilot)
        assert "1 began then" in shown(pilot)
        await pilot.press("backspace")
        await settle(pilot)
        assert "traces · 40 ·" in lines_of(pilot.app)[0]
        assert home(pilot).listing.has_focus


async def test_a_usual_time_is_chosen() -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "t all times" in lines_of(pilot.app)[1]
        await pilot.press("t")
        await settle(pilot)
        assert isinstance(pilot.app.screen, TimeRangeDialog)
        await pilot.press("g", "enter")
        await settle(pilot)
        assert home(pilot).view.since == "15m"
        assert "t last 15m" in lines_of(pilot.app)[1]
        assert "traces · 24 ·" in lines_of(pilot.app)[0]
        await pilot.click("#range")
        await settle(pilot)
        await pilot.press("G", "enter")
        await settle(pilot)
        assert home(pilot).view.since == ALL
        await pilot.press("t")
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert home(pilot).view.since == ALL


async def test_times_of_ones_own_and_mistakes_in_them() -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("t")
        await settle(pilot)
        await pilot.press("tab", *"soon", "enter")
        assert "`soon` is no time." in shown(pilot)
        await pilot.press(*["backspace"] * 4, *"5m", "tab", *"10m", "enter")
        assert "not before" in shown(pilot)
        await pilot.press(*["backspace"] * 3, *"2m", "enter")
        await settle(pilot)
        view = home(pilot).view
        assert (view.since, view.until) == ("5m", "2m")
        assert "t 5m – 2m" in lines_of(pilot.app)[1]


async def test_a_default_bound_is_told() -> None:
    source = fakes.FakeSource(fakes.varied_rows())
    source.lists.bound = True
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"weather", "enter")
        await settle(pilot)
        assert "only since 2026-11-13 14:03" in shown(pilot)
        assert "t since 2026-11-13 14:03" in lines_of(pilot.app)[1]
        home(pilot).ask_view(since=ALL)
        await settle(pilot)
        assert "only since" not in shown(pilot)


async def test_facets_narrow_by_key_and_mouse() -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=WIDE) as pilot:
        await settle(pilot)
        facets = home(pilot).query_one(FacetList)
        assert facets.display
        assert "error" in shown(pilot)
        await pilot.press("F")
        await pilot.pause()
        assert not facets.display
        assert home(pilot).listing.has_focus
        await pilot.press("F")
        await settle(pilot)
        assert facets.has_focus
        await pilot.press("g", "j", "j", "enter")
        await settle(pilot)
        assert home(pilot).view.filter == "status:error"
        assert "● error" in shown(pilot)
        assert "traces · 1 ·" in lines_of(pilot.app)[0]
        row = next(n for n in range(facets.row_total()) if "error" in str(facets.paint_row(n, 30)))
        await pilot.click(FacetList, offset=(8, row + 1))
        await settle(pilot)
        assert home(pilot).view.filter == ""
        await pilot.press("escape")
        assert home(pilot).listing.has_focus
        await pilot.press("tab")
        assert not home(pilot).listing.has_focus


async def test_facets_come_on_a_narrow_screen_when_asked_for() -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert not home(pilot).query_one(FacetList).display
        await pilot.press("F")
        await settle(pilot)
        assert home(pilot).query_one(FacetList).display
        assert "weather-agent" in shown(pilot)
        await pilot.press("F")
        await settle(pilot)
        assert not home(pilot).query_one(FacetList).display


async def test_the_histogram_narrows_the_time_and_goes_away() -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=WIDE) as pilot:
        await settle(pilot)
        histogram = home(pilot).query_one(HistogramBar)
        assert histogram.display
        assert "×" in lines_of(pilot.app)[3] or "✖" in lines_of(pilot.app)[3]
        await pilot.click(HistogramBar, offset=(1, 0))
        await settle(pilot)
        assert "traces · 1 ·" in lines_of(pilot.app)[0]
        await pilot.press("h")
        await pilot.pause()
        assert not histogram.display
        await pilot.press("h", "backspace")
        await settle(pilot)
        assert histogram.display


async def test_what_stands_around_the_list_fails_quietly() -> None:
    source = fakes.FakeSource(fakes.varied_rows())
    async with explorer(source).run_test(size=WIDE) as pilot:
        await settle(pilot)

        def fail(*_args: object) -> Any:
            raise StoreError("No facets today.")

        source.lists.facets = fail  # type: ignore[method-assign]
        await pilot.press("r")
        await settle(pilot)
        assert home(pilot).query_one(TracesList).row_total() == 40
