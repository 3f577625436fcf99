"""A term put into a filter and taken out again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.errors import UsageError
from jollyscope.query.filter import add_term, drop_term, has_term, parse


@pytest.mark.parametrize(
    ("text", "added", "dropped"),
    [
        ("", "has:error", ""),
        ("a  b", "a  b has:error", "a  b"),
        ("a OR b", "(a OR b) has:error", "(a OR b)"),
        ("has:error", "has:error", ""),
        ("(has:error)", "(has:error)", ""),
        ("HAS:error AND x", "HAS:error AND x", "x"),
        ("x AND has:error AND y", "x AND has:error AND y", "x y"),
        ("-has:error", "-has:error has:error", "-has:error"),
        ('"明天 has:error"', '"明天 has:error" has:error', '"明天 has:error"'),
        ("has:error 明天", "has:error 明天", "明天"),
    ],
)
def test_the_rest_stays_as_written(text: str, added: str, dropped: str) -> None:
    assert add_term(text, "has:error") == added
    assert has_term(added, "has:error")
    assert drop_term(added, "has:error") == dropped


def test_what_is_not_there_is_not_dropped() -> None:
    for text in ("a", "has:error OR a", "-has:error", "has:error,cost"):
        assert drop_term(text, "has:error") == text
        assert not has_term(text, "has:error")


def test_a_value_is_told_from_a_longer_one() -> None:
    assert not has_term("tool:search2", "tool:search")
    assert add_term("tool:search2", "tool:search") == "tool:search2 tool:search"


def test_what_is_no_filter_is_refused() -> None:
    with pytest.raises(UsageError):
        add_term("duration>", "has:error")


WORDS = st.lists(
    st.sampled_from(["a", "-b", "(c OR d)", "tool:x", "has:error", "AND e", '"f g"', "(h)"]),
    max_size=5,
)


@given(WORDS)
def test_dropping_leaves_what_else_was_demanded(words: list[str]) -> None:
    text = " ".join(words).removeprefix("AND ")
    bare = text.count("has:error") == 0
    added = add_term(text, "has:error")
    assert has_term(added, "has:error")
    if bare:
        assert parse(drop_term(added, "has:error")) == parse(text)
