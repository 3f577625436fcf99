"""What is a record and what is not, in words."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings

from jollyscope.model.records import EventRecord, MetricRecord, SpanRecord
from jollyscope.model.wire import (
    KIND_OF,
    MAX_DEPTH,
    InvalidRecordError,
    decode,
    encode,
    encode_lines,
    problem,
)
from tests import strategies as s
from tests.library.model.make import TRACE, running, span

PLAIN: dict[str, Any] = {
    "schema": 1, "trace_id": TRACE, "span_id": "00f067aa0ba902b7", "start_time": 1, "end_time": 2,
}  # fmt: skip
METRIC: dict[str, Any] = {"schema": 1, "record_id": "a", "name": "cpu", "time": 1}
EVENT: dict[str, Any] = {"schema": 1, "record_id": "a", "time": 1}


NEWER = "its schema version {} is newer than 1, the newest read here"


def line(**changed: Any) -> bytes:
    """A span's line; a field given as `...` is left out."""
    return json.dumps({k: v for k, v in {**PLAIN, **changed}.items() if v is not ...}).encode()


def refusal(text: bytes | str, kind: Any = "span") -> str:
    with pytest.raises(InvalidRecordError) as caught:
        decode(text, kind)
    return caught.value.message


@settings(max_examples=150, deadline=None)
@given(record=s.spans() | s.metrics | s.events)
def test_a_record_comes_back_equal_and_as_the_same_bytes(record: Any):
    kind = KIND_OF[type(record)]
    text = encode(record)
    assert b"\n" not in text
    assert decode(text, kind) == record
    assert decode(text.decode(), kind) == record
    assert encode(decode(text, kind)) == text
    assert encode_lines([record, record]) == (text + b"\n") * 2


def test_attribute_values_keep_their_types():
    values = {"int": 1, "double": 1.0, "bool": True, "big": 2**63 - 1, "small": -(2**63), "e": 1e22}
    found = decode(encode(span(1, attributes=values))).attributes
    assert [(type(v), v) for v in found.values()] == [(type(v), v) for v in values.values()]


def test_the_schema_is_always_written_and_other_defaults_never():
    bare = SpanRecord(trace_id=TRACE, span_id="00f067aa0ba902b7", start_time=1, end_time=2)
    assert json.loads(encode(bare)) == PLAIN
    assert encode(bare).startswith(b'{"schema":1,')
    assert encode_lines([]) == b""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (line(trace_id=...), "object missing required field `trace_id`"),
        (line(start_time=...), "object missing required field `start_time`"),
        (line(schema=...), "it has no schema version"),
        (line(schema=0), "schema version 0 never existed"),
        (line(schema=-7), "schema version -7 never existed"),
        (line(schema="1"), "expected `int`, got `str` - at `$.schema`"),
        (line(schema=2), NEWER.format(2)),
        (line(schema=3, kind={"of": "a later shape"}), NEWER.format(3)),
        (line(trace_id="5b8a"), "expected `str` of length >= 32 - at `$.trace_id`"),
        (line(trace_id=TRACE + "00"), "expected `str` of length <= 32 - at `$.trace_id`"),
        (line(trace_id=TRACE.upper()), "trace_id is not lowercase hex"),
        (line(trace_id=TRACE[:-1] + "g"), "trace_id is not lowercase hex"),
        (line(trace_id=TRACE[:-1] + "\n"), "trace_id is not lowercase hex"),
        (line(trace_id="٠" * 32), "trace_id is not lowercase hex"),
        (line(trace_id="0" * 32), "trace_id is all zeros"),
        (line(span_id="0" * 16), "span_id is all zeros"),
        (line(span_id="00f067aa0ba902b"), "expected `str` of length >= 16 - at `$.span_id`"),
        (line(parent_span_id="0" * 16), "parent_span_id is all zeros"),
        (line(parent_span_id="xyz0123456789012"), "parent_span_id is not lowercase hex"),
        (line(parent_span_id=""), "expected `str` of length >= 16 - at `$.parent_span_id`"),
        (line(start_time=-1), "expected `int` >= 0 - at `$.start_time`"),
        (line(start_time=2**63), f"expected `int` <= {2**63 - 1} - at `$.start_time`"),
        (line(start_time=10**40), f"expected `int` <= {2**63 - 1} - at `$.start_time`"),
        (line(start_time=1.0), "expected `int`, got `float` - at `$.start_time`"),
        (line(start_time="1"), "expected `int`, got `str` - at `$.start_time`"),
        (line(input_tokens=-1), "expected `int` >= 0 - at `$.input_tokens`"),
        (line(end_time=None), "state is closed but end_time is missing"),
        (line(end_time=...), "state is closed but end_time is missing"),
        (line(state="interrupted"), "state `interrupted` is for readers to find, never written"),
        (line(state="paused"), "invalid enum value 'paused' - at `$.state`"),
        (line(step_type="guess"), "invalid enum value 'guess' - at `$.step_type`"),
        (line(duration_ms=-0.001), "duration_ms is negative"),
        (line(name=None), "expected `str`, got `null` - at `$.name`"),
        (line(attributes=[]), "expected `object`, got `array` - at `$.attributes`"),
        (line(attributes=None), "expected `object`, got `null` - at `$.attributes`"),
        (line(events={}), "expected `array`, got `object` - at `$.events`"),
        (line(events=[{"time": "now"}]), "expected `int`, got `str` - at `$.events[0].time`"),
        (line(links=[3]), "expected `object`, got `int` - at `$.links[0]`"),
        (b"[]", "expected `object`, got `array`"),
        (b"null", "expected `object`, got `null`"),
        (b"", "Not JSON: input data was truncated."),
        (b"   ", "Not JSON: input data was truncated."),
        (b"\x00\x00", "Not JSON: invalid character (byte 0)."),
        (b"hello", "Not JSON: invalid character (byte 0)."),
        (line()[:-1], "Not JSON: input data was truncated."),
        (line() + b" {}", f"Not JSON: trailing characters (byte {len(line()) + 2})."),
        (line() + line(), f"Not JSON: trailing characters (byte {len(line()) + 1})."),
        (b"\xef\xbb\xbf" + line(), "Not JSON: invalid character (byte 0)."),
    ],
)
def test_what_is_refused_is_told(text: bytes, message: str):
    told = message if message.startswith("Not JSON") else f"Not a span record: {message}."
    assert refusal(text) == told


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ({**METRIC, "record_id": None}, "metric", "expected `str`, got `null` - at `$.record_id`"),
        ({**METRIC, "value": "7"}, "metric", "expected `float | null`, got `str` - at `$.value`"),
        ({**METRIC, "trace_id": "0" * 32}, "metric", "trace_id is all zeros"),
        ({**METRIC, "schema": 9}, "metric", NEWER.format(9)),
        (
            {**EVENT, "severity_number": 25},
            "event",
            "expected `int` <= 24 - at `$.severity_number`",
        ),
        ({**EVENT, "span_id": "0123456789ABCDEF"}, "event", "span_id is not lowercase hex"),
        (PLAIN, "event", "object missing required field `record_id`"),
    ],
)
def test_metrics_and_events_are_refused_by_their_own_name(text: Any, kind: Any, message: str):
    article = "an" if kind == "event" else "a"
    assert refusal(json.dumps(text).encode(), kind) == f"Not {article} {kind} record: {message}."


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 5000])
def test_numbers_that_json_or_a_double_cannot_say(value: str):
    for field in ("cost_usd", "attributes", "unknown"):
        text = line(**{field: 1 if field != "attributes" else {"a": 1}})
        broken = text.replace(b": 1}", b": " + value.encode() + b"}", 1)
        assert broken != text
        if field == "unknown" and value[-1] == "9":
            decode(broken)  # a number of any size, in a field that nobody reads
        elif field == "cost_usd" and value[0] == "9":
            assert refusal(broken).startswith("Not a span record: ")
        else:
            told = refusal(broken)
            assert told.startswith("Not JSON: ") or "out of range" in told


def test_integers_beyond_64_bits_are_kept_in_attributes():
    assert decode(line(attributes={"n": 10**30})).attributes == {"n": 10**30}


@pytest.mark.parametrize(
    "rubbish", [b"\xff", b"\xe6\x9f", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"]
)
@pytest.mark.parametrize("field", ["name", "attributes", "unknown", "events"])
def test_what_is_not_utf_8_is_refused_wherever_it_stands(field: str, rubbish: bytes):
    value: Any = {"name": "@", "attributes": {"a": "@"}, "unknown": "@", "events": [{"name": "@"}]}
    text = line(**{field: value[field]}).replace(b"@", rubbish)
    assert refusal(text) == "Not a span record: it is not UTF-8."


@pytest.mark.parametrize("escape", [r"\ud800", r"\udc00", r"\ud800\ud800", r"\x41", r"\u12g4"])
def test_escapes_that_are_no_text_are_refused(escape: str):
    for field in ("name", "unknown"):
        text = line(**{field: "@"}).replace(b"@", escape.encode())
        assert refusal(text).startswith("Not JSON: ")


def test_a_lone_surrogate_in_a_string_is_refused_not_raised():
    assert refusal(line(name="@").decode().replace("@", "\ud800")) == (
        "Not a span record: it is not UTF-8."
    )


def test_a_long_wrong_value_is_quoted_in_short():
    message = refusal(line(state="x" * 1_000_000))
    assert message.startswith("Not a span record: invalid enum value 'xxx")
    assert message.endswith("xxx' - at `$.state`.")
    assert len(message) < 250


def test_what_is_accepted_on_purpose():
    assert decode(line(end_time=0)).end_time == 0  # clocks step
    assert decode(line(unknown={"a": [1, {"b": None}]}, another=None)) == decode(line())
    assert decode(line(name="")).name == ""
    assert decode(line(start_time=2**63 - 1, end_time=2**63 - 1)).start_time == 2**63 - 1
    assert decode(line(duration_ms=5)).duration_ms == 5.0
    assert decode(line(state="open", end_time=None)).end_time is None
    assert decode(line(links=[{"trace_id": "any", "unknown": 1}])).links[0].trace_id == "any"
    assert decode(b" \t" + line() + b" \r") == decode(line())
    assert decode(line(name="first")[:-1] + b',"name":"last"}').name == "last"
    text = line(schema=...)[:-1] + b',"sch\\u0065ma":1}'
    assert decode(text).schema == 1
    assert decode(line(input="查" * 1_000_000)).input == "查" * 1_000_000


def test_problem_of_records_made_in_python():
    assert problem(span(1)) is None
    assert problem(running(1)) is None
    assert problem(msgspec.structs.replace(span(1), span_id="F" * 16)) == (
        "span_id is not lowercase hex"
    )
    assert problem(MetricRecord(record_id="", name="", time=0)) is None
    assert problem(EventRecord(record_id="", time=0, trace_id="0" * 32)) == (
        "trace_id is all zeros"
    )


def test_nan_is_written_as_unknown():
    assert decode(encode(span(1, cost_usd=float("nan")))).cost_usd is None


# -- nesting ---------------------------------------------------------------------------------


def nested(depth: int, field: str = "attributes", opening: str = "[") -> bytes:
    """A line that is `depth` levels deep, with a scalar in the innermost."""
    inner = depth - 2
    first, last = ("[", "]") if opening == "[" else ('{"k":', "}")
    value = first * inner + "1" + last * inner
    return line()[:-1] + f',"{field}":{{"a":{value}}}}}'.encode()


TOO_DEEP = f"Not a span record: it is nested deeper than {MAX_DEPTH} levels."


@pytest.mark.parametrize("opening", ["[", "{"])
@pytest.mark.parametrize("field", ["attributes", "unknown"])
def test_nesting_up_to_the_bound(field: str, opening: str):
    for depth in (3, MAX_DEPTH - 1, MAX_DEPTH):
        decode(nested(depth, field, opening))
    for depth in (MAX_DEPTH + 1, 900, 2_000, 100_000):
        assert refusal(nested(depth, field, opening)) == TOO_DEEP


def test_brackets_in_text_and_side_by_side_are_no_nesting():
    quoted = '{"a": ["\\"[[[', "\\", '\\"', '"' * 3
    decode(line(output="[{" * 5_000, input=json.dumps(["[" * 300, *quoted]), name="\\" * 9 + '"['))
    decode(line(attributes={"many": [[] for _ in range(500)], '[["': {}, "\\": "[" * 500}))
    text = line(attributes={'"[\\"': "]" * 500, "a": json.loads("[" * 300 + "]" * 300)})
    assert refusal(text) == TOO_DEEP
