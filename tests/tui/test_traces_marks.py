"""Marks, sessions, columns, saved views and the command line of the list of traces."""

from __future__ import annotations

from typing import Any

import pytest
from textual.message import Message
from textual.pilot import Pilot

from jollyscope.store.state import SavedView
from jollyscope_tui.app import Explorer
from jollyscope_tui.memory import Memory
from jollyscope_tui.navigation import (
    AnnotateAsked,
    CompareAsked,
    CopyAsked,
    ExportAsked,
    TraceAsked,
)
from jollyscope_tui.screens.traces import TracesScreen
from jollyscope_tui.services import Services
from jollyscope_tui.view import View
from jollyscope_tui.widgets.traces_list import TracesList
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, settle, until

SIZE, WIDE = (80, 24), (120, 27)


def home(pilot: Pilot[Any]) -> TracesScreen:
    return next(s for s in pilot.app.screen_stack if isinstance(s, TracesScreen))


def shown(pilot: Pilot[Any]) -> str:
    return "\n".join(lines_of(pilot.app))


def ids(*numbers: int) -> list[str]:
    return [fakes.trace_id(number) for number in numbers]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """What the screen asks of the app, which does not hear it."""
    heard: list[Message] = []
    post = TracesScreen.post_message
    wanted = (AnnotateAsked, CompareAsked, CopyAsked, ExportAsked, TraceAsked)

    def hear(self: TracesScreen, message: Message) -> bool:
        if isinstance(message, wanted):
            heard.append(message)
            return True
        return post(self, message)

    monkeypatch.setattr(TracesScreen, "post_message", hear)
    return heard


def said(pilot: Pilot[Any]) -> list[str]:
    return [note.message for note in pilot.app._notifications]


async def test_without_marks_keys_are_about_the_row_under_the_cursor(asked: list[Any]) -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("j", "e", "m", "y", "enter", "equals_sign")
        await pilot.pause()
        export, annotate, copy, trace = asked
        assert export.traces == annotate.traces == ids(2)
        assert (copy.text, trace.trace) == (ids(2)[0], ids(2)[0])
        assert "Mark one trace with space" in said(pilot)[0]


async def test_marks_are_told_kept_and_meant(asked: list[Any]) -> None:
    source = fakes.FakeSource(fakes.varied_rows())
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("j", "space", "space")
        await pilot.pause()
        assert "✓ 2 marked" in lines_of(pilot.app)[0]
        assert lines_of(pilot.app)[4].startswith(" ✓")
        source.rows = [fakes.row(0), *source.rows]
        await pilot.press("r")
        await settle(pilot)
        assert lines_of(pilot.app)[5].startswith(" ✓")
        await pilot.press("o", "j", "enter")
        await settle(pilot)
        assert "✓ 2 marked" in lines_of(pilot.app)[0]
        await pilot.press("e", "D")
        await pilot.pause()
        export, compare = asked
        assert export.traces == ids(2, 3)
        assert [compare.left, compare.right] == ids(2, 3)


async def test_one_marked_is_compared_with_the_cursors(asked: list[Any]) -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("space", "j", "equals_sign", "space", "space", "equals_sign")
        await pilot.pause()
        assert [asked[0].left, asked[0].right] == ids(1, 3)
        assert said(pilot) == ["3 are marked, and two can be compared."]


async def test_all_are_marked_and_unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [fakes.row(n) for n in range(1, 501)]
    async with explorer(fakes.FakeSource(rows)).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("a")
        await until(pilot, lambda: "✓ 500 marked" in lines_of(pilot.app)[0])
        await pilot.press("a")
        await pilot.pause()
        assert "marked" not in lines_of(pilot.app)[0]
        monkeypatch.setattr("jollyscope_tui.screens.traces_marks.MOST_MARKED", 300)
        await pilot.press("a")
        await until(pilot, lambda: "✓ 300 marked" in lines_of(pilot.app)[0])
        assert "the first 300 only" in said(pilot)[0]


async def test_a_click_at_the_edge_marks(asked: list[Any]) -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.click(TracesList, offset=(1, 5))
        await pilot.pause()
        assert list(home(pilot).listing.marks) == ids(5)
        assert asked == []


async def test_sessions_fold_and_unfold(asked: list[Any]) -> None:
    source = fakes.FakeSource([fakes.row(n) for n in range(3, 63)])
    async with explorer(source).run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert "sessions · 20 ·" in lines_of(pilot.app)[0]
        assert "3 traces" in lines_of(pilot.app)[3]
        assert lines_of(pilot.app)[3].startswith("▌▸")
        await pilot.press("right")
        await settle(pilot)
        assert lines_of(pilot.app)[3].startswith("▌▾")
        listing = home(pilot).listing
        assert listing.row_total() == 23
        await pilot.press("j", "j", "space")
        await pilot.pause()
        assert lines_of(pilot.app)[5].startswith(" ✓")
        await pilot.press("enter")
        await pilot.pause()
        assert asked[0].trace == fakes.trace_id(5)
        await pilot.press("left")
        await pilot.pause()
        assert (listing.row_total(), listing.cursor) == (20, 0)
        await pilot.press("enter")
        await settle(pilot)
        assert listing.row_total() == 23
        await pilot.press("r")
        await settle(pilot)
        assert listing.row_total() == 23
        await pilot.press("s")
        await settle(pilot)
        assert "traces · 60 ·" in lines_of(pilot.app)[0]


async def test_a_long_session_is_unfolded_a_page_at_a_time() -> None:
    source = fakes.FakeSource([fakes.row(n, session_id="s") for n in range(1, 451)])
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        listing = home(pilot).listing
        for total in (202, 402):
            assert listing.row_total() == total
            await pilot.press("G", "enter")
            await settle(pilot)
        assert listing.row_total() == 451
        found = [listing.folds.at(line).row for line in range(451)]
        assert None not in found


async def test_what_sessions_lack_does_not_sort_them() -> None:
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        home(pilot).ask_view(sort="output")
        await settle(pilot)
        await pilot.press("s")
        await settle(pilot)
        assert home(pilot).view == View(group="sessions")


async def test_columns_are_picked_moved_and_remembered() -> None:
    memory = Memory()
    source = fakes.FakeSource(fakes.varied_rows())
    async with explorer(source, memory=memory).run_test(size=WIDE) as pilot:
        await settle(pilot)
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("space", "j", "J", "enter")
        await settle(pilot)
        names = ("input", "status", "steps", "tools", "tokens", "cost", "time", "bar", "session",
                 "service")  # fmt: skip
        assert memory.now.view.columns == names
        assert lines_of(pilot.app)[2].split()[:2] == ["input", "status"]
        await pilot.press("c")
        await settle(pilot)
        await pilot.press("j", "K", *["space", "j"] * 10, "enter")
        assert "at least one column" in shown(pilot)
        await pilot.press("r")
        await settle(pilot)
        assert memory.now.view.columns == ()
        assert "when▼" in lines_of(pilot.app)[2]


async def test_labels_are_a_column_where_there_are_any() -> None:
    source = fakes.FakeSource(fakes.varied_rows())
    source.notes.annotate(ids(2), None, "label", "slow")
    async with explorer(source).run_test(size=(160, 24)) as pilot:
        await settle(pilot)
        assert "labels" in lines_of(pilot.app)[2]
        assert "#slow" in lines_of(pilot.app)[4]


async def test_views_are_saved_opened_renamed_and_deleted() -> None:
    source = fakes.FakeSource(fakes.varied_rows())
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("v")
        await settle(pilot)
        await pilot.press("enter")
        assert "A view needs a name." in shown(pilot)
        await pilot.press(*"bad", "enter")
        await until(pilot, lambda: list(source.state.saved) == ["bad"])
        await pilot.press("x")
        await settle(pilot)
        await pilot.press("v")
        await settle(pilot)
        assert "has:error · all times" in shown(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert home(pilot).view == View(filter="has:error")
        await pilot.press("v")
        await settle(pilot)
        await pilot.press("r", *"ly", "enter")
        await until(pilot, lambda: list(source.state.saved) == ["badly"])
        await pilot.press("v")
        await settle(pilot)
        await pilot.press("d")
        assert "d again deletes badly." in shown(pilot)
        assert source.state.saved
        await pilot.press("d")
        await until(pilot, lambda: not source.state.saved)
        assert said(pilot)[-1] == "Deleted the view badly."


async def test_read_only_views_are_opened_but_not_changed() -> None:
    source = fakes.FakeSource(fakes.varied_rows())
    source.state.save_view(SavedView(name="mine", text='{"filter":"has:error"}', time=1))
    source.state.save_view(SavedView(name="odd", text='{"filter":7}', time=1))
    app = explorer(source)
    app.services = app.services._replace(read_only=True)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        for key in ("s", "d", "r"):
            await pilot.press("v")
            await settle(pilot)
            await pilot.press(key)
            assert "Opened with --read-only" in shown(pilot)
            await pilot.press("escape")
            await settle(pilot)
        await pilot.press("v")
        await settle(pilot)
        await pilot.press("j", "enter")
        await pilot.pause()
        assert "saved by another version" in said(pilot)[-1]
        await pilot.press("v")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert home(pilot).view.filter == "has:error"
        assert list(source.state.saved) == ["mine", "odd"]


async def test_the_command_line_is_shown_and_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(Explorer, "copy_to_clipboard", lambda _self, text: copied.append(text))
    async with explorer(fakes.FakeSource(fakes.varied_rows())).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("x")
        await settle(pilot)
        for key in ("y", "l"):
            await pilot.press("Y")
            await settle(pilot)
            assert "jollyscope ui --filter has:error" in shown(pilot)
            await pilot.press(key)
            await settle(pilot)
        assert copied == ["jollyscope ui --filter has:error", "jollyscope ls traces has:error"]


async def test_new_rows_above_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jollyscope_tui.screens.traces.POLL_SECONDS", 0.05)
    rows = [fakes.row(n) for n in range(10, 3_000)]
    source = fakes.FakeSource(rows)
    async with explorer(source).run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("l", "G", "pageup", "k")
        await settle_live(pilot)
        listing = home(pilot).listing
        on, at = listing.selected, listing.cursor - listing.scroll_offset.y
        source.rows = [fakes.row(n) for n in range(5, 10)] + rows
        await until(pilot, lambda: "↑ 5 new" in lines_of(pilot.app)[0])
        assert listing.selected == on
        assert listing.cursor - listing.scroll_offset.y == at
        assert listing.sheet.total == 2_995
        await pilot.press("g")
        await until(pilot, lambda: "question 5:" in lines_of(pilot.app)[3])
        assert "new" not in lines_of(pilot.app)[0]


async def settle_live(pilot: Pilot[Any]) -> None:
    """As `settle`, for a list that is read again all the time."""
    listing = home(pilot).listing
    await until(pilot, lambda: listing.selected is not None and listing.gap() is None)


async def test_a_list_can_be_opened_at_a_view() -> None:
    app = explorer(fakes.FakeSource(fakes.varied_rows()))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        services: Services = app.services
        app.push_screen(TracesScreen(services, view=View(filter="has:error")))
        await settle(pilot)
        assert "traces · 2 ·" in lines_of(app)[0]
        assert services.memory.now.view == View()
        await pilot.press("q")
        await settle(pilot)
        assert "traces · 40 ·" in lines_of(app)[0]
