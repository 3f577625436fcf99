"""When an explorer under test has nothing left to do.

Textual's pilot tells that by the clock: two naps of 20 ms after every key and one after every pause,
more of them while the process is busy. Over this suite that is minutes of waiting for nothing, and on
a busy machine it still ends too early. The event loop knows: nothing is ready to run, no worker works,
nothing waits to be laid out or painted.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, cast

from textual._context import active_app
from textual._wait import wait_for_idle
from textual.app import App
from textual.screen import Screen

__all__ = ["until_quiet"]

LOOKS = 3
"""Turns of the event loop in a row that find nothing to do: each also takes in what came from outside."""


async def until_quiet(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """In place of `textual._wait.wait_for_idle`; by the clock only while a worker's thread works."""
    app = active_app.get()
    loop = cast(Any, asyncio.get_running_loop())
    deadline = time.monotonic() + max_sleep
    looks = 0
    while looks < LOOKS and time.monotonic() < deadline:
        await asyncio.sleep(0)
        looks = 0 if loop._ready or _painted(app) else looks + 1
        if looks == LOOKS and any(not worker.is_finished for worker in app.workers):
            await wait_for_idle(min_sleep, max_sleep)


def _painted(app: App[Any]) -> bool:
    """Lay out and paint now what the screen's timer would do within 16 ms; whether there was any."""
    if not app._screen_stack:
        return False
    screen = app.screen
    due = screen.is_current and not app._batch_count and _waits(screen)
    if due:
        screen._on_timer_update()
    return due


def _waits(screen: Screen[Any]) -> bool:
    return bool(
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )
