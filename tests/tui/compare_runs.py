"""Two traces to compare, and an explorer that compares them."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import msgspec
from textual.pilot import Pilot

from jollyscope.model.records import SpanRecord
from jollyscope_tui.app import Explorer
from jollyscope_tui.screens.compare import CompareScreen
from tests.tui import fakes
from tests.tui.conftest import explorer, settle, until

LEFT, RIGHT = fakes.trace_id(1), fakes.trace_id(2)


def other_run() -> list[SpanRecord]:
    """`fakes.agent_run` another time: the search slower and with another result, the calendar well
    after a second thought, no last thought, the umbrella left at home.
    """
    runs = {span.span_id: span for span in fakes.agent_run()}
    ids = {number: fakes.span_id(number) for number in range(1, 9)}
    late = 2_600_000_000

    def change(number: int, *, later: bool = True, **fields: Any) -> SpanRecord:
        span = runs[ids[number]]
        moved = late if later else 0
        fields = {
            "start_time": span.start_time + moved,
            "end_time": (span.end_time or 0) + moved,
        } | fields
        return msgspec.structs.replace(span, **fields)

    def longer(number: int) -> dict[str, Any]:
        span = runs[ids[number]]
        return {
            "end_time": (span.end_time or 0) + late,
            "duration_ms": (span.duration_ms or 0) + 2600,
        }

    return [
        change(1, later=False, output="不用带伞。No umbrella today", **longer(1)),
        change(2, later=False, input_tokens=830, cost_usd=0.0035),
        change(3, later=False, output='[{"title": "明天天晴"}, {"title": "sunny"}]', **longer(3)),
        change(4, later=False, **longer(4)),
        change(5, output="2 results, 1.8 kB"),
        fakes.span(20, 1, 7.75, 0.05, name="execute_tool clock", step_type="act", tool_name="clock",
                   input='{"zone": "Asia/Shanghai"}', output="14:03", session_id="s-42"),
        change(7, status="ok", error_type=None, error_message=None, stack_trace=None),
        change(8, output="不用带伞。No umbrella today"),
    ]  # fmt: skip


def named(spans: list[SpanRecord], trace: str) -> list[SpanRecord]:
    return [msgspec.structs.replace(span, trace_id=trace) for span in spans]


def comparing(
    left: list[SpanRecord] | None = None, right: list[SpanRecord] | None = None, **more: Any
) -> Explorer:
    """An explorer over two traces; `compare` opens them."""
    source = fakes.FakeSource(
        fakes.varied_rows(),
        {
            LEFT: named(left if left is not None else fakes.agent_run(), LEFT),
            RIGHT: named(right if right is not None else other_run(), RIGHT),
        },
    )
    return explorer(source, **more)


async def compare(pilot: Pilot[Any], left: str = LEFT, right: str = RIGHT) -> CompareScreen:
    """Open the comparison and wait for it."""
    app = pilot.app
    assert isinstance(app, Explorer)
    await settle(pilot)
    screen = CompareScreen(app.services, left, right)
    app.push_screen(screen)
    await rest(pilot)
    return screen


async def rest(pilot: Pilot[Any]) -> None:
    """Until the detail has caught up too."""
    await asyncio.sleep(0)
    await pilot.pause()
    screen = pilot.app.screen
    if isinstance(screen, CompareScreen):
        await until(pilot, lambda: not screen.pane.lags)
    await settle(pilot)


def long_run(count: int, seed: int) -> list[SpanRecord]:
    """Steps one after the other, of which each 50th differs from seed to seed."""
    dice = random.Random(seed)
    kinds = ("think", "act", "observe")
    root = fakes.span(1, None, 0, count, name="long", step_type="user_input", input="go on")
    return [root] + [
        fakes.span(n, 1, n, 0.5 + (dice.random() if n % 50 == 0 else 0), name=f"{kinds[n % 3]} {n}",
                   step_type=kinds[n % 3], input=f"what about {n}?",
                   output=f"answer {n}" + (f" of {seed}" if n % 50 == 0 else ""))
        for n in range(2, count + 1)
    ]  # fmt: skip
