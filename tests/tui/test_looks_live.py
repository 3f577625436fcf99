"""How the tail and the health screen look. See `test_looks.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope.backend.health import Report
from jollyscope.model.records import EventRecord, MetricRecord, Record
from jollyscope.transport.following.api import Standing
from jollyscope_tui.app import Explorer
from jollyscope_tui.opening import Opening
from jollyscope_tui.screens.health import HealthScreen
from jollyscope_tui.screens.tail import TailScreen
from jollyscope_tui.view import View
from tests.tui import fake_live, fakes
from tests.tui.conftest import explorer, settle, until
from tests.tui.fake_live import heard

SMALL, MIDDLE, LARGE = (80, 24), (120, 30), (200, 50)

Snap = Callable[..., bool]
Act = Callable[[Pilot[Any]], Awaitable[None]]


def records() -> list[Record]:
    """Steps of two agents, one of them at work, an alert and a log line."""
    other = {"trace_id": fakes.trace_id(2), "session_id": "chat-7", "service": "shop"}
    return [
        *fakes.agent_run(),
        fakes.span(21, None, 51, None, name="run", step_type="user_input", input="多少钱？ 🧾", **other),
        fakes.span(22, 21, 51.2, 1.4, name="plan", step_type="think", model="claude-sonnet-4",
                   input_tokens=90_000, output_tokens=120, output="Look the price up.", **other),
        EventRecord(record_id="e1", time=fakes.NOW - 8 * 10**9, body="磁盘 nearly full", service="shop",
                    severity_number=13, severity="WARN", session_id="chat-7"),
        MetricRecord(record_id="m1", name="process.cpu.utilization", value=0.25, unit="1",
                     time=fakes.NOW - 7 * 10**9, service="shop"),
        fakes.span(23, 21, 53.4, None, name="price", step_type="act", tool_name="price",
                   input='{"item": "茶"}', **other),
    ]  # fmt: skip


def tailing(filter: str = "", **more: Any) -> Explorer:
    source = fakes.FakeSource()
    source.live.there = True
    source.live.backlog = [heard(record) for record in records()]
    view = View(filter=filter) if filter else None
    return explorer(source, opens=Opening(view, place="tail"), **more)


def listen(*keys: str) -> Act:
    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, TailScreen))
        screen = pilot.app.screen
        assert isinstance(screen, TailScreen)
        await until(pilot, lambda: screen.standing is not None)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await settle(pilot)

    return run


@pytest.mark.parametrize(
    ("size", "theme"),
    [(SMALL, "textual-dark"), (MIDDLE, "textual-light"), (LARGE, "textual-dark")],
    ids=["80x24", "light-120x30", "200x50"],
)
def test_tail(snap_compare: Snap, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(tailing(theme=theme), terminal_size=size, run_before=listen("k"))


def test_tail_empty(snap_compare: Snap) -> None:
    app = tailing()
    app.services.source.live.backlog = []  # type: ignore[attr-defined]
    assert snap_compare(app, terminal_size=SMALL, run_before=listen())


def test_tail_paused(snap_compare: Snap) -> None:
    app = tailing()
    live: Any = app.services.source.live

    async def run(pilot: Pilot[Any]) -> None:
        await listen("space")(pilot)
        live.say(*(fakes.span(n, None, 1, 1) for n in range(31, 38)))
        screen: Any = pilot.app.screen
        await until(pilot, lambda: screen.listing.unread == 7)
        await settle(pilot)

    assert snap_compare(app, terminal_size=SMALL, run_before=run)


def test_tail_filtered(snap_compare: Snap) -> None:
    run_before = listen("slash", *"price", "enter")
    app = tailing("session:chat-7")
    assert snap_compare(app, terminal_size=MIDDLE, run_before=run_before)


def test_tail_filter_refused(snap_compare: Snap) -> None:
    run_before = listen("f", *"steps>3", "enter")
    assert snap_compare(tailing(), terminal_size=SMALL, run_before=run_before)


def test_tail_disconnected(snap_compare: Snap) -> None:
    app = tailing()
    live: Any = app.services.source.live
    live.stand(
        Standing(
            "kafka 127.0.0.1:9092",
            False,
            "Kafka does not answer at 127.0.0.1:9092: connection refused. It is tried again and again.",
            None,
            0,
        )
    )
    assert snap_compare(app, terminal_size=SMALL, run_before=listen())


def test_tail_cannot_follow(snap_compare: Snap) -> None:
    app = tailing()
    app.services.source.live.there = False  # type: ignore[attr-defined]

    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, TailScreen))
        await until(pilot, lambda: "Nothing can be followed" in _panel(pilot))
        await settle(pilot)

    assert snap_compare(app, terminal_size=SMALL, run_before=run)


def _panel(pilot: Pilot[Any]) -> str:
    from tests.tui.conftest import lines_of

    return "\n".join(lines_of(pilot.app))


def asking(answer: Callable[[], Report], **more: Any) -> Explorer:
    source = fakes.FakeSource(url="clickhouse://127.0.0.1:8123/jollyscope")
    source.health.answer = answer
    return explorer(source, opens=Opening(place="health"), **more)


def press(*keys: str) -> Act:
    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: isinstance(pilot.app.screen, HealthScreen))
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await settle(pilot)

    return run


@pytest.mark.parametrize(
    ("answer", "size", "theme"),
    [
        (fake_live.well, MIDDLE, "textual-dark"),
        (fake_live.unwell, SMALL, "textual-dark"),
        (fake_live.unwell, LARGE, "textual-light"),
    ],
    ids=["well-120x30", "unwell-80x24", "unwell-light-200x50"],
)
def test_health(
    snap_compare: Snap, answer: Callable[[], Report], size: tuple[int, int], theme: str
) -> None:
    app = asking(answer, theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=press("j"))


def test_health_embedded(snap_compare: Snap) -> None:
    assert snap_compare(asking(fake_live.embedded), terminal_size=SMALL, run_before=press())


def test_health_after_trouble(snap_compare: Snap) -> None:
    app = asking(fake_live.unwell)

    async def run(pilot: Pilot[Any]) -> None:
        await press("j")(pilot)
        app.services.source.health.answer = fake_live.well  # type: ignore[attr-defined]
        await press("r")(pilot)

    assert snap_compare(app, terminal_size=SMALL, run_before=run)


def test_health_unreachable(snap_compare: Snap) -> None:
    def away() -> Report:
        return fake_live.report(
            fake_live.part("store", "Nothing answers at clickhouse://127.0.0.1:8123/jollyscope.", {},
                           "down", "`jollyscope up` starts it."),
            *(fake_live.part(*one) for one in fake_live.EMBEDDED[:1]),
        )  # fmt: skip

    assert snap_compare(asking(away), terminal_size=SMALL, run_before=press())
