"""Draws the pictures of the README: `python -m tests.tui.make_pictures` writes `docs/pictures/*.svg`.

The real explorer on a screen in memory, with a fixed clock and fixed traces: the same every time.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import NamedTuple

import msgspec

from jollyscope.model.records import SpanRecord
from tests.plain import trace_row
from tests.tui import fakes
from tests.tui.conftest import explorer, settle

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


class Scene(NamedTuple):
    """What is pressed, and how large the terminal is."""

    keys: tuple[str, ...]
    size: tuple[int, int] = (110, 30)


SCENES = {
    "traces": Scene(()),
    "failing-step": Scene(("x", "enter", "right_square_bracket", "enter")),
}


def stored() -> fakes.FakeSource:
    """A day's runs, one of which failed."""
    spans: list[SpanRecord] = [
        msgspec.structs.replace(span, trace_id=fakes.trace_id(2))
        for span in fakes.agent_run(status="error")
    ]
    rows = fakes.varied_rows()
    rows[1] = msgspec.structs.replace(trace_row(spans), input="add it to my calendar: umbrella ☂️")
    return fakes.FakeSource(rows, {fakes.trace_id(2): spans})


async def drawn(scene: Scene) -> str:
    """The screen as SVG."""
    app = explorer(stored())
    async with app.run_test(size=scene.size) as pilot:
        await settle(pilot)
        for key in scene.keys:
            await pilot.press(key)
            await settle(pilot)
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
