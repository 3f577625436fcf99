"""Attribute values as plain JSON: what is decoded, what stays text."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jollyscope.semconv.messages.literal import MAX_TOKENS, json_of_literal
from jollyscope.semconv.messages.media import media_part
from jollyscope.semconv.messages.reading import CUT, read

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | texts
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)  # fmt: skip
containers = st.lists(plain, max_size=4) | st.dictionaries(texts, plain, max_size=4)


@given(value=containers)
def test_json_and_literals_are_read(value: Any) -> None:
    assert read(json.dumps(value)) == value
    assert read(json.dumps(value, ensure_ascii=False, indent=2)) == value
    assert read(repr(value)) == value


@given(text=texts)
def test_text_stays_text(text: str) -> None:
    assert read("- " + text) == "- " + text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("  {'a': (1, 2), 'b': (3,)}\n", {"a": [1, 2], "b": [3]}),
        ("['it\\'s', \"a 'b'\", 'a\\tb\\x41\\u00e9\\U0001f600']",
         ["it's", "a 'b'", "a\tbAé😀"]),
        ("{'a': nan, 'b': -inf, 'c': True}", {"a": None, "b": None, "c": True}),
        ('{"a": NaN, "b": 1e999}', {"a": None, "b": None}),
        ('["\\ud800"]', ["?"]),
        ("{'a': object()}", "{'a': object()}"),
        ("{'a': __import__('os')}", "{'a': __import__('os')}"),
        ("{'a': 1", "{'a': 1"),
        ("{1, 2}", "{1, 2}"),
        ("[" * 200 + "]" * 200, "[" * 200 + "]" * 200),
    ],
)  # fmt: skip
def test_odd_texts(text: str, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"@kvlist": {"@bytes": "x", "a": {"@double": "NaN"}}}, {"@bytes": "x", "a": None}),
        ([{"@bytes": "/w=="}], [b"\xff"]),
        ({"@bytes": "eyJhIjogMX0="}, {"a": 1}),
        ({"@bytes": "/w=="}, b"\xff"),
        (("a", 1), ["a", 1]),
        ([math.inf, 2**70, object], [None, str(2**70), CUT]),
    ],
)
def test_wire_values(value: Any, expected: Any) -> None:
    assert read(value) == expected


def test_literals_are_read_up_to_a_bound() -> None:
    assert json_of_literal("['a'" + ", 1" * (MAX_TOKENS // 2 - 4) + "]") is not None
    assert json_of_literal("['a'" + ", 1" * MAX_TOKENS + "]") is None


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("QUJD", "image/png, 3 B"),
        ("QUI=", "image/png, 2 B"),
        (b"abc", "image/png, 3 B"),
        ([1, 2, 3, 4], "image/png, 4 B"),
        ({"type": "Buffer", "data": [1, 2]}, "image/png, 2 B"),
        ("A" * 4000, "image/png, 3 kB"),
        ("data:image/gif;charset=x;base64,QUJD", "image/gif, 3 B"),
        (None, "image/png"),
        ("https://x.test/a", "image/png"),
    ],
)
def test_placeholders(source: Any, text: str) -> None:
    part = media_part("image", "image/png", source)
    assert part.text == text
    assert part.uri == (source if text == "image/png" else None)
