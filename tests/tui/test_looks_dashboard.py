"""How the dashboard looks. See `test_looks.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope_tui.navigation import DashboardAsked
from jollyscope_tui.screens.dashboard import DashboardScreen
from tests.tui import fake_numbers, fakes
from tests.tui.conftest import explorer, until

Snap = Callable[..., bool]


def at_dashboard(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: len(pilot.app.screen_stack) > 1)
        pilot.app.post_message(DashboardAsked())
        await until(pilot, lambda: getattr(pilot.app.screen, "shown", None) is not None)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, DashboardScreen)
        screen.following = False
        await until(pilot, lambda: not screen.reading("numbers"))
        await pilot.pause()

    return run


@pytest.mark.parametrize(
    "size", [(80, 24), (120, 34), (200, 60)], ids=["80x24", "120x34", "200x60"]
)
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_dashboard(snap_compare: Snap, size: tuple[int, int], theme: str) -> None:
    app = explorer(fakes.FakeSource(), theme=theme)
    keys = ("end", *("left",) * 6)
    assert snap_compare(app, terminal_size=size, run_before=at_dashboard(*keys))


def test_dashboard_empty(snap_compare: Snap) -> None:
    source = fakes.FakeSource()
    source.numbers.answer = fake_numbers.nothing
    assert snap_compare(explorer(source), terminal_size=(120, 34), run_before=at_dashboard())


@pytest.mark.parametrize("size", [(80, 24), (200, 60)], ids=["80x24", "200x60"])
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_dashboard_alerts(snap_compare: Snap, size: tuple[int, int], theme: str) -> None:
    source = fakes.FakeSource()
    source.numbers.answer = fake_numbers.alarmed
    app = explorer(source, theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=at_dashboard("shift+tab", "down"))
