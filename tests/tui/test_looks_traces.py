"""How the list of traces looks, in each of its states, as SVG. After a change on purpose: `pytest
tests/tui/test_looks_traces.py --snapshot-update`, and look at what changed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from jollyscope_tui.memory import Memory
from jollyscope_tui.screens.traces import TracesScreen
from jollyscope_tui.view import View
from jollyscope_tui.widgets.completions import Completions
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, settle, until

SMALL, WIDE = (80, 24), (160, 40)

Snap = Callable[..., bool]
Run = Callable[[Pilot[Any]], Awaitable[None]]


def press(*keys: str, settled: bool = True) -> Run:
    """Keys one after another, each answered before the next; cursors of inputs do not blink."""

    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
            for box in pilot.app.screen.query(Input):
                box.cursor_blink = False
        if settled:
            await settle(pilot)

    return run


def app(rows: list[Any] | None = None, *, view: View | None = None, **more: Any) -> Any:
    """An explorer over some rows, at a view."""
    memory = Memory()
    memory.change(view=view or View(), filters=("status:error", "user:ann cost>0.05"))
    source = fakes.FakeSource(fakes.varied_rows() if rows is None else rows)
    source.notes.annotate([fakes.trace_id(2), fakes.trace_id(4)], None, "label", "不对")
    source.notes.annotate([fakes.trace_id(4)], None, "label", "to review")
    return explorer(source, memory=memory, **more)


def test_completion_of_fields(snap_compare: Snap) -> None:
    assert snap_compare(app(), terminal_size=SMALL, run_before=press("slash", *"to", "down"))


def test_completion_of_values(snap_compare: Snap) -> None:
    async def run_before(pilot: Pilot[Any]) -> None:
        await press("slash", *"天气 tool:")(pilot)
        await until(pilot, lambda: pilot.app.screen.query_one(Completions).display)
        await settle(pilot)

    assert snap_compare(app(), terminal_size=SMALL, run_before=run_before)


def test_completion_of_everything(snap_compare: Snap) -> None:
    assert snap_compare(app(), terminal_size=SMALL, run_before=press("slash", "tab", "up"))


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_a_mistake(snap_compare: Snap, theme: str) -> None:
    run_before = press("slash", *"明天 duration>soon", "enter")
    assert snap_compare(app(theme=theme), terminal_size=SMALL, run_before=run_before)


def test_nothing_fits(snap_compare: Snap) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "None of 40" in "\n".join(lines_of(pilot.app)))

    view = View(filter="status:error 多少钱", since="15m")
    assert snap_compare(app(view=view), terminal_size=SMALL, run_before=run)


@pytest.mark.parametrize("size", [SMALL, WIDE], ids=["80x24", "160x40"])
def test_filtered(snap_compare: Snap, size: tuple[int, int]) -> None:
    view = View(filter="tool:search weather", since="24h", sort="duration_ms")
    assert snap_compare(app(view=view), terminal_size=size, run_before=press("j"))


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_facets_and_histogram(snap_compare: Snap, theme: str) -> None:
    run_before = press("F", "F", "g", "j", "j")
    assert snap_compare(app(theme=theme), terminal_size=WIDE, run_before=run_before)


def test_facets_on_a_narrow_screen(snap_compare: Snap) -> None:
    assert snap_compare(app(), terminal_size=SMALL, run_before=press("F"))


def test_time_dialog(snap_compare: Snap) -> None:
    run_before = press("t", "tab", *"3h", "tab", *"5h", "enter")
    assert snap_compare(app(view=View(since="24h")), terminal_size=SMALL, run_before=run_before)


def test_sort_dialog(snap_compare: Snap) -> None:
    assert snap_compare(app(), terminal_size=SMALL, run_before=press("o", "j"))


def test_columns_dialog(snap_compare: Snap) -> None:
    run_before = press("c", "j", "space", "j", "J")
    assert snap_compare(app(), terminal_size=SMALL, run_before=run_before)


def test_chosen_columns(snap_compare: Snap) -> None:
    view = View(columns=("status", "time", "labels", "user", "models", "input", "output", "trace"))
    assert snap_compare(app(view=view), terminal_size=WIDE, run_before=press())


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_sessions(snap_compare: Snap, theme: str) -> None:
    run_before = press("j", "right", "j", "space")
    made = app(view=View(group="sessions"), theme=theme)
    assert snap_compare(made, terminal_size=(120, 30), run_before=run_before)


def test_marked(snap_compare: Snap) -> None:
    run_before = press("j", "space", "j", "space")
    assert snap_compare(app(), terminal_size=SMALL, run_before=run_before)


def test_views_dialog(snap_compare: Snap) -> None:
    made = app(view=View(filter="has:error"))
    for name, view in {
        "failed": View(filter="has:error"),
        "昨天的慢请求": View(filter="at:yesterday duration>30s", sort="duration_ms"),
    }.items():
        save(made, name, view)
    assert snap_compare(made, terminal_size=SMALL, run_before=press("v", "j", "d"))


def save(made: Any, name: str, view: View) -> None:
    made.services.source.notes.save_view(name, msgspec.json.encode(view).decode())


def test_views_dialog_with_none(snap_compare: Snap) -> None:
    assert snap_compare(app(), terminal_size=SMALL, run_before=press("v", *"慢"))


def test_command_dialog(snap_compare: Snap) -> None:
    view = View(filter='input:"明天" -has:error', since="24h", sort="cost_usd", group="sessions")
    assert snap_compare(app(view=view), terminal_size=SMALL, run_before=press("Y"))


def test_live_with_new_rows(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jollyscope_tui.screens.traces.POLL_SECONDS", 0.05)
    made = app([fakes.row(n) for n in range(10, 200)])

    async def run(pilot: Pilot[Any]) -> None:
        await press("pagedown", "pagedown")(pilot)
        source = made.services.source
        source.rows = [*fakes.varied_rows(9), *source.rows]
        await pilot.press("l")
        await until(pilot, lambda: "↑ 9 new" in lines_of(pilot.app)[0])
        # Nothing changes from here on, or the picture would depend on the clock.
        next(s for s in pilot.app.screen_stack if isinstance(s, TracesScreen)).stop_reading()

    assert snap_compare(made, terminal_size=SMALL, run_before=run)


def test_far_down_a_long_list(snap_compare: Snap) -> None:
    rows = [fakes.row(n) for n in range(1, 5_001)]
    assert snap_compare(app(rows), terminal_size=SMALL, run_before=press("G", "pageup"))


def test_narrow(snap_compare: Snap) -> None:
    assert snap_compare(app(), terminal_size=(46, 14), run_before=press("x"))
