"""Finding text in a span."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jollyscope.model.records import SpanEvent, SpanRecord
from jollyscope.query import searching
from jollyscope.query.searching import Needle


def span(**more: Any) -> SpanRecord:
    fields = {"trace_id": "a" * 32, "span_id": "b" * 16, "name": "plan", "start_time": 0}
    return SpanRecord(**(fields | more))


def test_every_field_is_looked_at_and_named():
    whole = span(
        step_type="act", tool_name="Search", model="gpt-4o", input='{"q": "北京 天气"}',
        output="x" * 5_000 + "RAIN", status="error", error_type="TimeoutError",
        error_message="took\ntoo long", stack_trace='File "agent.py"', tool_call_id="call_9",
        attributes={"http.status": 503, "deep": {"list": ['say "hi"', "Größe"]}},
        events=[SpanEvent(name="retry", time=1, attributes={"attempt": 2})], provider="openai",
    )  # fmt: skip
    for text, place in {
        "PLAN": "name", "act plan": "name", "act sea": "tool", "4O": "model", "天气": "input",
        "rain": "output", "timeouterror": "error", "too LONG": "error", "agent.py": "stack trace",
        "bbbb": "span id", "call_9": "call id", "http.STATUS": "attributes", "503": "attributes",
        'say "hi': "attributes", "grösse": "attributes", "retry": "events", "OpenAI": "provider",
    }.items():  # fmt: skip
        assert Needle(text).place(whole) == place, text
    for text in ("", "nowhere", "plan\nact", 'deep":'):
        assert not Needle(text).within(whole), text


@given(st.text(max_size=40), st.text(min_size=1, max_size=6), st.integers(1, 9))
def test_texts_are_searched_as_if_in_one_piece(text: str, sought: str, piece: int):
    before, searching._PIECE = searching._PIECE, piece
    try:
        assert Needle(sought).inside(text) == (sought.casefold() in text.casefold())
    finally:
        searching._PIECE = before


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=8), max_size=4), st.data())
def test_any_part_of_an_attribute_is_found(attributes: dict[str, str], data: st.DataObject):
    for text in (*attributes, *attributes.values()):
        start = data.draw(st.integers(0, len(text)))
        part = text[start : start + 4]
        if part and not any(0xD800 <= ord(c) < 0xE000 for c in json.dumps(attributes) + part):
            assert Needle(part).within(span(attributes=attributes))
