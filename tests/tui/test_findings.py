"""What makes executions slow, dear or fail: the panel, the dialog, and the way to what is behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope.analysis.finding import Request
from jollyscope.analysis.report import Report, explained
from jollyscope.query.filter import parse
from jollyscope.query.scope import Scope
from jollyscope_tui.navigation import DashboardAsked, ListAsked
from jollyscope_tui.screens.dashboard import DashboardScreen
from jollyscope_tui.screens.findings import FindingsDialog
from jollyscope_tui.screens.trace import TraceScreen
from jollyscope_tui.sources.connection import Connection
from jollyscope_tui.sources.numbers import NumbersAsked, StoreNumbers
from jollyscope_tui.widgets.findings_panel import FindingsPanel
from jollyscope_tui.widgets.line_list import LineList
from tests.library.analysis.planted import START, root, stored, tool
from tests.plain import trace_row
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, on_trace, settle, until, view_of
from tests.tui.detail_runs import looping_run

WIDE, SMALL = (200, 60), (80, 24)
Snap = Callable[..., bool]


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is read but what a key asks for."""
    monkeypatch.setattr("jollyscope_tui.screens.dashboard.POLL_SECONDS", 3600)


def found() -> Report:
    """What the fakes' run with a failure shows."""
    spans = fakes.agent_run(status="error")
    return explained(trace_row(spans), spans)


def dashboard(report: Report | None = None) -> Any:
    source = fakes.FakeSource()
    source.numbers.found = found() if report is None else report
    return explorer(source), source


async def at_dashboard(pilot: Pilot[Any], source: fakes.FakeSource) -> FindingsPanel:
    await until(pilot, lambda: len(pilot.app.screen_stack) > 1)
    pilot.app.post_message(DashboardAsked())
    await until(pilot, lambda: getattr(pilot.app.screen, "shown", None) is not None)
    panel = pilot.app.screen.query_one(FindingsPanel)
    await until(pilot, lambda: not panel.looking)
    await pilot.pause()
    return panel


def noted(monkeypatch: pytest.MonkeyPatch, kind: type[Any]) -> list[ListAsked]:
    """Lists that a screen or a widget asks for; none is opened."""
    asked: list[ListAsked] = []
    post = kind.post_message

    def note(sender: Any, message: Any) -> bool:
        if isinstance(message, ListAsked):
            asked.append(message)
            return True
        return post(sender, message)

    monkeypatch.setattr(kind, "post_message", note)
    return asked


async def test_the_panel_shows_findings_and_enter_lists_the_runs(monkeypatch: pytest.MonkeyPatch):
    asked = noted(monkeypatch, FindingsPanel)
    app, source = dashboard()
    async with app.run_test(size=WIDE) as pilot:
        panel = await at_dashboard(pilot, source)
        assert panel.display
        said = "\n".join(lines_of(app))
        assert "findings" in said
        assert "▲" in said
        assert "The step `GET /search` is what is waited for 42% of the time" in said
        panel.focus()
        await pilot.press("enter")
        await pilot.pause()
        (one,) = asked
        assert one.view.filter == source.numbers.found.found[0].finding.filter
        parse(one.view.filter)


async def test_the_panel_looks_again_when_the_stretch_of_time_is_another():
    app, source = dashboard()
    async with app.run_test(size=WIDE) as pilot:
        panel = await at_dashboard(pilot, source)
        await pilot.press("r")
        await until(pilot, lambda: len(source.numbers.asked) == 2)
        await until(pilot, lambda: not pilot.app.screen.reading("numbers"))
        assert len(source.numbers.looked) == 1  # It is not too old.
        await pilot.press("plus")
        await until(pilot, lambda: len(source.numbers.looked) == 2 and not panel.looking)
        assert source.numbers.looked[0].since != source.numbers.looked[1].since


async def test_without_findings_there_is_no_panel_and_the_dialog_says_so():
    app, source = dashboard(Report([], found().totals))
    async with app.run_test(size=WIDE) as pilot:
        panel = await at_dashboard(pilot, source)
        assert not panel.display
        await pilot.press("W")
        await until(pilot, lambda: isinstance(app.screen, FindingsDialog))
        await pilot.pause()
        assert "nothing stands out" in "\n".join(lines_of(app))
        await pilot.press("enter", "escape")
        await pilot.pause()
        assert isinstance(app.screen, DashboardScreen)


async def test_on_a_small_screen_the_dialog_has_them(monkeypatch: pytest.MonkeyPatch):
    app, source = dashboard()
    asked = noted(monkeypatch, DashboardScreen)
    async with app.run_test(size=SMALL) as pilot:
        panel = await at_dashboard(pilot, source)
        assert not panel.display
        await pilot.press("W")
        await until(pilot, lambda: isinstance(app.screen, FindingsDialog))
        await pilot.press("j", "enter")
        await until(pilot, lambda: bool(asked))
        assert asked[0].view.filter == source.numbers.found.found[1].finding.filter


async def test_a_store_in_trouble_leaves_the_panel_out():
    app, source = dashboard()
    source.numbers.findings = _broken  # type: ignore[method-assign]
    async with app.run_test(size=WIDE) as pilot:
        panel = await at_dashboard(pilot, source)
        assert not panel.display


def _broken(_asked: object) -> Report:
    from jollyscope.errors import StoreError

    raise StoreError("The query was stopped.")


async def test_a_trace_says_why_and_enter_goes_to_the_span():
    app = on_trace(looping_run())
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("W")
        await until(pilot, lambda: isinstance(app.screen, FindingsDialog))
        await pilot.pause()
        rows = app.screen.query_one(LineList).rows  # type: ignore[attr-defined]
        names = [one.analysis.name for one in rows]
        assert "bottlenecks" in names
        at = names.index("bottlenecks")
        await pilot.press(*"j" * at, "enter")
        await until(pilot, lambda: isinstance(app.screen, TraceScreen))
        await settle(pilot)
        selected = view_of(pilot).selected
        assert selected is not None
        assert selected.span_id == rows[at].finding.evidence.spans[0]


def test_one_run_is_explained_as_analyze_does():
    report = found()
    names = [one.analysis.name for one in report.found]
    assert {"bottlenecks", "errors"} <= set(names)
    assert names.index("errors") < len(names)
    trace = fakes.trace_id(1)
    assert all(one.finding.filter.startswith(f"trace:{trace}") for one in report.found)
    severities = [one.finding.severity for one in report.found]
    assert severities == sorted(severities, key=["high", "medium", "low", "info"].index)
    narrowed = Request(scope=Scope(), trace_id=trace).narrowed()
    assert narrowed == f"trace:{trace}"


def test_a_store_is_looked_through_from_the_newest_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    runs = [[root(n, 300), tool(n, 2, 0, 200, name=f"tool-{n}")] for n in range(1, 5)]
    stored(tmp_path, [span for spans in runs for span in spans]).close()
    connection = Connection(f"lake://{tmp_path}")
    numbers = StoreNumbers(connection)
    asked = NumbersAsked("name:agent", None, None, START + 3600 * 10**9, 0)
    whole = numbers.findings(asked)
    monkeypatch.setattr("jollyscope_tui.sources.numbers.NEWEST", 2)
    some = numbers.findings(asked)
    connection.close()
    assert whole.totals.runs == some.totals.runs == 4
    tools = [{n for n in range(1, 5) if f"`tool-{n}`" in _said(r)} for r in (whole, some)]
    assert tools == [{1, 2, 3, 4}, {3, 4}]
    assert {one.finding.filter for one in some.found} >= {"name:agent tool:tool-3"}


def _said(report: Report) -> str:
    return "\n".join(one.finding.what for one in report.found)


@pytest.mark.parametrize("size", [SMALL, (120, 34)], ids=["80x24", "120x34"])
def test_looks(snap_compare: Snap, size: tuple[int, int]):
    async def run(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press("W")
        await until(pilot, lambda: isinstance(pilot.app.screen, FindingsDialog))
        await pilot.press("j")
        await pilot.pause()

    app = on_trace(fakes.agent_run(status="error"))
    assert snap_compare(app, terminal_size=size, run_before=run)


def test_looks_in_the_dashboard(snap_compare: Snap):
    app, source = dashboard()

    async def run(pilot: Pilot[Any]) -> None:
        panel = await at_dashboard(pilot, source)
        panel.focus()
        await pilot.pause()

    assert snap_compare(app, terminal_size=WIDE, run_before=run)
