"""What the explorer's tests share: an app over a source in memory, with a fixed clock in UTC."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from jollyscope_tui.app import Explorer
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.trace import TraceScreen
from jollyscope_tui.widgets.detail import DetailPane
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.state_panel import StatePanel
from jollyscope_tui.widgets.trace_view import TraceView
from tests.tui import fakes
from tests.tui.quiet import until_quiet


@pytest.fixture(autouse=True)
def outside_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture(autouse=True)
def without_naps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.pilot.wait_for_idle", until_quiet)
    monkeypatch.setattr("textual.app.wait_for_idle", until_quiet)


@pytest.fixture(autouse=True)
def steady_cursors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Input, "_toggle_cursor", lambda _self: None)
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda _self: None)


def explorer(source: fakes.FakeSource, **more: Any) -> Explorer:
    app = Explorer(source, now=lambda: fakes.NOW, tz=UTC, **more)
    app.animation_level = "none"
    return app


def on_trace(spans: list[Any] | None = None, **more: Any) -> Explorer:
    """An explorer opened at a trace."""
    one = fakes.trace_id(1)
    source = fakes.FakeSource(fakes.varied_rows(), {one: spans or fakes.agent_run()})
    return explorer(source, target=one, **more)


async def settle(pilot: Pilot[Any]) -> None:
    """Until the screen shows something, no worker works, nothing waits to be laid out or painted,
    the detail pane has caught up with the cursor, and three looks in a row find the same.
    """
    looks: list[list[str]] = []

    def still() -> bool:
        screen = pilot.app.screen
        painting = screen._layout_required or screen._dirty_widgets or screen._repaint_required
        behind = any(pane.lags for pane in screen.query(DetailPane))
        behind = behind or screen._compositor.size != pilot.app.size
        if painting or behind or not _shows_something(pilot.app):
            looks.clear()
            return False
        looks.append(lines_of(pilot.app))
        shown = any(line.strip() for line in looks[-1])
        return shown and len(looks) >= 3 and looks[-1] == looks[-2] == looks[-3]

    await until(pilot, still)


def _shows_something(app: Any) -> bool:
    if any(not worker.is_finished for worker in app.workers):
        return False
    if not isinstance(app.screen, ReadingScreen):
        return bool(app.screen.is_current and len(app.screen_stack) > 1)
    panels = [panel for panel in app.screen.query(StatePanel) if panel.display]
    return bool(panels) or any(lines.row_total() for lines in app.screen.query(LineList))


async def until(pilot: Pilot[Any], true: Callable[[], Any], seconds: float = 60.0) -> None:
    """Until `true()` is; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        await pilot.pause()
        await asyncio.sleep(0.01)


def view_of(pilot: Pilot[Any]) -> TraceView:
    return pilot.app.screen.query_one(TraceView)


def screen_of(pilot: Pilot[Any]) -> TraceScreen:
    screen = pilot.app.screen
    assert isinstance(screen, TraceScreen)
    return screen


def lines_of(app: Any) -> list[str]:
    """What the whole screen shows, as text."""
    _width, height = app.size
    strips = app.screen._compositor.render_strips()
    assert len(strips) == height
    return ["".join(segment.text for segment in strip) for strip in strips]
