"""Notes, labels and saved views beside a lake: many writers, read-only media, damage."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jollyscope.errors import StoreError, UsageError
from jollyscope.store.lake.state import LakeState
from jollyscope.store.lake.store import LakeStore
from jollyscope.store.state import SavedView, label, note, view_name

ONE, TWO, SPAN = "a" * 32, "b" * 32, "c" * 16


@pytest.fixture
def state(tmp_path: Path) -> LakeState:
    return LakeState(tmp_path / "lake")


def labelled(text: str, trace: str = ONE, span: str | None = None, at: int = 5):
    return label(trace, span, text, by="ann", now=at)


def test_what_was_never_written_reads_as_nothing_and_makes_no_file(state: LakeState) -> None:
    assert state.annotations([ONE]) == state.all_annotations() == state.known_labels() == []
    assert state.views() == []
    assert state.drop(["0" * 16]) == 0
    assert not state.drop_view("mine")
    assert not state.path.parent.exists()


def test_notes_and_labels_come_back_oldest_first_until_they_are_dropped(state: LakeState) -> None:
    said = note(ONE, SPAN, "为什么慢？ 🐢\nsecond line", by="bob", now=9)
    first = labelled("golden", at=3)
    state.annotate([said, first, labelled("golden", TWO), labelled("slow", TWO)])

    assert state.annotations([ONE]) == [first, said]
    assert [a.text for a in state.annotations([TWO])] == ["golden", "slow"]
    assert len(state.all_annotations()) == 4
    assert state.known_labels() == ["golden", "slow"]

    assert state.drop([said.id, "0" * 16]) == 1
    assert state.annotations([ONE]) == [first]


def test_a_label_set_twice_is_there_once(state: LakeState) -> None:
    state.annotate([labelled("slow")])
    state.annotate([labelled("  slow "), labelled("slow", span=SPAN)])
    assert [(a.text, a.span_id) for a in state.annotations([ONE])] == [
        ("slow", None),
        ("slow", SPAN),
    ]


def test_a_note_given_twice_is_two_notes(state: LakeState) -> None:
    state.annotate([note(ONE, None, "look", by="", now=1)])
    state.annotate([note(ONE, None, "look", by="", now=1)])
    assert len(state.annotations([ONE])) == 2


def test_views_are_kept_by_name(state: LakeState) -> None:
    state.save_view(SavedView(name="z", text="{}", time=1))
    state.save_view(SavedView(name="a", text="{}", time=2))
    state.save_view(SavedView(name="z", text='{"filter":"x"}', time=3))
    assert [(v.name, v.text) for v in state.views()] == [("a", "{}"), ("z", '{"filter":"x"}')]
    assert state.drop_view("a")
    assert [v.name for v in state.views()] == ["z"]


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "empty"), (" \n ", "empty"), ("x" * 65, "64 characters"), ("a,b", "comma")],
    ids=["empty", "blank", "long", "comma"],
)
def test_what_cannot_be_a_label(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        labelled(text)


def test_labels_notes_and_names_hold_nothing_that_a_terminal_obeys() -> None:
    assert labelled("\x1b[31mred\x07").text == "[31mred"
    assert note(ONE, None, "a\r\n\tb\x00\ud800", by="", now=1).text == "a\n\tb"
    assert view_name("  my \n view ") == "my view"
    # One letter, however it was typed.
    assert labelled("cafe\u0301").id == labelled("caf\u00e9").id
    with pytest.raises(UsageError, match="empty"):
        note(ONE, None, "  ", by="", now=1)
    with pytest.raises(UsageError, match="10,000"):
        note(ONE, None, "x" * 10_001, by="", now=1)


_WRITER = """
import sys
from pathlib import Path
from jollyscope.store.lake.state import LakeState
from jollyscope.store.state import label
state = LakeState(Path(sys.argv[1]))
for n in range(25):
    state.annotate([label("a" * 32, None, f"{sys.argv[2]}-{n}", by="x", now=n)])
    state.known_labels()
"""


def test_many_processes_write_at_once_from_the_first_moment(state: LakeState) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(state.path.parent), str(n)])
        for n in range(4)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    assert len(state.known_labels()) == 100


def test_an_error_halfway_adds_nothing(state: LakeState) -> None:
    state.annotate([labelled("before")])
    broken = [labelled("one"), labelled("two", at=2**70)]  # No column takes so large a number.
    with pytest.raises(OverflowError):
        state.annotate(broken)
    assert state.known_labels() == ["before"]


def test_read_only_media_are_read_and_not_written(state: LakeState) -> None:
    state.annotate([labelled("kept")])
    lake = state.path.parent
    lake.chmod(0o500)
    state.path.chmod(0o400)
    try:
        assert state.known_labels() == ["kept"]
        if os.getuid() != 0:  # Root writes anywhere.
            with pytest.raises(StoreError, match="cannot be written"):
                state.annotate([labelled("more")])
    finally:
        lake.chmod(0o700)
        state.path.chmod(0o600)


def test_a_place_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "lake").write_text("a file")
    with pytest.raises(StoreError, match="cannot be written to"):
        LakeState(tmp_path / "lake").save_view(SavedView(name="v", text="", time=1))


def test_a_spoilt_or_newer_file_is_said_in_words(state: LakeState) -> None:
    state.path.parent.mkdir()
    state.path.write_bytes(b"no database at all" * 100)
    for ask in (state.known_labels, lambda: state.annotate([labelled("x")])):
        with pytest.raises(StoreError, match="cannot be used"):
            ask()
    state.path.unlink()
    import sqlite3

    with sqlite3.connect(state.path) as db:
        db.execute("PRAGMA user_version = 9")
    db.close()
    with pytest.raises(StoreError, match="newer JollyScope"):
        state.views()


def test_a_lake_has_its_state(tmp_path: Path) -> None:
    store = LakeStore(tmp_path)
    store.state.annotate([labelled("golden")])
    assert LakeStore(tmp_path).state.known_labels() == ["golden"]
    assert (tmp_path / "lake" / "state.sqlite").stat().st_mode & 0o777 == 0o600
