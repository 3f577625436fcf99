"""Texts line by line and word by word."""

from __future__ import annotations

import json
import time

from hypothesis import given
from hypothesis import strategies as st

from jollyscope.analysis.diff_text import LARGEST, Piece, text_diff, unified

TEXT = st.text(st.sampled_from("ab \n北京{}🦊"), max_size=60)


def joined(lines: list[list[Piece] | None]) -> str:
    return "\n".join("".join(piece.text for piece in line) for line in lines if line is not None)


@given(TEXT, TEXT)
def test_both_texts_are_in_it_whole(left, right):
    found = text_diff(left, right)
    if found.json:
        return
    assert joined([line.left for line in found.lines]) == left
    assert joined([line.right for line in found.lines]) == right
    assert found.equal == (left == right)


@given(TEXT, TEXT)
def test_numbers_count_the_lines(left, right):
    found = text_diff(left, right)
    for side in (3, 4):
        numbers = [line[side] for line in found.lines if line[side] is not None]
        assert numbers == list(range(1, len(numbers) + 1))


@given(st.dictionaries(st.text(max_size=3), st.integers(), max_size=5))
def test_the_order_of_keys_is_no_difference(values):
    turned = dict(reversed(values.items()))
    found = text_diff(json.dumps(values), json.dumps(turned, indent=1))
    assert found.json
    assert found.equal


def test_json_beside_text_is_text():
    assert not text_diff('{"a": 1}', "no").json
    assert text_diff('{"a": 1}', None).json


def test_words_of_a_changed_line():
    (line,) = text_diff("the quick brown fox", "the slow brown fox").lines
    assert line.op == "changed"
    assert line.left == [Piece("the ", False), Piece("quick", True), Piece(" brown fox", False)]
    assert line.right == [Piece("the ", False), Piece("slow", True), Piece(" brown fox", False)]


def test_chinese_is_compared_by_character():
    (line,) = text_diff("北京明天有雨", "北京今天有雨").lines
    assert line.left == [Piece("北京", False), Piece("明", True), Piece("天有雨", False)]


def test_lines_with_nothing_in_common_stand_below_each_other():
    told = list(unified(text_diff("alpha beta\nend", "gamma\ndelta\nend")))
    assert [(sign, joined([pieces])) for sign, pieces in told] == [
        ("-", "alpha beta"), ("+", "gamma"), ("+", "delta"), (" ", "end"),
    ]  # fmt: skip


def test_equal_lines_far_from_a_change_are_counted():
    left = [str(n) for n in range(30)]
    right = [*left[:15], "new", *left[15:]]
    told = [
        (sign, joined([p])) for sign, p in unified(text_diff("\n".join(left), "\n".join(right)))
    ]
    assert told[0] == ("…", "12 equal lines")
    assert told[1:4] == [(" ", "12"), (" ", "13"), (" ", "14")]
    assert told[-1] == ("…", "12 equal lines")
    assert len(list(unified(text_diff("a\nb", "a\nc"), None))) == 3


def test_long_texts_are_bounded_and_it_is_said():
    began = time.process_time()
    found = text_diff("a b " * 20_000, "b a\n" * 20_000)
    assert time.process_time() - began < 3
    assert found.left_out == 2 * (80_000 - LARGEST)
