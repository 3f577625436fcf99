"""Reading filters: what binds to what, what is never misread, and where it ends."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jollyscope.errors import ExitCode, UsageError
from jollyscope.query.filter import DUCKDB, FilterError, fields, parse
from jollyscope.query.filter.nodes import And, Match, Not, Or, Text
from jollyscope.query.filter.numbers import parse_number
from jollyscope.query.filter.patterns import literal
from tests.library.filter import data
from tests.library.filter.data import NOW

SIGNS = [*'()"\\*?:=<>!,.-$% \t\n\u3000ab1你', "OR", "AND", "NOT", "tool:", "attr.", "at:", ".."]


@example(".tool:")
@given(st.lists(st.sampled_from(SIGNS), max_size=14).map("".join) | st.text(max_size=20))
def test_any_text_is_a_filter_or_an_error_that_points_into_it(text: str):
    error = mistake(text)
    if error is None:
        assert parse(str(parse(text))) == parse(text)
        return
    assert 0 <= error.at <= len(text)
    assert error.length >= 1
    top, carets = error.picture.split("\n")
    assert "^" in carets
    assert set(carets) <= {" ", "^"}
    assert "\n" not in error.message + error.hint + top


def mistake(text: str) -> FilterError | None:
    try:
        parse(text)
    except FilterError as error:
        return error
    return None


@given(data.filters)
def test_a_filter_that_is_written_again_reads_the_same(text: str):
    query = parse(text)
    again = parse(str(query))
    assert again == query
    assert str(again) == str(query)
    assert again.compile("traces", DUCKDB, NOW) == query.compile("traces", DUCKDB, NOW)


def test_or_binds_weaker_than_what_stands_side_by_side():
    tree = parse("a b OR c AND -d").root
    assert isinstance(tree, Or)
    assert all(isinstance(part, And) for part in tree.parts)
    assert isinstance(tree.parts[1].parts[1], Not)  # pyright: ignore[reportAttributeAccessIssue]


def test_keywords_are_upper_case_and_fields_in_any_case():
    words = parse("a or b and not c").root
    assert isinstance(words, And)
    assert all(isinstance(part, Text) for part in words.parts)
    assert parse("TOOL:x") == parse("Tool:x") == parse("tool_name:x") == parse("tool:x")
    assert parse("tool:X") != parse("tool:x")


def test_blanks_of_any_script_part_words():
    assert parse("a\u3000b\n\tc") == parse("a b c")


def test_not_equal_is_the_negation():
    tree = parse("tool!=a,b").root
    assert isinstance(tree, Not)
    assert isinstance(tree.part, Match)
    assert [value.text for value in tree.part.values] == ["a", "b"]


def test_an_error_is_a_usage_error_with_a_place():
    with pytest.raises(UsageError) as caught:
        parse("status:ok 工具 tol:x")
    error = caught.value
    assert isinstance(error, FilterError)
    assert (error.at, error.length, error.exit_code) == (13, 3, ExitCode.MISUSE)
    # Chinese characters are two cells wide, and the caret stands below what it means.
    assert error.picture == "status:ok 工具 tol:x\n               ^^^"


def test_huge_filters_end_in_one_sentence():
    for text in ("(" * 10**5, "a" * 10**5, "-" * 10**4, "NOT " * 3000, "(a OR " * 2000):
        with pytest.raises(FilterError) as caught:
            parse(text)
        assert caught.value.message.count(".") == 1
    deep = "(" * 50 + "a" + ")" * 50
    assert parse(deep) == parse("a")


def test_the_empty_filter_leaves_nothing_out():
    query = parse(" \t")
    assert not query
    assert query.compile("traces", DUCKDB, NOW) == ("true", [], ())
    assert query.time_range(NOW) == (None, None)
    assert str(query) == ""


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("150ms", "duration", 150),
        ("1m30s", "duration", 90_000),
        ("2h", "duration", 7_200_000),
        ("250µs", "duration", 0.25),
        ("0", "duration", 0),
        ("2", "duration", None),
        ("s", "duration", None),
        ("2s!", "duration", None),
        ("-2s", "duration", None),
        ("1k", "count", 1000),
        ("2.5M", "count", 2_500_000),
        ("1e3", "count", 1000),
        ("-3", "count", -3),
        ("٣", "count", None),
        ("", "count", None),
        ("nan", "count", None),
        ("1e9999", "count", None),
        ("$0.05", "money", 0.05),
        (".5", "money", 0.5),
        ("80%", "percent", 80),
        ("500MB", "bytes", 500),
        ("1GiB", "bytes", 1073.741824),
        ("1kB", "bytes", 0.001),
        ("5", "bytes", None),
    ],
)
def test_numbers_with_units(text: str, unit: str, number: float | None):
    found = parse_number(text, unit)
    assert (None if found is None else float(found)) == number


@pytest.fixture
def shanghai(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


HOUR = 3600 * 10**9
MIDNIGHT = 1_795_104_000_000_000_000  # 2026-11-20T00:00+08:00


@pytest.mark.usefixtures("shanghai")
@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("since:2h", NOW - 2 * HOUR, None),
        ("until:2h", None, NOW - 2 * HOUR),
        ("since:now", NOW, None),
        ("at:today", MIDNIGHT, MIDNIGHT + 24 * HOUR),
        ("at:yesterday", MIDNIGHT - 24 * HOUR, MIDNIGHT),
        ("at:2026-11-20", MIDNIGHT, MIDNIGHT + 24 * HOUR),
        ("until:2026-11-20", None, MIDNIGHT),
        ("at:2026-11-20T14:00..15:00", MIDNIGHT + 14 * HOUR, MIDNIGHT + 15 * HOUR),
        ("at:2026-11-20T14:00", MIDNIGHT + 14 * HOUR, MIDNIGHT + 14 * HOUR + 60 * 10**9),
        ("at:2026-11-20T14", MIDNIGHT + 14 * HOUR, MIDNIGHT + 15 * HOUR),
        ("at:2026-11-20T06:00Z..2026-11-20T07:00Z", MIDNIGHT + 14 * HOUR, MIDNIGHT + 15 * HOUR),
        ("at:2026-11-19..2026-11-20", MIDNIGHT - 24 * HOUR, MIDNIGHT + 24 * HOUR),
        ("at:2026-11", MIDNIGHT - 19 * 24 * HOUR, MIDNIGHT + 11 * 24 * HOUR),
        ("at:2h..1h", NOW - 2 * HOUR, NOW - HOUR),
        ("since:2h until:1h", NOW - 2 * HOUR, NOW - HOUR),
        ("since:2h since:1h", NOW - HOUR, None),
        ("at:today,yesterday", MIDNIGHT - 24 * HOUR, MIDNIGHT + 24 * HOUR),
        ("since:2h OR since:1h", NOW - 2 * HOUR, None),
        ("since:2h OR tool:x", None, None),
        ("-since:2h", None, None),
        ("(since:2h tool:x) OR at:2h..1h", NOW - 2 * HOUR, None),
    ],
)
def test_time_ranges(text: str, since: int | None, until: int | None):
    assert parse(text).time_range(NOW) == (since, until)


def test_a_day_is_as_long_as_its_clocks_say(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        since, until = parse("at:2026-10-25").time_range(NOW)
        assert since is not None
        assert until is not None
        assert until - since == 25 * HOUR
    finally:
        monkeypatch.undo()
        time.tzset()


def test_every_field_has_what_documentation_and_completion_need():
    for field in fields():
        assert parse(field.example).root is not None
        assert field.meaning
        assert field.name == field.name.lower()
        assert field.level in ("span", "trace", "both")


def test_a_pattern_fits_as_fnmatch_would_and_takes_no_time():
    started = time.perf_counter()
    stars = parse("tool:" + "*a" * 15 + "*b").root
    assert isinstance(stars, Match)
    assert not stars.values[0].matches("a" * 20_000)
    assert stars.values[0].matches("a" * 20_000 + "b")
    assert time.perf_counter() - started < 2
    assert literal("a*").matches("a*")
    assert not literal("a*").matches("ab")


@given(st.text("ab*?", max_size=6), st.text("ab\n", max_size=8))
def test_wildcards_are_those_of_fnmatch(pattern: str, text: str):
    from fnmatch import fnmatchcase

    if pattern:
        match = parse(f"tool:{pattern}").root
        assert isinstance(match, Match)
        assert match.values[0].matches(text) == fnmatchcase(text, pattern)
