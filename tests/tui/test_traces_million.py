"""A list of a million traces: its end and back, at once, in little memory."""

from __future__ import annotations

import time

import pytest

from jollyscope.query.listing import TraceRow
from jollyscope_tui.widgets.traces_list import TracesList
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, settle, until
from tests.tui.fake_million import million

TOTAL = 1_000_000


async def test_to_the_end_and_back() -> None:
    source = million()
    async with explorer(source).run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        listing = pilot.app.screen.query_one(TracesList)
        assert "traces · 1,000,000 ·" in lines_of(pilot.app)[0]

        def on() -> str:
            row = listing.selected
            return row.trace_id if isinstance(row, TraceRow) else ""

        for key, last in (("G", TOTAL), ("g", 1), ("end", TOTAL), ("home", 1)):
            await pilot.press(key)
            await until(pilot, lambda last=last: on() == fakes.trace_id(last))
        # The scrollbar dragged to anywhere in between.
        for place in (500_000, 123_456, 900_001):
            listing.scroll_rows_to(place)
            listing.move_to(place)
            await until(pilot, lambda place=place: on() == fakes.trace_id(place + 1))
        reads = sum(asked[0] == "rows" for asked in source.asked)
        assert reads < 40


async def test_what_is_far_from_the_screen_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jollyscope_tui.widgets.sheet.KEPT", 1_000)
    async with explorer(million()).run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        listing = pilot.app.screen.query_one(TracesList)
        for page in range(8):
            place = page * TOTAL // 8
            listing.scroll_rows_to(place)
            listing.move_to(place)
            await until(pilot, lambda: listing.selected is not None and listing.gap() is None)
            assert len(list(listing.sheet.held())) <= 1_000


async def test_moving_takes_no_longer_than_in_a_short_list() -> None:
    taken: list[float] = []
    for total in (500, TOTAL):
        async with explorer(million(total)).run_test(size=(100, 40)) as pilot:
            await settle(pilot)
            listing = pilot.app.screen.query_one(TracesList)
            listing.move_to(total - 200)
            await until(pilot, lambda: listing.selected is not None and listing.gap() is None)  # noqa: B023
            best = 1e9
            for _ in range(5):
                began = time.process_time()
                for _ in range(20):
                    listing.action_move(1)
                best = min(best, time.process_time() - began)
                listing.move_to(total - 200)
            taken.append(best)
    assert taken[1] < taken[0] * 4 + 0.02
