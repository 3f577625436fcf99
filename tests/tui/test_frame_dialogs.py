"""The dialogs for files, labels and notes: by keys, to real files."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static, TextArea

from jollyscope.errors import StoreError
from jollyscope_tui.navigation import AnnotateAsked, ExportAsked
from jollyscope_tui.screens.annotate import AnnotateDialog
from jollyscope_tui.screens.export import ExportDialog
from jollyscope_tui.widgets.annotation_list import AnnotationList
from jollyscope_tui.widgets.path_input import complete_path
from tests.tui import fakes
from tests.tui.conftest import explorer, lines_of, settle, until

ONE, TWO = fakes.trace_id(1), fakes.trace_id(2)


@pytest.fixture
def source() -> fakes.FakeSource:
    return fakes.FakeSource(fakes.varied_rows(), {ONE: fakes.agent_run(), TWO: fakes.agent_run()})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(pilot: Pilot[Any]) -> str:
    return str(pilot.app.screen.query_one("#said", Static).render())


def told(pilot: Pilot[Any]) -> list[str]:
    return [note.message for note in pilot.app._notifications]


async def asked(pilot: Pilot[Any], message: Any, dialog: type[Any]) -> None:
    await settle(pilot)
    pilot.app.post_message(message)
    await until(pilot, lambda: isinstance(pilot.app.screen, dialog))
    await settle(pilot)


async def test_a_trace_goes_to_the_usual_name(source: fakes.FakeSource, folder: Path) -> None:
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, ExportAsked([ONE]), ExportDialog)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog))
        file = folder / f"trace-{ONE[:8]}.json"
        assert len(json.loads(file.read_text())["spans"]) == 8
        assert told(pilot)[-1].startswith("Wrote 1 trace, ")
        assert str(file.name) in told(pilot)[-1]


async def test_the_arrows_change_the_format_and_the_name_says_it(
    source: fakes.FakeSource, folder: Path
) -> None:
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, ExportAsked([ONE, TWO]), ExportDialog)
        name = pilot.app.screen.query_one(Input)
        assert name.value == "traces-2.json"
        await pilot.press("down")
        assert name.value == "traces-2.jsonl"
        assert "▸ .jsonl" in "\n".join(lines_of(pilot.app))
        await pilot.press("down")
        assert name.value == "traces-2.otlp.json"
        await pilot.press("down", "up", "up", "enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog))
        assert len((folder / "traces-2.jsonl").read_text().splitlines()) == 16


async def test_what_is_there_is_replaced_at_the_second_enter_only(
    source: fakes.FakeSource, folder: Path
) -> None:
    file = folder / f"trace-{ONE[:8]}.json"
    file.write_text("before")
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, ExportAsked([ONE]), ExportDialog)
        await pilot.press("enter")
        await until(pilot, lambda: "exists already" in said(pilot))
        assert file.read_text() == "before"
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog))
        assert json.loads(file.read_text())["spans"]


@pytest.mark.parametrize(
    ("name", "says"),
    [("", "Name the file"), ("x.txt", "does not say"), ("none/x.json", "cannot be written")],
    ids=["empty", "format", "folder"],
)
async def test_what_cannot_be_written_is_said_in_the_dialog(
    source: fakes.FakeSource, folder: Path, name: str, says: str
) -> None:
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, ExportAsked([ONE]), ExportDialog)
        pilot.app.screen.query_one(Input).value = name
        await pilot.press("enter")
        await until(pilot, lambda: says in said(pilot))
        assert list(folder.iterdir()) == []
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog))


async def test_escape_while_it_writes_leaves_nothing(
    source: fakes.FakeSource, folder: Path
) -> None:
    source.files.gate = threading.Event()
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, ExportAsked([ONE, TWO]), ExportDialog)
        await pilot.press("enter")
        await until(pilot, lambda: "0/2" in "\n".join(lines_of(pilot.app)))
        await pilot.press("escape")
        source.files.gate.set()
        await until(pilot, lambda: "Cancelled" in said(pilot))
        assert list(folder.iterdir()) == []
        source.files.gate = None
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog))
        assert [path.name for path in folder.iterdir()] == ["traces-2.json"]


async def test_traces_that_are_gone_are_counted(source: fakes.FakeSource, folder: Path) -> None:
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, ExportAsked([ONE, fakes.trace_id(9)]), ExportDialog)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(pilot.app.screen, ExportDialog))
        assert "1 are no longer in the store" in told(pilot)[-1]


def test_names_are_completed_from_the_disk(folder: Path) -> None:
    (folder / "results-a").mkdir()
    (folder / "results-b.json").write_text("")
    (folder / ".hidden").write_text("")
    assert complete_path("res") == ("results-", ["results-a/", "results-b.json"])
    assert complete_path("results-a") == ("results-a/", ["results-a/"])
    assert complete_path(f"{folder}/results-b") == (
        f"{folder}/results-b.json",
        ["results-b.json"],
    )
    assert complete_path("none/x") == ("none/x", [])
    assert complete_path(".h")[0] == ".hidden"
    assert ".hidden" not in complete_path("")[1]


async def test_tab_completes_and_tells_what_fits(source: fakes.FakeSource, folder: Path) -> None:
    (folder / "run-1.json").write_text("")
    (folder / "run-2.json").write_text("")
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, ExportAsked([ONE]), ExportDialog)
        line = pilot.app.screen.query_one(Input)
        line.value = "ru"
        await pilot.press("tab")
        await until(pilot, lambda: "run-1.json  run-2.json" in said(pilot))
        assert line.value == "run-"


# Labels and notes


def labels(source: fakes.FakeSource, trace: str, span: str | None = None) -> list[str]:
    there = source.notes.annotations(trace)
    return sorted(a.text for a in there if a.kind == "label" and a.span_id == span)


async def test_a_label_is_typed_turned_off_and_on(source: fakes.FakeSource) -> None:
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, AnnotateAsked([ONE]), AnnotateDialog)
        await pilot.press(*"slow", "enter")
        await until(pilot, lambda: labels(source, ONE) == ["slow"])
        await until(pilot, lambda: "[x] slow" in "\n".join(lines_of(pilot.app)))
        pilot.app.screen.query_one(AnnotationList).focus()
        await pilot.press("space")
        await until(pilot, lambda: labels(source, ONE) == [])
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, AnnotateDialog))


async def test_of_several_traces_a_label_is_on_all_or_none(source: fakes.FakeSource) -> None:
    source.notes.annotate([TWO], None, "label", "golden")
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, AnnotateAsked([ONE, TWO]), AnnotateDialog)
        await until(pilot, lambda: "[-] golden" in "\n".join(lines_of(pilot.app)))
        pilot.app.screen.query_one(AnnotationList).focus()
        await pilot.press("space")
        await until(pilot, lambda: labels(source, ONE) == labels(source, TWO) == ["golden"])
        await until(pilot, lambda: "[x] golden" in "\n".join(lines_of(pilot.app)))
        await pilot.press("space")
        await until(pilot, lambda: labels(source, ONE) == labels(source, TWO) == [])


async def test_a_note_on_a_span_is_kept_read_and_deleted(source: fakes.FakeSource) -> None:
    span = fakes.span_id(7)
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, AnnotateAsked([ONE], span), AnnotateDialog)
        pilot.app.screen.query_one(TextArea).focus()
        await pilot.press(*"why", "enter", *"so slow", "ctrl+s")
        await until(
            pilot, lambda: [a.text for a in source.notes.annotations(ONE)] == ["why\nso slow"]
        )
        assert source.notes.annotations(ONE)[0].span_id == span
        await until(pilot, lambda: "✎  why so slow" in "\n".join(lines_of(pilot.app)))
        pilot.app.screen.query_one(AnnotationList).focus()
        await pilot.press("enter")
        await until(pilot, lambda: "so slow" in said(pilot))
        await pilot.press("d")
        await until(pilot, lambda: "d again" in said(pilot))
        assert len(source.notes.annotations(ONE)) == 1
        await pilot.press("d")
        await until(pilot, lambda: source.notes.annotations(ONE) == [])


async def test_a_note_that_is_not_kept_is_asked_about(source: fakes.FakeSource) -> None:
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, AnnotateAsked([ONE]), AnnotateDialog)
        pilot.app.screen.query_one(TextArea).focus()
        await pilot.press(*"half", "escape")
        await until(pilot, lambda: "not kept yet" in said(pilot))
        assert isinstance(pilot.app.screen, AnnotateDialog)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, AnnotateDialog))


async def test_what_the_store_refuses_is_said(source: fakes.FakeSource) -> None:
    async with explorer(source).run_test(size=(100, 30)) as pilot:
        await asked(pilot, AnnotateAsked([ONE]), AnnotateDialog)
        source.state.error = StoreError("The disk is full.")
        await pilot.press(*"slow", "enter")
        await until(pilot, lambda: "The disk is full." in said(pilot))
        await pilot.press(*"a,b", "enter")
        source.state.error = None
        await pilot.press(*"a,b", "enter")
        await until(pilot, lambda: "comma" in said(pilot))


async def test_read_only_refuses_in_words(source: fakes.FakeSource) -> None:
    async with explorer(source, read_only=True).run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        pilot.app.post_message(AnnotateAsked([ONE]))
        await until(pilot, lambda: told(pilot))
        assert "--read-only" in told(pilot)[-1]
        assert not isinstance(pilot.app.screen, AnnotateDialog)
