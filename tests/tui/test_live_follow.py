"""Lists and traces that are read again as soon as something of theirs is recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.transport.following.api import Standing
from jollyscope.transport.spool import SpoolWriter, spool_dir
from jollyscope_tui.screens import trace as trace_module
from jollyscope_tui.screens import traces as traces_module
from jollyscope_tui.screens.trace import TraceScreen
from jollyscope_tui.screens.traces import TracesScreen
from jollyscope_tui.sources.source import StoreSource
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, settle, until

ONE = fakes.trace_id(1)
SIZE = (110, 30)


@pytest.fixture(autouse=True)
def by_itself_never(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read every so often: only what wakes a screen makes it read."""
    monkeypatch.setattr(traces_module, "POLL_SECONDS", 3600)
    monkeypatch.setattr(trace_module, "RELOAD_SECONDS", 3600)


@pytest.fixture
def source() -> fakes.FakeSource:
    made = fakes.FakeSource(fakes.varied_rows(), {ONE: running()})
    made.live.there = True
    return made


def running(*later: SpanRecord) -> list[SpanRecord]:
    root = fakes.span(1, None, 50, None, name="run", step_type="user_input", input="go")
    return [root, fakes.span(2, 1, 50.1, 2, name="plan", step_type="think"), *later]


def text(pilot: Pilot[Any]) -> str:
    return "\n".join(lines_of(pilot.app))


async def listed(pilot: Pilot[Any]) -> TracesScreen:
    await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, TracesScreen)
    return screen


async def test_a_live_list_is_read_when_something_is_recorded(source: fakes.FakeSource) -> None:
    async with explorer(source).run_test(size=SIZE) as pilot:
        screen = await listed(pilot)
        assert not source.live.followers
        await pilot.press("l")
        await until(pilot, lambda: screen.hears)
        await settle(pilot)
        await pilot.press("j", "j")
        chosen = screen.listing.selected
        source.rows = [fakes.row(0, input="a new one"), *source.rows]
        source.live.say(fakes.span(9))
        await until(pilot, lambda: "a new one" in text(pilot))
        assert screen.listing.selected == chosen
        assert source.live.followers[0].kinds == ["span"]
        await pilot.press("l")
        await until(pilot, lambda: source.live.followers[0].closed)
        assert not screen.hears


async def test_without_a_follower_it_is_read_every_so_often(
    source: fakes.FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces_module, "POLL_SECONDS", 0.01)
    source.live.there = False
    async with explorer(source).run_test(size=SIZE) as pilot:
        screen = await listed(pilot)
        await pilot.press("l")
        source.rows = [fakes.row(0, input="a new one"), *source.rows]
        await until(pilot, lambda: "a new one" in text(pilot))
        assert not screen.hears


async def test_a_follower_that_is_away_leaves_it_to_the_clock(source: fakes.FakeSource) -> None:
    async with explorer(source).run_test(size=SIZE) as pilot:
        screen = await listed(pilot)
        await pilot.press("l")
        await until(pilot, lambda: screen.hears)
        source.live.stand(Standing("kafka", False, "Kafka is away. It is tried again.", None, 0))
        await until(pilot, lambda: not screen.hears)


async def test_a_list_that_is_heard_grows_between_two_reads(
    source: fakes.FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces_module, "HEARD_TICKS", 1000)
    clock = [fakes.NOW]
    app = explorer(source)
    app.services = app.services._replace(now=lambda: clock[0])
    async with app.run_test(size=SIZE) as pilot:
        screen = await listed(pilot)
        await pilot.press("l")
        await until(pilot, lambda: screen.hears)
        await settle(pilot)
        asked = len(source.asked)
        before = lines_of(app)
        clock[0] += 100 * 10**9
        screen._poll()
        await pilot.pause()
        assert len(source.asked) == asked
        changed = [new for old, new in zip(before, lines_of(app), strict=True) if old != new]
        assert len([line for line in changed if "running" in line]) == 1


async def test_a_running_trace_is_read_when_it_is_recorded(source: fakes.FakeSource) -> None:
    app = explorer(source, target=ONE)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, TraceScreen))
        await settle(pilot)
        screen = app.screen
        assert isinstance(screen, TraceScreen)
        await until(pilot, lambda: screen.hears)
        await pilot.press("j")
        assert screen.view.selected is not None
        chosen = screen.view.selected.span_id
        loads: list[str] = []
        source.before_load = lambda: loads.append("read")
        source.live.say(fakes.span(77, None, 0, 1, trace_id=fakes.trace_id(2)))
        source.stored[ONE] = running(fakes.span(3, 1, 52.2, None, name="look", step_type="act"))
        source.live.say(fakes.span(3, 1, 52.2, None, name="look", step_type="act"))
        await until(pilot, lambda: "look" in text(pilot))
        assert len(loads) == 1
        assert screen.view.selected.span_id == chosen


async def test_a_trace_that_is_over_is_listened_for_no_more(
    source: fakes.FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace_module, "RELOAD_SECONDS", 0.01)
    app = explorer(source, target=ONE)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: source.live.followers)
        source.stored[ONE] = fakes.agent_run()
        source.live.say(fakes.agent_run()[0])
        await until(pilot, lambda: "calendar.add" in text(pilot))
        await until(pilot, lambda: source.live.followers[0].closed)
        assert len(source.live.followers) == 1


async def test_what_a_process_writes_wakes_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("JOLLYSCOPE_HOME", str(home))
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", encode_lines([fakes.span(1, None, 1, 1, trace_id=fakes.trace_id(9))]))
    source = StoreSource(f"lake://{home}")
    try:
        async with explorer(source).run_test(size=SIZE) as pilot:  # type: ignore[arg-type]
            screen = await listed(pilot)
            await until(pilot, lambda: "traces · 1" in text(pilot))
            await pilot.press("l")
            await until(pilot, lambda: screen.hears)
            writer.write("span", encode_lines(fakes.agent_run()))
            await until(pilot, lambda: "traces · 2" in text(pilot))
    finally:
        writer.close()
        source.close()
