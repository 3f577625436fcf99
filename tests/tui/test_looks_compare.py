"""How the comparison looks, as SVG. After a change on purpose: `pytest tests/tui/test_looks_compare.py
--snapshot-update`, and look at what changed.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope_tui.screens.compare import CompareScreen
from jollyscope_tui.widgets.state_panel import StatePanel
from tests.tui import fakes
from tests.tui.compare_runs import LEFT, RIGHT, compare, comparing, long_run, rest
from tests.tui.conftest import settle, until

Snap = Callable[..., bool]

SMALL, MIDDLE, LARGE = (80, 24), (130, 36), (200, 50)


def press(*keys: str, right: str = RIGHT) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def run(pilot: Pilot[Any]) -> None:
        await compare(pilot, right=right)
        for key in keys:
            await pilot.press(key)
            await rest(pilot)

    return run


@pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE], ids=["80x24", "130x36", "200x50"])
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_compare(snap_compare: Snap, size: tuple[int, int], theme: str) -> None:
    """Changed, added, removed; Chinese; the difference of the search's output."""
    assert snap_compare(comparing(theme=theme), terminal_size=size, run_before=press("2"))


def test_same(snap_compare: Snap) -> None:
    app = comparing(right=fakes.agent_run())
    assert snap_compare(app, terminal_size=SMALL, run_before=press())


def test_long(snap_compare: Snap) -> None:
    app = comparing(long_run(400, 1), long_run(400, 2))
    assert snap_compare(app, terminal_size=MIDDLE, run_before=press("n", "2"))


def test_by_impact(snap_compare: Snap) -> None:
    assert snap_compare(comparing(), terminal_size=SMALL, run_before=press("t", "4"))


def test_summary(snap_compare: Snap) -> None:
    assert snap_compare(comparing(), terminal_size=MIDDLE, run_before=press("5"))


def test_narrowest(snap_compare: Snap) -> None:
    assert snap_compare(comparing(), terminal_size=(40, 12), run_before=press())


def test_missing(snap_compare: Snap) -> None:
    assert snap_compare(comparing(), terminal_size=SMALL, run_before=press(right="ffff"))


def test_loading(snap_compare: Snap) -> None:
    app = comparing()
    source: Any = app.services.source

    async def wait(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        source.gate = threading.Event()
        screen = CompareScreen(app.services, LEFT, RIGHT)
        app.push_screen(screen)
        await until(pilot, lambda: any(panel.display for panel in screen.query(StatePanel)))
        await settle_panel(pilot)

    try:
        assert snap_compare(app, terminal_size=SMALL, run_before=wait)
    finally:
        source.gate.set()


async def settle_panel(pilot: Pilot[Any]) -> None:
    screen = pilot.app.screen
    await until(pilot, lambda: not (screen._layout_required or screen._dirty_widgets))
    await pilot.pause()
