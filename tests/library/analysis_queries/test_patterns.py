"""Patterns that are planted are found, whatever the order; what is like nothing is of none."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from jollyscope.analysis.queries.patterns import Patterns
from jollyscope.analysis.queries.templates import cut
from jollyscope.analysis.queries.words import head, words
from tests.library.analysis_queries.made import TEMPLATES, inputs


def names(text: str) -> list[str]:
    return [word.name for word in words(head(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Refund ORDER #12345, please", "refund order <n> please"),
        ("mail ann.b@shop.co about https://x.y/z?q=1", "mail <mail> about <url>"),
        ("open /usr/lib/a.py or ./src/b.c", "open <path> or <path>"),
        ("say 'ann b' and “a 1”, but don’t", "say <text> and <text> but don't"),
        ("2026-11-03 10:00 gpt-4o A17", "<n> <n> <n> <n>"),
        ("查一下北京", "查一 一下 下北 北京"),
        ("订单AB-17的状态", "订单 <n> 的状 状态"),
        ("「テスト」を訳す", "<text> を訳 訳す"),
        ("날씨 알려줘", "날씨 알려 려줘"),
        ("Ｈello 🦊 wörld 好", "hello wörld 好"),
        ('{"city": "Rome"}', "city rome"),
        (" ?! ", ""),
    ],
)
def test_words(text: str, expected: str):
    assert names(text) == expected.split()


def test_a_word_says_where_it_is():
    text = head("say「你好」 to x@y.zz: 查一下 ABC 7")
    assert [text[w.start : w.end] for w in words(text)] == [
        "say", "「你好」", "to", "x@y.zz", "查一", "一下", "ABC", "7",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_patterns_are_found(seed: int):
    planted = inputs(1500, seed)
    patterns = Patterns(text for _, text in planted)
    by_kind = {kind: Counter[int | None]() for kind in (*TEMPLATES, "noise")}
    for kind, text in planted:
        by_kind[kind][patterns.of(text)] += 1
    places = set[int | None]()
    for kind in TEMPLATES:
        (place, most), *_ = by_kind[kind].most_common(1)
        assert place is not None
        assert most >= 0.97 * by_kind[kind].total(), (kind, by_kind[kind])
        places.add(place)
    assert len(places) == len(TEMPLATES) == len(patterns.found)
    assert by_kind["noise"][None] >= 0.95 * by_kind["noise"].total()


def test_a_pattern_is_told_by_its_words():
    patterns = Patterns(text for _, text in inputs(1500))
    told = {pattern.template: pattern for pattern in patterns.found}
    assert {
        "Book a flight from * to * on <n>",
        "查一下*的天气",
        "把<text>翻译成英文",
        "Summarise this article: *",
    } <= told.keys()
    assert told["查一下*的天气"].finders == ("查一下", "的天气")
    assert "flight" in told["Book a flight from * to * on <n>"].marks
    for pattern in patterns.found:
        assert patterns.of(pattern.example) == patterns.found.index(pattern)
        assert all(part in pattern.example for part in pattern.finders)


def test_the_order_of_the_texts_plays_no_part():
    texts = [text for _, text in inputs(800)]
    first = Patterns(texts)
    places = [first.of(text) for text in texts]
    for seed in range(3):
        mixed = random.Random(seed).sample(texts, len(texts))
        again = Patterns(mixed)
        assert again.found == first.found
        assert [again.of(text) for text in texts] == places


def test_a_text_that_was_not_in_the_sample_is_of_its_pattern():
    patterns = Patterns(text for _, text in inputs(800))
    by_template = {pattern.template: place for place, pattern in enumerate(patterns.found)}
    assert patterns.of("查一下哈尔滨昨天的天气") == by_template["查一下*的天气"]
    flight = by_template["Book a flight from * to * on <n>"]
    assert patterns.of("book a flight from Ulan Bator to Nuuk on Sunday") == flight
    assert patterns.of("entirely different") is None
    assert patterns.of("") is None


def test_what_repeats_to_the_letter_is_a_pattern_and_a_few_texts_are_none():
    assert [p.template for p in Patterns(["hi"] * 5).found] == ["hi"]
    assert Patterns(["hi"] * 4).found == []
    assert Patterns([]).found == []


def test_a_template_keeps_what_is_between_its_words():
    text = "Hello,  Ann: 查一下北京的天气 7 times!"
    parts = cut(text, {"hello", "查一", "一下", "天气", "<n>"})
    assert "".join(part.text for part in parts) == "Hello, *: 查一下*天气 <n> *!"
    assert [part.names for part in parts if part.names] == [
        ("hello",), ("查一", "一下"), ("天气",), ("<n>",),
    ]  # fmt: skip
