"""Draws the pictures of README and docs: `python -m tests.tui.make_pictures` writes `docs/pictures/*.svg`.

The real explorer on a screen in memory, with a fixed clock and fixed traces: the same every time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from textual.pilot import Pilot

from jollyscope.model.records import SpanRecord
from jollyscope_tui.app import Explorer
from jollyscope_tui.screens.dashboard import DashboardScreen
from tests.plain import trace_row
from tests.tui import fake_live, fake_numbers, fakes, test_looks_compare, test_looks_dashboard
from tests.tui import test_looks_live as live
from tests.tui.compare_runs import comparing
from tests.tui.conftest import explorer, settle, until

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


Act = Callable[[Pilot[Any]], Awaitable[None]]


class Scene(NamedTuple):
    """The explorer over what is stored, what is done in it, and how large the terminal is."""

    app: Callable[[], Explorer]
    act: Act
    size: tuple[int, int] = (110, 30)


def stored() -> Explorer:
    """Over a day's runs, one of which failed."""
    spans: list[SpanRecord] = [
        msgspec.structs.replace(span, trace_id=fakes.trace_id(2))
        for span in fakes.agent_run(status="error")
    ]
    rows = fakes.varied_rows()
    rows[1] = msgspec.structs.replace(trace_row(spans), input="add it to my calendar: umbrella ☂️")
    return explorer(fakes.FakeSource(rows, {fakes.trace_id(2): spans}))


def with_alerts() -> Explorer:
    """Over an hour in which something was out of the ordinary."""
    source = fakes.FakeSource()
    source.numbers.answer = fake_numbers.alarmed
    return explorer(source)


def press(*keys: str) -> Act:
    """One key after the other, when what the one before did is on the screen."""

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return run


async def at_dashboard(pilot: Pilot[Any]) -> None:
    """The dashboard when it follows no more, and its heading says so."""
    await test_looks_dashboard.at_dashboard()(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, DashboardScreen)
    for _ in range(2):  # on, and off again
        screen.action_follow()
    await until(pilot, lambda: not screen.reading("numbers"))
    await settle(pilot)


FAILING = ("x", "enter", "right_square_bracket", "enter")
SCENES = {
    "traces": Scene(stored, press()),
    "failing-step": Scene(stored, press(*FAILING)),
    "compare": Scene(comparing, test_looks_compare.press("2"), (130, 30)),
    "dashboard": Scene(with_alerts, at_dashboard, (120, 34)),
    "tail": Scene(live.tailing, live.listen("k"), (120, 20)),
    "health": Scene(lambda: live.asking(fake_live.unwell), live.press("j"), (120, 18)),
}


async def drawn(scene: Scene) -> str:
    """The screen as SVG."""
    app = scene.app()
    async with app.run_test(size=scene.size) as pilot:
        await scene.act(pilot)
        picture = app.export_screenshot(title="jollyscope")
    # Without the web font that Rich names: a README loads nothing from elsewhere.
    return re.sub(r"@font-face \{[^}]*\}\s*", "", picture)


def main() -> None:
    """Write them all."""
    FOLDER.mkdir(exist_ok=True)
    for name, scene in SCENES.items():
        (FOLDER / f"{name}.svg").write_text(asyncio.run(drawn(scene)), "utf-8")


if __name__ == "__main__":
    main()
