"""The frame around the screens: ways between them, help, palette, themes, links, what is remembered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from jollyscope.config import load
from jollyscope.errors import JollyScopeError, UsageError
from jollyscope.paths import state_dir
from jollyscope_tui.commands import commands
from jollyscope_tui.memory import Memory
from jollyscope_tui.navigation import CompareAsked, ListAsked, TermAsked, TraceAsked
from jollyscope_tui.opening import Asked, Opening, opening
from jollyscope_tui.screens.compare import CompareScreen
from jollyscope_tui.screens.compare_with import CompareWithDialog
from jollyscope_tui.screens.dashboard import DashboardScreen
from jollyscope_tui.screens.help import HelpScreen, keys_of
from jollyscope_tui.screens.trace import TraceScreen
from jollyscope_tui.screens.traces import TracesScreen
from jollyscope_tui.sources.source import StoreSource
from jollyscope_tui.themes import OWN, check_theme, theme_names
from jollyscope_tui.view import View
from tests.cli import records
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, on_trace, settle, until

ONE, TWO = fakes.trace_id(1), fakes.trace_id(2)
SIZE = (110, 34)


def source() -> fakes.FakeSource:
    return fakes.FakeSource(fakes.varied_rows(), {ONE: fakes.agent_run(), TWO: fakes.agent_run()})


async def at(pilot: Pilot[Any], kind: type[Any]) -> Any:
    await until(pilot, lambda: isinstance(pilot.app.screen, kind), 15)
    return pilot.app.screen


def told(pilot: Pilot[Any]) -> list[str]:
    return [note.message for note in pilot.app._notifications]


async def test_every_place_is_opened_by_its_message_and_left_by_q() -> None:
    async with explorer(source()).run_test(size=SIZE) as pilot:
        await settle(pilot)
        for message, kind in (
            (TraceAsked(ONE, tab="Messages"), TraceScreen),
            (CompareAsked(ONE, TWO), CompareScreen),
            (ListAsked(View(filter="status:error")), TracesScreen),
        ):
            pilot.app.post_message(message)
            await until(pilot, lambda: len(pilot.app.screen_stack) == 3, 15)
            await at(pilot, kind)
            await settle(pilot)
            await pilot.press("q")
            await until(pilot, lambda: len(pilot.app.screen_stack) == 2, 15)
        await pilot.press("q")
        await until(pilot, lambda: not pilot.app.is_running, 15)


async def test_b_opens_the_dashboard_over_what_the_list_shows() -> None:
    view = View(filter="status:error")
    async with explorer(source(), opens=Opening(view)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("b")
        assert (await at(pilot, DashboardScreen)).filter == "status:error"
        await pilot.press("b")
        await pilot.pause()
        assert len(pilot.app.screen_stack) == 3


async def test_the_dashboard_is_opened_over_the_time_asked_for() -> None:
    opens = Opening(View(filter="status:error", since="6h"), place="dashboard")
    async with explorer(source(), opens=opens).run_test(size=SIZE) as pilot:
        found = await at(pilot, DashboardScreen)
        assert (found.filter, found.since) == ("status:error", "6h")


async def test_a_term_narrows_the_list_below() -> None:
    opens = Opening(View(filter="status:error"), trace=ONE)
    async with explorer(source(), opens=opens).run_test(size=SIZE) as pilot:
        await at(pilot, TraceScreen)
        await settle(pilot)
        pilot.app.post_message(TermAsked("tool:search"))
        found = await at(pilot, TracesScreen)
        await settle(pilot)
        assert found.view.filter == "status:error tool:search"
        await pilot.press("q")
        await at(pilot, TraceScreen)


async def test_a_trace_is_compared_with_another_that_is_chosen() -> None:
    async with explorer(source(), opens=Opening(trace=ONE)).run_test(size=SIZE) as pilot:
        await at(pilot, TraceScreen)
        await settle(pilot)
        await pilot.app.run_action("app.compare_with")
        await at(pilot, CompareWithDialog)
        await settle(pilot)
        await until(pilot, lambda: TWO[:8] in "\n".join(lines_of(pilot.app)), 15)
        assert f"  {ONE[:8]} " not in "\n".join(lines_of(pilot.app))
        await pilot.press("enter")
        await at(pilot, CompareScreen)


async def test_help_parts_the_pane_the_screen_and_everywhere() -> None:
    async with on_trace().run_test(size=(100, 60)) as pilot:
        await settle(pilot)
        groups = {group.title: group.keys for group in keys_of(pilot.app.screen)}
        assert list(groups) == ["This pane", "This screen", "Everywhere"]
        await pilot.press("question_mark")
        await at(pilot, HelpScreen)
        text = "\n".join(lines_of(pilot.app))
        assert "This pane" in text
        assert "Mouse:" in text or "This screen" in text


@pytest.mark.parametrize("trace", [None, ONE], ids=["list", "trace"])
async def test_the_palette_has_every_key_every_place_and_every_theme(trace: str | None) -> None:
    async with explorer(source(), opens=Opening(trace=trace)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        names = [command.title for command in commands(pilot.app, pilot.app.screen)]
        bound = {key.description for group in keys_of(pilot.app.screen) for key in group.keys} | {
            active.binding.description
            for active in pilot.app.screen.active_bindings.values()
            if active.binding.description and active.binding.show
        }
        assert bound <= set(names)
        for place in ("Go to the traces", "Go to the dashboard", "Compare with…"):
            assert place in names
        assert {name.split()[1] for name in names if name.startswith("Theme: ")} == set(
            theme_names()
        )


async def test_a_theme_that_is_chosen_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "state" / "explorer.json"
    async with explorer(source(), memory=Memory(file)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        (nord,) = [
            command
            for command in commands(pilot.app, pilot.app.screen)
            if command.title == "Theme: nord"
        ]
        nord.callback()
        await settle(pilot)
    async with explorer(source(), memory=Memory(file)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert pilot.app.theme == "nord"
    # A setting or an option wins, and is not taken for a choice.
    async with explorer(source(), memory=Memory(file), theme="okabe-ito-light").run_test() as pilot:
        await settle(pilot)
        assert pilot.app.theme == "okabe-ito-light"
    assert Memory(file).now.theme == "nord"


async def test_a_theme_that_is_not_there_is_told() -> None:
    async with explorer(source(), theme="nosuch").run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "There is no theme nosuch" in told(pilot)[0]
    with pytest.raises(UsageError, match="Did you mean `okabe-ito-dark`"):
        check_theme("okabe-ito-drak")


async def test_without_colour_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with on_trace(theme="okabe-ito-dark").run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert pilot.app.no_color
        assert any(type(f).__name__ == "Monochrome" for f in pilot.app.get_line_filters())


def contrast(one: str, two: str) -> float:
    """WCAG 2.1's contrast ratio."""
    from textual.color import Color

    def luminance(text: str) -> float:
        parts = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in Color.parse(text).normalized
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", OWN, ids=lambda theme: theme.name)
def test_our_themes_can_be_read(theme: Any) -> None:
    assert contrast(theme.foreground, theme.background) > 12
    assert contrast(theme.foreground, theme.panel) > 7


# What a command line asks for


@pytest.fixture
def stored(tmp_path: Path) -> StoreSource:
    home = tmp_path / "home"
    records.store(home, *records.run()).close()
    return StoreSource(f"lake://{home}")


def test_a_link_is_a_trace_a_span_or_a_session(stored: StoreSource) -> None:
    def opens(*args: Any, **more: Any) -> Opening:
        return opening(Asked(*args, **more), stored, fakes.NOW)

    whole = records.TRACE
    assert opens() == Opening()
    assert opens(whole[:6], tab="MESSAGES") == Opening(None, whole, None, "Messages")
    assert opens(whole[:6], "6") == Opening(None, whole, "6")
    assert opens(f"{3:016x}") == Opening(None, whole, f"{3:016x}")
    assert opens("s-42") == Opening(View(filter="session:s-42"))
    assert opens("s-42", filter="a OR b") == Opening(View(filter="(a OR b) session:s-42"))
    assert opens(place="dashboard") == Opening(place="dashboard")
    assert opens(sort="-cost", since="2h").view == View(sort="cost_usd", since="2h")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (Asked("ffff"), "There is no trace, span or session `ffff`"),
        (Asked(span="1"), "--span needs the trace"),
        (Asked(tab="raw"), "--tab needs the trace"),
        (Asked(records.TRACE, tab="nosuch"), "There is no tab `nosuch`"),
        (Asked("s-42", span="1"), "--span needs the trace"),
        (Asked(records.TRACE, place="dashboard"), "--dashboard goes without"),
        (Asked(filter="tol:x"), "There is no field `tol`"),
        (Asked(since="soon"), "soon"),
        (Asked(sort="nosuch"), "Cannot sort by `nosuch`"),
        (Asked(group="users"), "cannot be grouped by `users`"),
        (Asked(columns="when,nosuch"), "There is no column `nosuch`"),
    ],
    ids=[
        "trace", "span", "tab", "no-tab", "session", "dashboard", "filter", "since", "sort", "group",
        "columns",
    ],
)  # fmt: skip
def test_what_cannot_be_opened_is_said_before_anything_is_drawn(
    stored: StoreSource, asked: Asked, says: str
) -> None:
    with pytest.raises(JollyScopeError) as caught:
        opening(asked, stored, fakes.NOW)
    assert says in str(caught.value)


def test_what_is_remembered_has_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOLLYSCOPE_HOME", str(tmp_path))
    assert state_dir() == tmp_path / "state"
    monkeypatch.delenv("JOLLYSCOPE_HOME")
    assert "jollyscope" in str(state_dir())
    monkeypatch.setenv("JOLLYSCOPE_CONFIG", str(tmp_path / "none.toml"))
    assert load().ui.theme is None
