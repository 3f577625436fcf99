"""Reading many lines at once is held against reading them one by one, and against the engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.model.records import RecordKind
from jollyscope.model.wire import KIND_OF, MAX_DEPTH, InvalidRecordError, LineReader, decode, encode
from jollyscope.store.lake.engine import connect, json_source
from tests import strategies as s
from tests.library.model.make import span
from tests.library.model.test_wire import line, nested

READERS: dict[RecordKind, LineReader[Any]] = {
    kind: LineReader(kind) for kind in ("span", "metric", "event")
}

JUNK: list[Any] = [
    None, True, -1, 0, 1, 2, 25, 1.5, 2**63, 10**30, "", "x", "0" * 16, "0" * 32, "A" * 32,
    "closed", "open", "interrupted", "gauge", [], [1], [{}], [{"name": 5}], [{"time": -1}], {},
    {"a": [{}]}, {"@double": "NaN"},
]  # fmt: skip
# Texts that JSON in Python does not write.
TEXTS = [
    b"NaN",
    b"1e999",
    b"-1e400",
    b"1e308",
    b"01",
    b"1.",
    b'"\xff"',
    b'"\xe6\x9f"',
    b'"\\ud800"',
    b"[1,]",
    b'{"a":1e999}',
    b'{"a":"\xc0\x80"}',
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"a":[' + b"9" * 400 + b".5]}",
    b'{"\xff":1}',
    b"[" * 126 + b"]" * 126,
    b"[" * 127 + b"]" * 127,
    b'{"a":' + b"[" * 125 + b"]" * 125 + b"}",
    b'{"a":' + b"[" * 126 + b"]" * 126 + b"}",
    b"[" * 2000 + b"]" * 2000,
    b"tru",
    b"/**/1",
    b"",
    b"\x00",
    b'"a\tb"',
    b'"\\u0000"',
    b" 1 ",
    b'[{"name":"\xff"}]',
    b'[{"attributes":{"a":1e999}}]',
]


@st.composite
def lines(draw: st.DrawFn, kind: RecordKind) -> bytes:
    """A record's line; perhaps with one field replaced, dropped or added, or broken as text."""
    record = draw({"span": s.spans(), "metric": s.metrics, "event": s.events}[kind])
    text = encode(record)
    if draw(st.booleans()):
        return text
    fields: dict[str, Any] = json.loads(text)
    name = draw(st.sampled_from([*record.__struct_fields__, "unknown"]))
    how = draw(st.sampled_from(["junk", "text", "drop", "cut", "byte", "space"]))
    if how == "junk":
        fields[name] = draw(st.sampled_from(JUNK))
    elif how == "text":
        fields[name] = "@@@"
    elif how == "drop":
        fields.pop(name, None)
    text = json.dumps(fields, ensure_ascii=False).encode()
    if how == "text":
        text = text.replace(b'"@@@"', draw(st.sampled_from(TEXTS)), 1)
    elif how == "cut":
        text = text[: draw(st.integers(0, len(text)))]
    elif how == "byte":
        at = draw(st.integers(0, len(text) - 1))
        text = text[:at] + draw(st.binary(min_size=1, max_size=2)) + text[at + 1 :]
    elif how == "space":
        text = (
            draw(st.sampled_from([b" ", b"\t ", b""])) + text + draw(st.sampled_from([b" ", b""]))
        )
    # What has a line's end in it is two lines, and carriage returns are `one`'s (below).
    return text.replace(b"\n", b" ").replace(b"\r", b" ")


def reason(text: bytes, kind: RecordKind) -> str | None:
    try:
        decode(text, kind)
    except InvalidRecordError as error:
        return error.message
    return None


@settings(max_examples=400, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["span", "metric", "event"]))
def test_a_batch_is_read_exactly_where_every_line_is_accepted(data: Any, kind: RecordKind):
    batch = data.draw(st.lists(lines(kind), max_size=4))
    reasons = [reason(text, kind) for text in batch]
    records = READERS[kind].read(b"".join(text + b"\n" for text in batch))
    assert (records is not None) == (not any(reasons)), [r for r in reasons if r]
    for i, (text, why) in enumerate(zip(batch, reasons, strict=True)):
        record, told = READERS[kind].one(text)
        assert told == why
        assert (record is None) == (why is not None)
        if record is None:
            continue
        whole = decode(text, kind)
        for name in ("trace_id", "span_id", "state", "start_time", "end_time", "time", "record_id"):
            assert getattr(record, name, None) == getattr(whole, name, None)
            if records is not None:
                assert getattr(records[i], name, None) == getattr(whole, name, None)


@settings(max_examples=100, deadline=None)
@given(record=s.spans() | s.metrics | s.events)
def test_nested_fields_are_handed_on_as_they_stand(record: Any):
    kind = KIND_OF[type(record)]
    text = encode(record)
    (found,) = READERS[kind].read(text + b"\n") or [None]
    fields = json.loads(text)
    for name in ("attributes", "resource", "scope", "events", "links", "distribution"):
        if hasattr(record, name):
            raw = bytes(getattr(found, name))
            assert (json.loads(raw) if raw else None) == fields.get(name)


GOOD = line()


@pytest.mark.parametrize(
    "text",
    [
        b"\n" + GOOD + b"\n",
        GOOD + b"\n\n" + GOOD + b"\n",
        GOOD + b"\n  \n",
        GOOD + b"\r" + GOOD + b"\n",
        GOOD + b"\r" + GOOD + b"\n\n",
        GOOD + b" " + GOOD + b"\n",
        GOOD + GOOD + b"\n",
        GOOD.replace(b", ", b",\n", 1) + b"\n",
        GOOD.replace(b", ", b",\n", 1) + b"\n" + GOOD + b"\r" + GOOD + b"\n",
        GOOD + b"\r\n",
        GOOD,  # no end: half a line
        line(attributes={"a": 1}).replace(b'"a"', b'"a"\n') + b"\n",
    ],
)
def test_lines_that_are_not_one_record_each_are_left_to_one(text: bytes):
    assert READERS["span"].read(text) is None


def test_no_lines_are_no_records():
    assert READERS["span"].read(b"") == []


def test_a_windows_line_is_accepted_by_one():
    record, why = READERS["span"].one(GOOD + b"\r")
    assert (record.span_id, why) == ("00f067aa0ba902b7", None)


def test_one_bad_line_among_many_refuses_the_batch():
    many = [encode(span(n + 1)) for n in range(300)]
    assert len(READERS["span"].read(b"\n".join(many) + b"\n") or []) == 300
    for bad in (line(state="interrupted"), nested(MAX_DEPTH + 1), line(schema=...), line(schema=2)):
        for at in (0, 150, 299):
            text = b"\n".join([*many[:at], bad, *many[at + 1 :]]) + b"\n"
            assert READERS["span"].read(text) is None


# -- the engine --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine():
    con = connect(256)
    yield con
    con.close()


def rows(engine: duckdb.DuckDBPyConnection, file: Path, text: bytes, kind: str = "span") -> Any:
    file.write_bytes(text + b"\n")
    return engine.execute(f"FROM {json_source(kind)}", [str(file)]).fetchall()


@settings(max_examples=120, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["span", "metric", "event"]))
def test_the_engine_reads_every_line_that_is_accepted(
    engine: duckdb.DuckDBPyConnection, tmp_path_factory: Any, data: Any, kind: RecordKind
):
    text = data.draw(lines(kind))
    if reason(text, kind) is None:
        file = tmp_path_factory.getbasetemp() / "line.jsonl"
        assert len(rows(engine, file, text, kind)) == 1


@pytest.mark.parametrize("opening", ["[", "{"])
def test_the_bound_of_nesting_is_where_duckdb_stops_walking(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, opening: str
):
    file = tmp_path / "line.jsonl"
    deepest = nested(MAX_DEPTH, opening=opening)
    decode(deepest)
    assert len(rows(engine, file, deepest)) == 1
    find_out = "SELECT count(*) FROM read_json(?)"
    assert engine.execute(find_out, [str(file)]).fetchall() == [(1,)]
    # One level more is still read with the columns given; where the engine walks, it stops.
    assert len(rows(engine, file, nested(MAX_DEPTH + 1, opening=opening))) == 1
    with pytest.raises(duckdb.Error, match="recursion depth of 128"):
        engine.execute(find_out, [str(file)]).fetchall()


def test_a_field_that_stands_there_twice_is_refused_by_the_engine(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
):
    # Known and left so: msgspec cannot tell, and the loader asks the engine line by line then.
    twice = GOOD[:-1] + b',"name":"a","name":"b"}'
    assert decode(twice).name == "b"
    with pytest.raises(duckdb.Error, match="duplicate key"):
        rows(engine, tmp_path / "line.jsonl", twice)
