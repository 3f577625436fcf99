"""Alerts on the dashboard: what is out of the ordinary, the way to its traces, and who is told of it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot

from jollyscope.query.alerts import AlertRow
from jollyscope_tui.navigation import DashboardAsked, ListAsked, TellAsked, TraceAsked
from jollyscope_tui.notifying import (
    NewAlerts,
    Notify,
    desktop_command,
    osc_notification,
    run_quietly,
)
from jollyscope_tui.screens.dashboard import DashboardScreen
from jollyscope_tui.widgets.alert_panel import AlertPanel
from tests.tui import fake_numbers, fakes
from tests.tui.conftest import explorer, lines_of, until

SECOND = 10**9


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jollyscope_tui.screens.dashboard.POLL_SECONDS", 3600)


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the panel asks of the app."""
    asked: list[Any] = []
    post = AlertPanel.post_message

    def noted(panel: AlertPanel, message: Any) -> bool:
        if isinstance(message, ListAsked | TraceAsked | TellAsked):
            asked.append(message)
            return True
        return post(panel, message)

    monkeypatch.setattr(AlertPanel, "post_message", noted)
    return asked


async def opened(pilot: Pilot[Any]) -> AlertPanel:
    await until(pilot, lambda: len(pilot.app.screen_stack) > 1)
    pilot.app.post_message(DashboardAsked())
    await until(pilot, lambda: getattr(pilot.app.screen, "shown", None) is not None)
    await pilot.pause()
    return pilot.app.screen.query_one(AlertPanel)


async def read_again(pilot: Pilot[Any]) -> None:
    screen = pilot.app.screen
    assert isinstance(screen, DashboardScreen)
    await pilot.press("r")
    await until(pilot, lambda: not screen.reading("numbers"))
    await pilot.pause()


async def test_without_alerts_nothing_is_there():
    app = explorer(fakes.FakeSource())
    async with app.run_test(size=(120, 34)) as pilot:
        panel = await opened(pilot)
        assert not panel.display
        assert "alerts" not in "\n".join(lines_of(app))


async def test_alerts_and_the_way_to_their_traces(posted: list[Any]):
    source = fakes.FakeSource()
    source.numbers.answer = fake_numbers.alarmed
    app = explorer(source)
    async with app.run_test(size=(120, 34)) as pilot:
        panel = await opened(pilot)
        text = "\n".join(lines_of(app))
        assert "⚠ alerts 3 · of all services, whatever the filter" in text
        assert "12 errors of 14 in a minute" in text
        assert "×4" in text
        await pilot.press("shift+tab")
        assert panel.has_focus
        for key in ("enter", "down", "enter", "down", "enter"):
            await pilot.press(key)
            await pilot.pause()
    assert posted[0].trace == f"{2:032x}"
    assert [message.view.filter for message in posted[1:]] == [
        "service:weather-agent step:act tool:天气.查询 status:error",
        'service:"desk 🖥" step:think model:gpt-4o',
    ]
    errors = fake_numbers.ALERTS[1]
    assert posted[1].view.since == "2026-11-20T12:54:00+00:00"
    assert posted[1].view.until == "2026-11-20T13:58:00+00:00"
    assert (errors.until - errors.first_time) // SECOND == 240


async def test_the_mouse_and_the_cursor_stay_on_an_alert(posted: list[Any]):
    source = fakes.FakeSource()
    source.numbers.answer = fake_numbers.alarmed
    app = explorer(source)
    async with app.run_test(size=(120, 34)) as pilot:
        panel = await opened(pilot)
        await pilot.click(panel, offset=(3, 3), times=2)
        await pilot.pause()
        assert posted[-1].view.filter.endswith("model:gpt-4o")
        newer = fake_numbers.alert("volume", "more", ago=1)
        gone_on = msgspec.structs.replace(fake_numbers.ALERTS[2], body="still", count=9)
        source.numbers.answer = lambda asked: msgspec.structs.replace(
            fake_numbers.made(asked), alerts=[newer, *fake_numbers.ALERTS[:2], gone_on]
        )
        await read_again(pilot)
        assert panel.selected == gone_on
        assert "still" in "\n".join(lines_of(app))


@pytest.mark.parametrize("notify", ["off", "bell", "desktop"])
async def test_new_ones_are_told_once(posted: list[Any], notify: Notify):
    source = fakes.FakeSource()
    source.numbers.answer = fake_numbers.alarmed
    app = explorer(source)
    app.services = app.services._replace(notify=notify)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        new = fake_numbers.alert("volume", "80 spans in a minute", ago=1, service="desk")
        source.numbers.answer = lambda asked: msgspec.structs.replace(
            fake_numbers.made(asked), alerts=[new, *fake_numbers.ALERTS]
        )
        await read_again(pilot)
        await read_again(pilot)
    told = [(message.how, message.text) for message in posted]
    assert told == ([] if notify == "off" else [(notify, "desk: 80 spans in a minute")])


async def test_the_app_rings_or_writes_to_the_terminal(monkeypatch: pytest.MonkeyPatch):
    app = explorer(fakes.FakeSource())
    rung: list[str] = []
    monkeypatch.setattr(app, "bell", lambda: rung.append("bell"))
    monkeypatch.setattr("jollyscope_tui.handing.desktop_command", lambda *_: None)
    async with app.run_test() as pilot:
        assert app._driver is not None
        written: list[str] = []
        monkeypatch.setattr(app._driver, "write", written.append)
        app.post_message(TellAsked("bell", "desk: odd"))
        app.post_message(TellAsked("desktop", "desk: odd"))
        await until(pilot, lambda: any("\x1b]9;" in one for one in written))
        monkeypatch.undo()
    assert rung == ["bell"]
    assert any("desk: odd" in one for one in written)


def row(name: str, at: int) -> AlertRow:
    return AlertRow(name=name, body="", first_time=at, last_time=at, count=1, last_id=name)


def test_news_is_what_began_since_the_first_look():
    news, now = NewAlerts(), 10**6 * SECOND
    assert news.look([row("a", now)], now) == []
    assert news.look([row("b", now), row("a", now)], now) == [row("b", now)]
    assert news.look([row("b", now)], now) == []
    # Longer ago than a quarter of an hour: it came into sight because a longer time is on show.
    assert news.look([row("c", now - 900 * SECOND), row("b", now)], now) == []


def test_what_is_written_to_a_terminal_is_harmless():
    text = osc_notification("Jolly;Scope", "气 \x1b]52;c;bad\x07\nnext", tmux=False)
    assert text == (
        "\x1b]9;Jolly,Scope: 气  ]52;c;bad  next\x07"
        "\x1b]777;notify;Jolly,Scope;气  ]52;c;bad  next\x07"
    )
    assert osc_notification("a", "b", tmux=True).startswith("\x1bPtmux;\x1b\x1b]9;a: b\x07")


def test_the_desktop_is_asked_where_there_is_one(tmp_path: Path):
    assert desktop_command("a", "b", {"PATH": str(tmp_path), "DISPLAY": ":0"}) is None
    program = tmp_path / "notify-send"
    heard = tmp_path / "heard"
    program.write_text(f'#!/bin/sh\nprintf "%s|" "$@" > {heard}\n')
    program.chmod(0o755)
    assert desktop_command("a", "b", {"PATH": str(tmp_path)}) is None
    command = desktop_command("a", "-b\n", {"PATH": str(tmp_path), "WAYLAND_DISPLAY": "w"})
    assert command is not None
    assert run_quietly(command)
    assert heard.read_text() == "--app-name=JollyScope|--|a|-b |"
    assert not run_quietly([str(tmp_path / "nothing")])
    assert subprocess.list2cmdline(command).startswith(str(program))
