"""Repeated tool calls: by hand, and against a plain count."""

from __future__ import annotations

import json
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from jollyscope.analysis.loops import canonical, loops, repeats
from jollyscope.model.records import SpanRecord


def call(number: int, tool: str | None, arguments: str | None, **more: object) -> SpanRecord:
    fields = {
        "trace_id": "a" * 32,
        "span_id": f"{number:016x}",
        "name": "execute_tool",
        "start_time": number * 10,
        "end_time": number * 10 + 5,
        "step_type": "act",
        "tool_name": tool,
        "input": arguments,
    }
    return SpanRecord(**(fields | more))


def numbers(spans: list[SpanRecord]) -> list[tuple[list[int], int]]:
    return [([int(s.span_id, 16) for s in loop.spans], loop.longest) for loop in loops(spans)]


def test_runs_and_repeats():
    made = [
        call(1, "search", '{"q": "x"}'), call(2, "search", '{ "q" : "x" }'),
        call(3, "read", "{}"), call(4, "search", '{"q":"x"}'), call(5, "search", '{"q":"y"}'),
    ]  # fmt: skip
    assert numbers(made) == [([1, 2, 4], 2)]
    found = repeats(loops(reversed(made)))
    assert {int(k, 16): tuple(v) for k, v in found.items()} == {1: (1, 3), 2: (2, 3), 4: (3, 3)}


def test_what_counts_as_the_same_arguments():
    assert canonical('{"b": 1.0, "a": [2, "é"]}') == canonical('{"a":[2.0,"\\u00e9"],"b":1}')
    assert canonical('{"a": 1}') != canonical('{"a": "1"}')
    assert canonical('{"a": 1.5}') != canonical('{"a": 1}')
    assert canonical("  weather in Paris\n") == canonical("weather in Paris")
    for odd in ("{", "", "NaN", "1e999", "[" * 10_000, '{"n": 123456789012345678901234567890}'):
        assert canonical(odd) == canonical(odd)


def test_another_tool_and_unknown_arguments_are_not_the_same():
    assert numbers([call(1, "a", "{}"), call(2, "b", "{}")]) == []
    assert numbers([call(1, "a", None), call(2, "a", None)]) == []
    assert numbers([call(1, None, "{}", name="n"), call(2, None, "{}", name="n")]) == [([1, 2], 2)]


def test_steps_that_are_no_calls_do_not_matter():
    thought = call(2, None, "{}", step_type="think")
    assert numbers([call(1, "a", "{}"), thought, call(3, "a", "{}")]) == [([1, 3], 2)]


def test_a_call_recorded_twice_is_one():
    outer = call(1, "a", "{}", end_time=100)
    inner = call(2, "a", "{}", parent_span_id=outer.span_id)
    assert numbers([outer, inner]) == []
    assert numbers([outer, inner, call(3, "a", "{}")]) == [([1, 3], 2)]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-3, 3) | st.text("aé天", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=5,
)


@given(values, st.booleans(), st.booleans())
def test_writing_json_otherwise_changes_nothing(value: object, indent: bool, ascii_only: bool):
    plain = json.dumps(value)
    other = json.dumps(value, indent=2 if indent else None, ensure_ascii=ascii_only)
    assert canonical(plain) == canonical(other)
    assert json.loads(canonical(plain)) == value


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["1", "2", None])), max_size=30))
def test_every_repeat_is_found_and_nothing_else(made: list[tuple[str, str | None]]):
    spans = [call(n, tool, arguments) for n, (tool, arguments) in enumerate(made)]
    plain = {
        key: [n for n, k in enumerate(made) if k == key]
        for key in made
        if key[1] is not None and made.count(key) > 1
    }
    assert numbers(spans) == [
        (places, max(len(list(run)) for k, run in groupby(made) if k == key))
        for key, places in plain.items()
    ]
