"""A view as a command line, and back."""

from __future__ import annotations

import shlex
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.errors import UsageError
from jollyscope_tui.view import ALL, COLUMN_NAMES, View, view_from
from tests.tui.fakes import NOW

TIMES = st.sampled_from([None, "15m", "2h", "2026-11-20T14:00", "2026-11-20 14:00"])

VIEWS = st.builds(
    View,
    filter=st.sampled_from(["", "status:error", 'input:"it\'s 明天" -has:error', "a OR b"]),
    since=st.one_of(TIMES, st.just(ALL)),
    until=TIMES,
    sort=st.sampled_from(["start_time", "duration_ms", "cost_usd", "input_tokens", "session_id"]),
    descending=st.booleans(),
    group=st.sampled_from(["traces", "sessions"]),
    columns=st.lists(st.sampled_from(COLUMN_NAMES), unique=True, max_size=4).map(tuple),
)


def read(command: str) -> View | None:
    words = shlex.split(command)
    assert words[:2] == ["jollyscope", "ui"]
    options: dict[str, Any] = {}
    rest = iter(words[2:])
    for word in rest:
        name, equals, value = word.removeprefix("--").partition("=")
        options[name] = value if equals else next(rest)
    return view_from(now=NOW, **options)


@given(VIEWS)
def test_the_command_line_gives_the_view_back(view: View) -> None:
    assert read(view.command()) == view


@given(VIEWS)
def test_what_is_saved_is_read_back(view: View) -> None:
    assert msgspec.json.decode(msgspec.json.encode(view), type=View) == view


def test_only_what_differs_is_written() -> None:
    assert View().command() == "jollyscope ui --filter ''"
    view = View(filter="status:error", since="24h", sort="duration_ms", group="sessions")
    assert view.command() == (
        "jollyscope ui --filter status:error --since 24h --sort=-duration --group sessions"
    )
    assert view.ls_command() == ("jollyscope ls sessions status:error --since 24h --sort=-duration")
    assert View(since=ALL).ls_command() == "jollyscope ls traces --all"


def test_no_options_are_no_view() -> None:
    assert view_from(now=NOW) is None
    assert view_from(now=NOW, filter="") == View()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"filter": "duration>"}, "value"),
        ({"since": "soon"}, "`soon` is no time."),
        ({"until": "later"}, "`later` is no time."),
        ({"sort": "colour"}, "Cannot sort by `colour`."),
        ({"group": "sessions", "sort": "models"}, "Cannot sort by `models`."),
        ({"group": "days"}, "Rows cannot be grouped by `days`."),
        ({"columns": "when,colour"}, "There is no column `colour`."),
        ({"columns": "wehn"}, "Did you mean `when`?"),
        ({"columns": ""}, "There is no column ``."),
    ],
    ids=str,
)
def test_mistakes_are_told(options: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as told:
        view_from(now=NOW, **options)
    assert words in str(told.value)


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (View(), "all times"),
        (View(since=ALL), "all times"),
        (View(since="24h"), "last 24h"),
        (View(since="2026-11-20T14:00"), "since 2026-11-20T14:00"),
        (View(until="1h"), "until 1h"),
        (View(since="3h", until="1h"), "3h – 1h"),
    ],
    ids=str,
)
def test_the_stretch_of_time_in_words(view: View, words: str) -> None:
    assert view.range == words
    assert view.bounded == (words != "all times")
