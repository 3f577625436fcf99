"""How the frame looks: help, palette, our themes, dialogs, a store in trouble. As `test_looks.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope.errors import StoreError
from jollyscope_tui.navigation import AnnotateAsked, CompareAsked, ExportAsked
from jollyscope_tui.opening import Opening
from jollyscope_tui.screens.annotate import AnnotateDialog
from jollyscope_tui.screens.compare import CompareScreen
from jollyscope_tui.screens.compare_with import CompareWithDialog
from jollyscope_tui.screens.dashboard import DashboardScreen
from jollyscope_tui.screens.export import ExportDialog
from jollyscope_tui.screens.help import HelpScreen
from jollyscope_tui.widgets.trouble import TroubleLine
from tests.tui import fakes
from tests.tui.conftest import explorer, settle, until

SMALL, LARGE = (80, 24), (200, 60)
ONE, TWO = fakes.trace_id(1), fakes.trace_id(2)

Snap = Callable[..., bool]
Act = Callable[[Pilot[Any]], Awaitable[None]]


def made() -> fakes.FakeSource:
    runs = {ONE: fakes.agent_run(), TWO: fakes.agent_run()}
    return fakes.FakeSource(fakes.varied_rows(), runs)


def after(message: Any, screen: type[Any], *keys: str) -> Act:
    """A message sent, its screen there, keys pressed."""

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        if message is not None:
            pilot.app.post_message(message)
            await until(pilot, lambda: isinstance(pilot.app.screen, screen), 20)
            await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)

    return act


@pytest.mark.parametrize("where", ["list", "trace", "compare", "dashboard"])
def test_help(snap_compare: Snap, where: str) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        if where == "compare":
            pilot.app.post_message(CompareAsked(ONE, TWO))
            await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen), 20)
        elif where == "dashboard":
            await pilot.press("b")
            await until(pilot, lambda: isinstance(pilot.app.screen, DashboardScreen), 20)
        await settle(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen), 20)
        await settle(pilot)

    opens = Opening(trace=ONE if where == "trace" else None)
    app = explorer(made(), opens=opens)
    assert snap_compare(app, terminal_size=(100, 60), run_before=act)


def test_palette(snap_compare: Snap) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "CommandPalette", 20)
        await pilot.press(*"go to")
        await settle(pilot)

    assert snap_compare(explorer(made()), terminal_size=(100, 30), run_before=act)


@pytest.mark.parametrize("theme", ["okabe-ito-dark", "okabe-ito-light"])
@pytest.mark.parametrize("where", ["list", "trace"])
def test_our_themes(snap_compare: Snap, theme: str, where: str) -> None:
    opens = Opening(trace=ONE if where == "trace" else None)
    app = explorer(made(), opens=opens, theme=theme)
    assert snap_compare(app, terminal_size=(120, 34), run_before=after(None, object, "j", "j"))


def test_without_colour(snap_compare: Snap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = explorer(made(), opens=Opening(trace=ONE))
    assert snap_compare(app, terminal_size=SMALL, run_before=after(None, object, "j"))


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x60"])
def test_export(
    snap_compare: Snap, size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "traces-2.jsonl").write_text("")
    act = after(ExportAsked([ONE, TWO]), ExportDialog, "down", "enter")
    assert snap_compare(explorer(made()), terminal_size=size, run_before=act)


@pytest.mark.parametrize("span", [None, fakes.span_id(7)], ids=["traces", "span"])
def test_annotate(snap_compare: Snap, span: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jollyscope.store.state.author", lambda: "ann")
    source = made()
    source.notes.annotate([ONE, TWO], span, "label", "golden")
    source.notes.annotate([ONE], span, "label", "慢 🐢")
    source.notes.annotate([TWO], None, "label", "known elsewhere")
    source.notes.annotate([ONE], span, "note", "The calendar times out when the day is 明天.")
    traces = [ONE, TWO] if span is None else [ONE]
    act = after(AnnotateAsked(traces, span), AnnotateDialog, "g", "o")
    assert snap_compare(explorer(source), terminal_size=SMALL, run_before=act)


def test_read_only(snap_compare: Snap) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        pilot.app.post_message(AnnotateAsked([ONE]))
        await until(pilot, lambda: len(pilot.app._notifications), 20)
        await settle(pilot)

    app = explorer(made(), read_only=True)
    assert snap_compare(app, terminal_size=SMALL, run_before=act)


def test_compare_with(snap_compare: Snap) -> None:
    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.app.run_action("app.compare_with")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareWithDialog), 20)
        await settle(pilot)

    app = explorer(made(), opens=Opening(trace=ONE))
    assert snap_compare(app, terminal_size=(100, 34), run_before=act)


@pytest.mark.parametrize(
    "error",
    [
        StoreError(
            "The store at /home/ann/.local/share/jollyscope is gone.",
            hint="What was read stays on the screen; it is looked for every two seconds.",
        ),
        StoreError(
            "The lake's manifest /home/ann/lake/manifest.sqlite cannot be used: file is not a "
            "database.",
            hint="Restore it from a copy; the Parquet parts beside it hold the records.",
        ),
    ],
    ids=["gone", "spoilt"],
)
@pytest.mark.parametrize("where", ["list", "trace"])
def test_trouble(snap_compare: Snap, error: StoreError, where: str) -> None:
    source = made()

    async def act(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        source.error = error
        pilot.app.screen.action_reload()
        await until(pilot, lambda: pilot.app.screen.query(TroubleLine), 20)
        pilot.app.clear_notifications()
        await settle(pilot)

    app = explorer(source, opens=Opening(trace=ONE if where == "trace" else None))
    assert snap_compare(app, terminal_size=SMALL, run_before=act)
