"""What holds for any attributes: nothing raises, the tables' order decides, nothing is lost."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.model.records import SpanEvent, SpanRecord
from jollyscope.semconv import give_meaning, interpret, wire_attributes
from jollyscope.semconv.dialects import DIALECTS
from jollyscope.semconv.failure import ERROR_FIELDS
from jollyscope.semconv.kinds import KIND_ROWS, NAME_ROWS, STEP_TYPES
from jollyscope.semconv.messages.sources import ATTRIBUTES, EVENTS
from jollyscope.semconv.rules import RULES
from jollyscope.semconv.table import FIELD_ROWS, INPUT, MESSAGES, OUTPUT, Row
from tests.strategies import span_ids, texts, trace_ids, values

HELPING = {"cache_write_tokens", "total_tokens", "prompt_usd", "completion_usd"}
NAMES = sorted(
    {row.name for rows in FIELD_ROWS.values() for row in rows}
    | {row.name for row in KIND_ROWS}
    | ATTRIBUTES
)
JSONS = st.sampled_from(
    [
        '{"input": 5, "output": 7, "total": 12, "cache_read": 3}',
        '{"thread_id": "t"}',
        '[{"role": "user", "content": "hi"}]',
        '{"messages": [["user", "hi"]]}',
        '{"type": "tool", "tool_call_id": 3, "content": [1]}',
        '{"prompt": {"prompt": {"prompt": ["x"]}}}',
        '{"a": ' * 3000,
        "[" * 100_000,
        *(
            '{"type": "tool", "tool_call_id": 1, "content": ' + "[" * n + "]" * n + "}"
            for n in (800, 990)
        ),
        '"\\ud800"',
        "28",
        "-1",
        "1e999",
        "nan",
    ]
)
WORDS = st.sampled_from(
    [*STEP_TYPES, "chat", "execute_tool", "invoke_agent", "LLM", "TOOL", "CHAIN", "span", "tool"]
)
anything = values | JSONS | WORDS | st.integers() | st.floats() | st.binary()
spans = st.dictionaries(st.sampled_from(NAMES) | texts, anything, max_size=12)
places = st.fixed_dictionaries(
    {
        "root": st.booleans(),
        "name": texts | st.sampled_from(["call_llm", "execute_tool x", "joker run"]),
        "scope": texts | st.sampled_from([row.scope for row in NAME_ROWS]),
        "events": st.lists(
            st.builds(SpanEvent, name=st.sampled_from([*EVENTS, "exception"]), attributes=spans),
            max_size=2,
        ),
    }
)


def wire(attributes: dict[str, Any]) -> dict[str, Any]:
    return wire_attributes(dict(attributes), lambda text: text)


@settings(deadline=None)
@given(spans, places)
def test_any_span_has_a_meaning_that_fits_the_record(given_: dict[str, Any], place: Any):
    attributes = wire(given_)
    before = dict(attributes)
    fields = give_meaning(attributes, **place)
    record = SpanRecord(trace_id="0" * 32, span_id="0" * 16, start_time=1, **fields)
    assert msgspec.json.decode(msgspec.json.encode(record), type=SpanRecord) is not None
    # Nothing else was touched.
    assert {k: v for k, v in before.items() if k not in (INPUT, OUTPUT)} == {
        k: v for k, v in attributes.items() if k not in (INPUT, OUTPUT)
    }
    assert give_meaning(dict(before), **place) == fields


@settings(deadline=None)
@given(spans, places)
def test_input_and_output_can_be_put_back(given_: dict[str, Any], place: Any):
    """The lifting rule: what was taken out is known from the record alone."""
    came = wire(given_)
    attributes = dict(came)
    fields = give_meaning(attributes, **place)
    still = give_meaning(dict(attributes), **place)
    back = dict(attributes)
    for field, name in (("input", INPUT), ("output", OUTPUT)):
        if fields.get(field) is not None and fields[field] != still.get(field):
            back[name] = fields[field]
    assert back == came
    assert give_meaning(back, **place) == fields


@settings(deadline=None)
@given(spans, places, trace_ids, span_ids)
def test_interpreting_twice_changes_nothing(given_: Any, place: Any, trace: str, span: str):
    record = SpanRecord(
        trace_id=trace,
        span_id=span,
        parent_span_id=None if place["root"] else span,
        name=place["name"],
        start_time=1,
        status="error",
        attributes=wire(given_),
        events=place["events"],
    )
    once = msgspec.json.encode(interpret(record, scope=place["scope"]))
    assert msgspec.json.encode(interpret(record, scope=place["scope"])) == once


def sample(field: str, row: Row, number: int) -> tuple[Any, Any]:
    """A value that fits the row, and what the field gets of it."""
    if "tool message" in row.rule.name:
        key = {"tool_name": "name", "tool_call_id": "tool_call_id", "output": "content"}[field]
        message = {"type": "tool", "tool_call_id": "id", key: f"v{number}"}
        return json.dumps(message), f"v{number}"
    if row.rule.name == "id in JSON":
        return json.dumps({"thread_id": f"v{number}"}), f"v{number}"
    if row.rule.name.startswith("dollars"):
        return (json.dumps({"total": number}) if row.rule.costly else number), float(number)
    if row.rule.costly:
        return json.dumps({row.rule.says.split("`")[1]: number}), number
    return (number, number) if row.rule.name == "count" else (f"v{number}", f"v{number}")


KIND_FOR = {"tool": "execute_tool", "agent": "invoke_agent", "model": "chat"}
ORDERED = {
    field: [row for row in rows if row.name not in (INPUT, OUTPUT, MESSAGES)]
    for field, rows in FIELD_ROWS.items()
    if field not in HELPING and field not in ERROR_FIELDS
}


@pytest.mark.parametrize("field", ORDERED)
@settings(deadline=None)
@given(data=st.data())
def test_the_first_row_of_the_table_wins(field: str, data: st.DataObject):
    only = data.draw(st.sampled_from(["", "tool", "root"]))
    rows = [row for row in ORDERED[field] if row.only in ("", only)]
    names = data.draw(
        st.lists(st.sampled_from([row.name for row in rows]), min_size=1, max_size=4, unique=True)
    )
    # Where two rows are of one attribute, the first of them speaks for both.
    first_of = {name: next(row for row in rows if row.name == name) for name in names}
    samples = {name: sample(field, row, 2 + rows.index(row)) for name, row in first_of.items()}
    attributes = {name: value for name, (value, _) in samples.items()}
    if only == "tool" or field in ("input", "output"):
        # A tool's values are taken as they came, so that only the order is at work here.
        attributes["jollyscope.step.type"] = "act"
    fields = give_meaning(dict(attributes), root=only == "root")
    first = min(first_of.values(), key=rows.index)
    assert fields[field] == samples[first.name][1]


def test_a_row_alone_fills_its_field_and_is_documented():
    for field, rows in ORDERED.items():
        for row in rows:
            value, expected = sample(field, row, 3)
            attributes = {row.name: value}
            if row.only in KIND_FOR:
                attributes["gen_ai.operation.name"] = KIND_FOR[row.only]
            fields = give_meaning(attributes, root=row.only == "root")
            assert fields.get(field) == expected, row


def test_the_tables_are_sound():
    record = set(SpanRecord.__struct_fields__)
    assert set(FIELD_ROWS) - HELPING <= record
    for rows in FIELD_ROWS.values():
        for row in rows:
            assert row.dialect in DIALECTS
            assert row.only in ("", "root", *KIND_FOR)
            assert row.rule.read(None) is None
        assert len({(row.name, row.rule.name) for row in rows}) == len(rows)
    for row in KIND_ROWS:
        assert row.dialect in DIALECTS
        if isinstance(row.kinds, dict):
            assert all(word == word.lower() for word in row.kinds)
    assert all(row.dialect in DIALECTS for row in NAME_ROWS)
    used = {row.dialect for rows in FIELD_ROWS.values() for row in rows}
    assert used | {row.dialect for row in KIND_ROWS} == set(DIALECTS)


@settings(deadline=None)
@given(anything)
def test_no_rule_raises(value: Any):
    for rule in [*RULES.values(), *(row.rule for rows in FIELD_ROWS.values() for row in rows)]:
        for given_ in (value, wire({"v": value})["v"]):
            rule.read(given_)
