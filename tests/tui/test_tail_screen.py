"""The tail under the fingers: records come, one looks further up, holds still, filters, finds, opens."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope.model.records import EventRecord, MetricRecord, SpanRecord
from jollyscope.model.wire import encode
from jollyscope.transport.following.api import Heard, Standing
from jollyscope.transport.spool import spool_dir
from jollyscope_tui.app import Explorer
from jollyscope_tui.navigation import CopyAsked
from jollyscope_tui.opening import Opening
from jollyscope_tui.screens.tail import TailScreen
from jollyscope_tui.screens.trace import TraceScreen
from jollyscope_tui.screens.traces import TracesScreen
from jollyscope_tui.sources.source import StoreSource
from jollyscope_tui.view import View
from jollyscope_tui.widgets import tail_history
from jollyscope_tui.widgets.cells import paint_width
from jollyscope_tui.widgets.state_panel import StatePanel
from jollyscope_tui.widgets.tail_list import TailList
from jollyscope_tui.widgets.tail_paint import TailLook, paint_tail_head, paint_tail_row
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, until
from tests.tui.fake_live import SPOOL, heard

SIZE, WIDE = (90, 20), (140, 30)
ROOT = str(Path(__file__).parents[2])


def step(number: int, **more: Any) -> SpanRecord:
    return fakes.span(number, None, number / 10, 0.5, **({"name": f"step {number}"} | more))


def steps(first: int, last: int) -> list[SpanRecord]:
    return [step(number) for number in range(first, last + 1)]


@pytest.fixture
def source() -> fakes.FakeSource:
    made = fakes.FakeSource(fakes.varied_rows(), {fakes.trace_id(1): fakes.agent_run()})
    made.live.there = True
    return made


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    post = TailScreen.post_message

    def noted(screen: TailScreen, message: Any) -> bool:
        if isinstance(message, CopyAsked):
            texts.append(message.text)
            return True
        return post(screen, message)

    monkeypatch.setattr(TailScreen, "post_message", noted)
    return texts


class Tail:
    """An explorer at its tail."""

    def __init__(self, pilot: Pilot[Any], source: fakes.FakeSource) -> None:
        self.pilot, self.source = pilot, source

    @property
    def screen(self) -> TailScreen:
        screen = self.pilot.app.screen
        assert isinstance(screen, TailScreen)
        return screen

    @property
    def listing(self) -> TailList:
        return self.screen.query_one(TailList)

    @property
    def text(self) -> str:
        return "\n".join(lines_of(self.pilot.app))

    @property
    def head(self) -> str:
        return lines_of(self.pilot.app)[0]

    def names(self) -> list[str]:
        return [row.text.split("  ")[0] for row in self.listing.history.shown]

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
        await until(self.pilot, lambda: not self.screen.reading("filter"))
        await self.pilot.pause()

    async def say(self, *records: Any) -> None:
        """Say these, and wait until they have arrived on the screen."""
        wanted = self._arrived() + len(records)
        self.source.live.say(*records)
        await until(self.pilot, lambda: self._arrived() >= wanted)
        await self.pilot.pause()

    def _arrived(self) -> int:
        return self.listing.history.heard + len(self.listing._held)


async def opened(pilot: Pilot[Any], source: fakes.FakeSource) -> Tail:
    await until(pilot, lambda: isinstance(pilot.app.screen, TailScreen))
    await until(pilot, lambda: source.live.followers or not source.live.there)
    tail = Tail(pilot, source)
    await until(pilot, lambda: tail.screen.standing is not None or not source.live.there)
    await pilot.pause()
    return tail


def at_tail(source: fakes.FakeSource, filter: str = "", **more: Any) -> Explorer:
    view = View(filter=filter) if filter else None
    return explorer(source, opens=Opening(view, place="tail"), **more)


async def test_it_follows_the_end_until_one_looks_further_up(source: fakes.FakeSource) -> None:
    async with at_tail(source).run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        assert "Waiting for records." in tail.text
        await tail.say(*steps(1, 30))
        assert "step 30" in tail.text
        assert "◐ live" in tail.head
        await tail.press("k", "k")
        await tail.say(*steps(31, 34))
        assert "step 31" not in tail.text
        assert tail.listing.selected is not None
        assert tail.listing.selected.text.startswith("step 28")
        assert "↓ 4 new, G goes there" in tail.head
        await tail.press("G")
        assert "step 34" in tail.text
        assert "new, G" not in tail.head
        await tail.press("g")
        await tail.say(step(35))
        assert "step 1 " in tail.text
        await tail.press("end", "pageup", "pagedown", "up", "down")
        await tail.say(step(36))
        assert "step 36" in tail.text


async def test_a_pause_holds_still_and_counts(source: fakes.FakeSource) -> None:
    async with at_tail(source).run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        await tail.say(*steps(1, 5))
        await tail.press("space")
        await tail.say(*steps(6, 9))
        assert "‖ paused · 4 unread" in tail.head
        assert "step 6" not in tail.text
        await tail.press("space")
        assert tail.names()[-1] == "step 9"
        assert "paused" not in tail.head
        assert tail.listing.at_end
        await tail.press("space", "escape")
        assert "paused" not in tail.head


async def test_a_running_step_is_one_row_that_ends_in_place(source: fakes.FakeSource) -> None:
    running = fakes.span(7, None, 57, None, name="search", step_type="act", tool_name="search")
    ended = fakes.span(7, None, 57, 2.5, name="search", step_type="act", tool_name="search",
                       output="3 results", status="ok")  # fmt: skip
    async with at_tail(source).run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        await tail.say(step(1), running, step(2))
        assert "1 running" in tail.head
        (row,) = [line for line in lines_of(pilot.app) if "act search" in line]
        assert "◐" in row
        assert "3.00s" in row  # It began three seconds before now.
        tail.listing.tick()
        await tail.say(ended, running, ended)
        assert tail.names() == ["step 1", "act search", "step 2"]
        (row,) = [line for line in lines_of(pilot.app) if "act search" in line]
        assert "●" in row
        assert "2.50s" in row
        assert "running" not in tail.head


async def test_filters_say_what_is_shown(source: fakes.FakeSource) -> None:
    records = [
        step(1), step(2, status="error", error_type="TimeoutError"), step(3, session_id="s-9"),
        EventRecord(record_id="e1", time=fakes.NOW, body="磁盘 is full", severity_number=17,
                    severity="ERROR", service="disk"),
    ]  # fmt: skip
    async with at_tail(source).run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        await tail.say(*records)
        assert "ERROR 磁盘 is full" in tail.text
        await tail.press("x")
        assert tail.names() == ["step 2"]
        assert "TimeoutError" in tail.text
        await tail.say(step(4), step(5, status="error"))
        assert tail.names() == ["step 2", "step 5"]
        await tail.press("backspace")
        assert len(tail.names()) == 6
        await tail.press("g", "j", "j", "s")
        assert tail.screen.filter == "session:s-9"
        assert tail.names() == ["step 3"]
        await tail.press("s")
        assert tail.screen.filter == ""
        await tail.press("f", *"tokens>5", "enter")
        assert tail.names() == []
        assert "None of 6 records fits" in tail.text
        await tail.press("backspace")
        assert len(tail.names()) == 6


async def test_what_a_single_record_cannot_tell_is_said(source: fakes.FakeSource) -> None:
    async with at_tail(source).run_test(size=WIDE) as pilot:
        tail = await opened(pilot, source)
        await tail.say(step(1))
        await tail.press("f", *"steps>3", "enter")
        assert "about a whole trace" in tail.text
        assert tail.screen.filter == ""
        await tail.press("escape")
        assert tail.listing.has_focus


async def test_a_filter_of_a_list_that_a_tail_cannot_have(source: fakes.FakeSource) -> None:
    async with at_tail(source, "steps>3").run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        assert tail.screen.filter == ""
        assert any("about a whole trace" in note.message for note in pilot.app._notifications)


async def test_a_filter_changed_while_it_is_paused_holds_for_what_came(
    source: fakes.FakeSource,
) -> None:
    async with at_tail(source, "name:step*").run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        await tail.say(step(1), step(2, status="error"))
        await tail.press("space")
        await tail.say(step(3), step(4, status="error"))
        await tail.press("x")
        assert tail.screen.filter == "name:step* status:error"
        assert "1 unread" in tail.head
        await tail.press("space")
        assert tail.names() == ["step 2", "step 4"]


async def test_finding(source: fakes.FakeSource) -> None:
    async with at_tail(source).run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        await tail.say(*steps(1, 40))
        await tail.press("slash", *"STEP 1")
        selected = tail.listing.selected
        assert selected is not None
        assert selected.text == "step 19"
        await tail.press("enter", "N")
        assert tail.listing.selected is not None
        assert tail.listing.selected.text == "step 18"
        await tail.press("n", "n")
        assert tail.listing.selected.text == "step 1"
        await tail.press("escape")
        assert tail.listing.needle == ""
        await tail.press("n", *"nowhere", "enter")
        assert any("No row says that" in note.message for note in pilot.app._notifications)
        await tail.press("slash", "7", "escape")
        assert not tail.screen.box.has_class("-open")


async def test_enter_and_the_mouse_open_the_trace_at_the_span(source: fakes.FakeSource) -> None:
    run = fakes.agent_run()
    async with at_tail(source).run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        await tail.say(*run)
        await pilot.press("k", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TraceScreen))
        trace = pilot.app.screen
        assert isinstance(trace, TraceScreen)
        await until(pilot, lambda: trace.view.selected is not None)
        assert trace.view.selected is not None
        assert trace.view.selected.span_id == run[6].span_id
        await pilot.press("q")
        await until(pilot, lambda: isinstance(pilot.app.screen, TailScreen))
        await pilot.click(TailList, offset=(5, 3), times=2)
        await until(pilot, lambda: isinstance(pilot.app.screen, TraceScreen))
        await pilot.press("T")
        await until(pilot, lambda: isinstance(pilot.app.screen, TailScreen))
        assert tail.screen.filter == f"trace:{fakes.trace_id(1)}"


async def test_the_wheel_leaves_the_end_and_comes_back(source: fakes.FakeSource) -> None:
    async with at_tail(source).run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        await tail.say(*steps(1, 40))
        await pilot._post_mouse_events([_wheel_up()], TailList, offset=(5, 5))
        await pilot.pause()
        await tail.say(step(41))
        assert "step 41" not in tail.text
        await pilot._post_mouse_events([_wheel_down()] * 2, TailList, offset=(5, 5))
        await pilot.pause()
        await tail.say(step(42))
        assert "step 42" in tail.text


def _wheel_up() -> Any:
    from textual.events import MouseScrollUp

    return MouseScrollUp


def _wheel_down() -> Any:
    from textual.events import MouseScrollDown

    return MouseScrollDown


async def test_metrics_come_when_they_are_asked_for(source: fakes.FakeSource) -> None:
    sample = MetricRecord(record_id="m", name="process.cpu.utilization", time=fakes.NOW, value=0.25)
    async with at_tail(source).run_test(size=WIDE) as pilot:
        tail = await opened(pilot, source)
        source.live.say(sample)
        await tail.say(step(1))
        assert "process.cpu" not in tail.text
        await tail.press("M")
        await until(pilot, lambda: len(source.live.followers) == 2)
        assert source.live.followers[1].start.where == "since"
        source.live.say(sample)
        await until(pilot, lambda: "process.cpu.utilization = 0.25" in tail.text)
        await tail.press("enter")
        assert any("no trace" in note.message for note in pilot.app._notifications)
        await tail.press("M")
        await until(pilot, lambda: len(source.live.followers) == 3)
        assert set(source.live.followers[2].kinds) == {"span", "event"}
        await until(pilot, lambda: all(one.closed for one in source.live.followers[:2]))


async def test_copying_and_beginning_anew(source: fakes.FakeSource, copied: list[str]) -> None:
    async with at_tail(source, "status:error").run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        failed = step(2, status="error")
        await tail.say(step(1), failed)
        await tail.press("y", "Y")
        assert copied == [encode(failed).decode(), "jollyscope ui --tail --filter status:error"]
        await tail.press("C")
        assert "Waiting for records." in tail.text
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, TracesScreen))
        await until(pilot, lambda: source.live.followers[0].closed)


async def test_trouble_is_said_as_long_as_it_lasts(source: fakes.FakeSource) -> None:
    away = Standing(
        "kafka 127.0.0.1:9092", False, "Kafka does not answer. It is tried again.", None, 3
    )
    async with at_tail(source).run_test(size=WIDE) as pilot:
        tail = await opened(pilot, source)
        await tail.say(step(1))
        source.live.stand(away)
        await until(pilot, lambda: "! Kafka does not answer." in tail.text)
        assert "◐ live" not in tail.head
        assert "3 could not be read" in tail.head
        source.live.stand(SPOOL)
        await until(pilot, lambda: "Kafka does not answer." not in tail.text)
        assert "step 1" in tail.text


async def test_without_a_follower_it_says_so_and_tries_again(source: fakes.FakeSource) -> None:
    source.live.there = False
    async with at_tail(source, read_only=True).run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        panel = tail.screen.query_one(StatePanel)
        await until(pilot, lambda: panel.display and "cannot be followed" not in tail.text)
        await until(pilot, lambda: "Nothing can be followed here." in tail.text)
        source.live.there = True
        source.live.backlog = [heard(step(1)), Heard("span", b'{"torn', 0)]
        await tail.press("r")
        await until(pilot, lambda: "step 1" in tail.text)
        assert "1 could not be read" in tail.head


async def test_only_so_many_are_kept_and_that_is_told(
    source: fakes.FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail_history, "_SLACK", 10)
    async with at_tail(source).run_test(size=SIZE) as pilot:
        tail = await opened(pilot, source)
        tail.listing.history.kept = 100
        await tail.say(*steps(1, 90))
        await tail.press("k", "k")
        before = tail.listing.selected
        top = lines_of(pilot.app)[4]
        await tail.say(*steps(91, 120))
        assert tail.listing.selected is before
        assert lines_of(pilot.app)[4] == top
        assert len(tail.listing.history.rows) < 110
        assert "kept" in tail.head
        await tail.press("G")
        assert "step 120" in tail.text


async def test_two_thousand_a_second_do_not_hold_up_the_keys(source: fakes.FakeSource) -> None:
    """What the event loop spends on them is measured, as CPU time, not how fast this machine is now."""
    async with at_tail(source).run_test(size=WIDE) as pilot:
        tail = await opened(pilot, source)
        batches = [steps(n, n + 99) for n in range(1, 2000, 100)]
        took: list[float] = []
        add = tail.listing.add

        def timed(rows: Any) -> None:
            began = time.thread_time()
            add(rows)
            took.append(time.thread_time() - began)

        tail.listing.add = timed  # type: ignore[method-assign]
        for batch in batches:
            source.live.say(*batch)
        await until(pilot, lambda: tail.listing.history.heard == 2000)
        await pilot.press("g")
        assert tail.listing.cursor == 0
        assert sum(took) < 0.5, "adding a second's records takes half of one"


def test_history_has_each_step_once_whatever_comes_twice() -> None:
    history = tail_history.TailHistory()
    rows = [_row(step(1)), _row(step(1)), _row(fakes.span(2, None, 1, None))]
    assert tuple(history.add(rows)) == (0, 2, False)
    assert tuple(history.add([_row(fakes.span(2, None, 1, None))])) == (0, 0, False)
    assert tuple(history.add([_row(fakes.span(2, None, 1, 3))])) == (0, 0, True)
    assert tuple(history.add([_row(fakes.span(2, None, 1, None))])) == (0, 0, False)
    assert [row.running for row in history.shown] == [False, False]
    assert history.running == 0


def test_a_step_left_out_while_it_ran_comes_when_it_fits() -> None:
    history = tail_history.TailHistory()
    history.add([_row(fakes.span(1, None, 1, None), shown=False), _row(step(2))])
    ended = _row(fakes.span(1, None, 1, 1, status="error"))
    assert tuple(history.add([ended])) == (0, 1, False)
    assert [row.key[1][-1] for row in history.shown] == ["2", "1"]
    assert len(history.rows) == 2


def test_history_is_bounded_by_bytes() -> None:
    history = tail_history.TailHistory(kept_bytes=100_000)
    history.add([_row(step(n, output="x" * 9_000)) for n in range(1, 50)])
    assert 5 < len(history.rows) < 12
    assert history.dropped == 49 - len(history.rows)
    assert history.rows == history.shown


def _row(record: SpanRecord, *, shown: bool = True) -> Any:
    from jollyscope_tui.widgets.tail_rows import row_of

    row = row_of(record, encode(record))
    row.shown = shown
    return row


AGENT = """
import sys
import jollyscope
jollyscope.init(service="agent")
with jollyscope.run(input="查一下天气"), jollyscope.act("search", input={"q": "rain"}):
    sys.stdin.readline()
jollyscope.shutdown()
"""


async def test_what_an_agent_records_is_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("JOLLYSCOPE_HOME", str(home))
    spool_dir(home).mkdir(parents=True)
    source = StoreSource(f"lake://{home}")
    agent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", AGENT, stdin=PIPE, stdout=PIPE, env={**os.environ, "PYTHONPATH": ROOT}
    )
    try:
        async with at_tail(source).run_test(size=SIZE) as pilot:  # type: ignore[arg-type]
            await until(pilot, lambda: "2 running" in lines_of(pilot.app)[0])
            (row,) = [line for line in lines_of(pilot.app) if "act search" in line]
            assert "◐" in row
            await agent.communicate(b"go on\n")
            await until(pilot, lambda: "running" not in lines_of(pilot.app)[0])
            (row,) = [line for line in lines_of(pilot.app) if "act search" in line]
            assert "●" in row
            assert "查一下天气" in "\n".join(lines_of(pilot.app))
    finally:
        if agent.returncode is None:
            agent.kill()
            await agent.wait()
        source.close()


@pytest.mark.parametrize("width", [40, 80, 100, 150, 220])
def test_a_row_is_as_wide_as_the_screen(width: int) -> None:
    look = TailLook(fakes.NOW, UTC, "天")
    session = "会话-" + "很长" * 9 + "-8e0611"
    for span in (step(1, session_id=session, output="明天有雨 🌧️" * 40), step(2)):
        paint = paint_tail_row(_row(span), width, look, cursor=True)
        assert paint_width(paint) == width
    assert paint_width(paint_tail_head(width)) == width
    (shown,) = [text for text, _ in paint_tail_row(_row(step(1, session_id="session-8e0611")), 80,
                                                   look, cursor=False) if "8e0611" in text]  # fmt: skip
    assert shown == "…n-8e0611"
