"""The dashboard under the fingers: one cursor, one stretch of time, and the way to the traces."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope.errors import StoreError
from jollyscope_tui.memory import Memory
from jollyscope_tui.navigation import CopyAsked, DashboardAsked, ListAsked
from jollyscope_tui.screens.dashboard import DashboardScreen
from jollyscope_tui.widgets.plot_panel import LABEL, PlotPanel
from jollyscope_tui.widgets.state_panel import StatePanel
from jollyscope_tui.widgets.table_panel import TablePanel
from tests.tui import fake_numbers, fakes
from tests.tui.conftest import explorer, lines_of, until

WIDE, SMALL = (200, 60), (80, 24)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read but what a key asks for."""
    monkeypatch.setattr("jollyscope_tui.screens.dashboard.POLL_SECONDS", 3600)


class Held:
    """An explorer at its dashboard, and the messages that the dashboard posts."""

    def __init__(self, pilot: Pilot[Any], source: fakes.FakeSource, monkeypatch: Any) -> None:
        self.pilot, self.source = pilot, source
        self.posted: list[Any] = []
        post = DashboardScreen.post_message

        def noted(screen: DashboardScreen, message: Any) -> bool:
            if isinstance(message, ListAsked | CopyAsked):
                self.posted.append(message)
                return True
            return post(screen, message)

        monkeypatch.setattr(DashboardScreen, "post_message", noted)

    @property
    def screen(self) -> DashboardScreen:
        screen = self.pilot.app.screen
        assert isinstance(screen, DashboardScreen)
        return screen

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()
        await until(self.pilot, lambda: not self.screen.reading("numbers"))
        await self.pilot.pause()

    def plot(self, title: str) -> PlotPanel:
        return next(p for p in self.screen.query(PlotPanel) if p.plot.title == title)

    def text(self) -> str:
        return "\n".join(lines_of(self.pilot.app))


async def opened(pilot: Pilot[Any], source: fakes.FakeSource, monkeypatch: Any) -> Held:
    await until(pilot, lambda: len(pilot.app.screen_stack) > 1)
    pilot.app.post_message(DashboardAsked())
    await until(pilot, lambda: isinstance(pilot.app.screen, DashboardScreen))
    held = Held(pilot, source, monkeypatch)
    await until(pilot, lambda: held.screen.shown is not None)
    await held.press()
    return held


async def test_one_cursor_rules_all_plots(monkeypatch: pytest.MonkeyPatch):
    app = explorer(source := fakes.FakeSource())
    async with app.run_test(size=WIDE) as pilot:
        held = await opened(pilot, source, monkeypatch)
        assert held.plot("executions").has_focus
        await held.press("left")
        assert {plot.cursor for plot in held.screen.query(PlotPanel)} == {29}
        await held.press("h", "left", "right")
        assert {plot.cursor for plot in held.screen.query(PlotPanel)} == {28}
        await held.press("home")
        assert held.plot("memory").cursor == 0
        await held.press("l", "end")
        assert held.plot("latency").cursor == 29
        await held.press("escape")
        assert held.plot("latency").cursor is None


async def test_enter_goes_to_the_traces_of_the_bucket(monkeypatch: pytest.MonkeyPatch):
    app = explorer(source := fakes.FakeSource())
    async with app.run_test(size=WIDE) as pilot:
        held = await opened(pilot, source, monkeypatch)
        await held.press("home", "enter")
        await held.press("tab", "enter")
        views = [message.view for message in held.posted]
        assert [view.filter for view in views] == ["", "status:error"]
        assert held.screen.shown is not None
        first = held.screen.shown.time.buckets[0]
        assert views[0].since == "2026-11-20T13:04:00+00:00"
        assert views[0].until == "2026-11-20T13:06:00+00:00"
        assert first.end_time - first.start_time == 120 * 10**9


async def test_a_table_goes_to_the_traces_of_its_row(monkeypatch: pytest.MonkeyPatch):
    app = explorer(source := fakes.FakeSource())
    async with app.run_test(size=WIDE) as pilot:
        held = await opened(pilot, source, monkeypatch)
        for table in held.screen.query(TablePanel):
            table.focus()
            await held.press("down", "enter")
        assert [message.view.filter for message in held.posted] == [
            "step:think", "tool:天气.查询", "model:claude-sonnet-4", "has:error", "service:desk",
        ]  # fmt: skip
        assert {message.view.since for message in held.posted} == {"1h"}
        assert "slowest tools · first 4" in held.text()


async def test_longer_and_shorter_times_are_remembered(monkeypatch: pytest.MonkeyPatch):
    memory = Memory()
    app = explorer(source := fakes.FakeSource(), memory=memory)
    async with app.run_test(size=WIDE) as pilot:
        held = await opened(pilot, source, monkeypatch)
        await held.press("plus")
        await held.press("minus")
        await held.press("minus")
        await held.press("minus")
        await held.press("a")
        asked = [one.since for one in source.numbers.asked]
        assert asked == ["1h", "6h", "1h", "15m", None]
        assert memory.now.range is None
        await held.press("Y")
        assert held.posted[-1].text == "jollyscope ui --dashboard --since all"


async def test_live_reads_again_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jollyscope_tui.screens.dashboard.POLL_SECONDS", 0.01)
    app = explorer(source := fakes.FakeSource())
    async with app.run_test(size=SMALL) as pilot:
        held = await opened(pilot, source, monkeypatch)
        await until(pilot, lambda: len(source.numbers.asked) > 3)
        held.screen.set_focus(None)
        await held.press("L")
        assert "live" not in lines_of(app)[0]
        count = len(source.numbers.asked)
        await held.press("r")
        assert len(source.numbers.asked) == count + 1


async def test_the_cursor_stays_on_its_time_while_buckets_move(monkeypatch: pytest.MonkeyPatch):
    clock = [fakes.NOW]
    app = explorer(source := fakes.FakeSource())
    app.services = app.services._replace(now=lambda: clock[0])
    async with app.run_test(size=WIDE) as pilot:
        held = await opened(pilot, source, monkeypatch)
        await held.press("end", "left")
        assert held.plot("cost").cursor == 28
        clock[0] += 240 * 10**9
        await held.press("r")
        assert held.plot("cost").cursor == 26


async def test_the_mouse(monkeypatch: pytest.MonkeyPatch):
    app = explorer(source := fakes.FakeSource())
    async with app.run_test(size=WIDE) as pilot:
        held = await opened(pilot, source, monkeypatch)
        plot = held.plot("latency")
        await pilot.click(plot, offset=(LABEL, 4))
        await held.press()
        assert plot.cursor == 0
        await pilot.click(plot, offset=(LABEL, 4), times=2)
        await held.press()
        assert [message.view.since for message in held.posted] == ["2026-11-20T13:04:00+00:00"]
        table = held.screen.query(TablePanel).first()
        await pilot.click(table, offset=(3, 3), times=2)
        await held.press()
        assert held.posted[-1].view.filter == "step:user_input"


async def test_a_store_in_trouble_keeps_what_was_shown(monkeypatch: pytest.MonkeyPatch):
    app = explorer(source := fakes.FakeSource())
    async with app.run_test(size=WIDE) as pilot:
        held = await opened(pilot, source, monkeypatch)
        source.error = StoreError("The store is gone.")
        await held.press("r")
        assert held.screen.shown is not None
        await until(
            pilot, lambda: [n.message for n in app._notifications] == ["The store is gone."]
        )
        source.error = None
        await held.press("r")
        assert "slowest tools" in held.text()


async def test_the_first_read_waits_fails_and_recovers():
    source = fakes.FakeSource()
    app = explorer(source)
    async with app.run_test(size=SMALL) as pilot:
        await until(pilot, lambda: len(app.screen_stack) > 1)
        source.gate = threading.Event()
        app.post_message(DashboardAsked("tool:search"))
        await until(pilot, lambda: "Adding up" in "\n".join(lines_of(app)))
        source.error = StoreError("No store.", hint="Make one.")
        source.gate.set()
        panel = app.screen.query_one(StatePanel)
        await until(pilot, lambda: panel.display and "Make one." in "\n".join(lines_of(app)))
        source.error = None
        await pilot.press("r")
        await until(pilot, lambda: "executions" in "\n".join(lines_of(app)))
        assert source.numbers.asked[-1].filter == "tool:search"
        await pilot.press("q")
        await until(pilot, lambda: not isinstance(app.screen, DashboardScreen))


async def test_nothing_in_the_stretch_says_how_to_see_more(monkeypatch: pytest.MonkeyPatch):
    source = fakes.FakeSource()
    source.numbers.answer = fake_numbers.nothing
    app = explorer(source)
    async with app.run_test(size=(120, 30)) as pilot:
        held = await opened(pilot, source, monkeypatch)
        assert "+ widens, a shows all" in held.text()
        await held.press("left", "home", "enter", "tab", "tab", "tab", "tab", "enter")
        assert [message.view.filter for message in held.posted] == [""]
