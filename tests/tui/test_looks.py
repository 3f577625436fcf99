"""How the screens look, as SVG. After a change on purpose: `pytest tests/tui/test_looks.py
--snapshot-update`, and look at what changed.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope.errors import StoreError
from jollyscope.model.records import SpanRecord
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, on_trace, settle, until

SMALL, LARGE = (80, 24), (200, 60)

Snap = Callable[..., bool]


def press(*keys: str) -> Callable[[Pilot[Any]], Awaitable[None]]:
    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await settle(pilot)

    return run


def odd_run() -> list[SpanRecord]:
    """Everything that can be wrong with a trace at once."""
    return [
        *fakes.agent_run()[:4],
        fakes.span(40, 999, 2, 3, name="its parent never came", step_type="think"),
        fakes.span(41, 40, 1, 9, name="clock runs ahead", step_type="act", tool_name="clock"),
        fakes.span(42, 43, 5, 1, name="cycle a", step_type="observe"),
        fakes.span(43, 42, 5.5, 1, name="cycle b", step_type="observe"),
        fakes.span(44, 1, 4, 2, name="broke off", step_type="act", state="interrupted"),
        fakes.span(45, 1, 6, 0, name="took no time"),
    ]


def running_run() -> list[SpanRecord]:
    first, *_rest = fakes.agent_run()
    root = fakes.span(1, None, 50, None, name=first.name, step_type="user_input", input=first.input)
    later = [
        fakes.span(2, 1, 50.1, 3.2, name="plan", step_type="think", output="Look it up."),
        fakes.span(3, 1, 53.4, None, name="search", step_type="act", tool_name="search"),
    ]
    return [root, *later]


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x60"])
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_list(snap_compare: Snap, size: tuple[int, int], theme: str) -> None:
    app = explorer(fakes.FakeSource(fakes.varied_rows()), theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=press("j"))


def test_list_empty(snap_compare: Snap) -> None:
    assert snap_compare(explorer(fakes.FakeSource()), terminal_size=SMALL, run_before=press())


def test_list_loading(snap_compare: Snap) -> None:
    source = fakes.FakeSource()
    source.gate = threading.Event()

    async def wait(pilot: Pilot[Any]) -> None:
        await until(pilot, lambda: "Reading" in "\n".join(lines_of(pilot.app)))

    try:
        assert snap_compare(explorer(source), terminal_size=SMALL, run_before=wait)
    finally:
        source.cancel()


def test_list_error(snap_compare: Snap) -> None:
    source = fakes.FakeSource()
    source.error = StoreError(
        "The lake at /data/lake cannot be opened: permission denied.",
        hint="Give this user the directory, or name another with --store.",
    )
    assert snap_compare(explorer(source), terminal_size=SMALL, run_before=press())


def test_list_notes_and_live(snap_compare: Snap) -> None:
    notes = ["One part is damaged; 3 spans of 2026-11-19 are missing."]
    source = fakes.FakeSource(fakes.varied_rows(), notes=notes)
    assert snap_compare(explorer(source), terminal_size=SMALL, run_before=press("l"))


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x60"])
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_trace(snap_compare: Snap, size: tuple[int, int], theme: str) -> None:
    app = on_trace(theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=press("j", "j"))


def test_trace_narrow(snap_compare: Snap) -> None:
    assert snap_compare(on_trace(), terminal_size=(50, 16), run_before=press("j"))


def test_trace_running(snap_compare: Snap) -> None:
    assert snap_compare(on_trace(running_run()), terminal_size=SMALL, run_before=press("G"))


def test_trace_odd(snap_compare: Snap) -> None:
    run_before = press("*", "g", *["j"] * 6)
    assert snap_compare(on_trace(odd_run()), terminal_size=(110, 30), run_before=run_before)


def test_trace_huge(snap_compare: Snap) -> None:
    app = on_trace(fakes.huge_run(100_000))
    assert snap_compare(app, terminal_size=SMALL, run_before=press("G", "k", "k"))


def test_trace_deep(snap_compare: Snap) -> None:
    run_before = press("*", "G")
    assert snap_compare(on_trace(fakes.deep_run()), terminal_size=SMALL, run_before=run_before)


def test_trace_folded(snap_compare: Snap) -> None:
    assert snap_compare(on_trace(), terminal_size=SMALL, run_before=press("j", "j", "space"))


def test_trace_steps_only(snap_compare: Snap) -> None:
    assert snap_compare(on_trace(), terminal_size=SMALL, run_before=press("s"))


def test_trace_errors_only(snap_compare: Snap) -> None:
    assert snap_compare(on_trace(), terminal_size=SMALL, run_before=press("x", "j"))


def test_trace_search(snap_compare: Snap) -> None:
    run_before = press("slash", *"think")
    assert snap_compare(on_trace(), terminal_size=SMALL, run_before=run_before)


def test_trace_zoomed(snap_compare: Snap) -> None:
    assert snap_compare(on_trace(), terminal_size=SMALL, run_before=press("j", "j", "z"))


def test_help(snap_compare: Snap) -> None:
    assert snap_compare(on_trace(), terminal_size=SMALL, run_before=press("question_mark"))


def test_palette(snap_compare: Snap) -> None:
    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press("ctrl+p", *"next err")
        await pilot.pause(0.5)
        # A cursor that blinks would make the picture depend on the clock.
        for box in pilot.app.screen.query("Input"):
            box.cursor_blink = False

    assert snap_compare(on_trace(), terminal_size=SMALL, run_before=run)


def test_the_ansi_theme_and_no_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(on_trace(), terminal_size=SMALL, run_before=press("x"))
