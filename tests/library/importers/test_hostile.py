"""Whatever is in a file: no crash, no hang, and what comes out is valid records or words."""

from __future__ import annotations

import copy
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jollyscope.model.wire import KIND_OF, decode, encode
from jollyscope.receive.importers.detect import NAMES
from tests.library.importers import samples as s
from tests.library.importers.helpers import Imported, protobuf, write
from tests.library.importers.samples import SAMPLES, TRACE

TEXTS = {name: sample for name, (_, sample) in SAMPLES.items()}

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        [
            "", "0" * 32, "zz", TRACE[:-1], "\ud800", "nul\x00", "1e400", "NaN", "9" * 40, "{", "[1",
            "0000-00-00T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "1900-01-01T00:00:00Z",
            {}, [], [[]], [{}], {"": None}, {"@bytes": "x"}, [None], {"role": 5}, [[[[]]]],
            10**400, -1, 2**63, 2**64, 1e308, float("inf"),
        ]
    ),
)  # fmt: skip

WORDS = ["traceId", "id", "spans", "data", "trace", "observations", "messages", "role", "content"]
WORDS += ["traj", "context", "type", "resourceSpans", "batches", "result", "history", "trajectory"]
WORDS += ["info", "schema", "span_id", "record_id"]


def imported(data: Any, wanted: str | None = None) -> Imported:
    with tempfile.TemporaryDirectory() as folder:
        if not isinstance(data, bytes | str):
            data = json.dumps(data)  # with halves of surrogate pairs, NaN and all
        return Imported(write(Path(folder) / "file", data), wanted=wanted)


def sound(made: Imported) -> None:
    """Every record can be stored, and whoever is told of a problem is told a place or a file."""
    for record in made.records:
        decode(encode(record), KIND_OF[type(record)])
    for problem in made.problems:
        assert problem
        assert "Traceback" not in problem
    assert made.summary.failed in (0, 1)


def spots(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every place in a document where another value can be put."""
    keys = value.keys() if isinstance(value, dict) else range(len(value))
    for key in keys:
        found.append((value, key))
        if isinstance(value[key], dict | list):
            spots(value[key], found)
    return found


def parsed(text: Any) -> Any:
    if not isinstance(text, str):
        return copy.deepcopy(text)
    decoder, values, at = json.JSONDecoder(), [], 0
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        values.append(value)
        at = end + (len(text[end:]) - len(text[end:].lstrip()))
    return values


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_odd_values_anywhere(name, data):
    documents = parsed(TEXTS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        places = spots(documents, [])
        if not places:
            break
        where, key = data.draw(st.sampled_from(places))
        action = data.draw(st.sampled_from(["put", "put", "drop", "double"]))
        if action == "put":
            where[key] = copy.deepcopy(data.draw(odd))
        elif action == "drop":
            del where[key]
        elif isinstance(where, list):
            where.insert(0, copy.deepcopy(where[key]))
    in_lines = isinstance(TEXTS[name], str) and isinstance(documents, list)
    body = "\n".join(map(json.dumps, documents)) if in_lines else json.dumps(documents)
    forced = data.draw(st.none() | st.just(SAMPLES[name][0]))
    sound(imported(body, forced))


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_odd_bytes_anywhere(name, data):
    text = TEXTS[name]
    body = bytearray((text if isinstance(text, str) else json.dumps(text)).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(body)))
        junk = data.draw(
            st.binary(max_size=4) | st.sampled_from([b"\n", b"{", b"]", b'"', b"\\", b"\0"])
        )
        if data.draw(st.booleans()):
            body[at:at] = junk
        else:
            body[at : at + data.draw(st.integers(0, 30))] = junk
    sound(imported(bytes(body[: data.draw(st.integers(0, len(body)))])))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([s.OTLP, s.OTLP_LOGS, s.OTLP_METRICS]), st.booleans(), st.data())
def test_odd_protobuf(value, framed, data):
    body = bytearray(protobuf(value)[1])
    if framed:
        body[:0] = len(body).to_bytes(4, "big")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=6))
    sound(imported(bytes(body)))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.none() | st.sampled_from(NAMES))
def test_any_bytes(body, wanted):
    sound(imported(body, wanted))


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        odd,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "traceId",
                        "id",
                        "spans",
                        "data",
                        "trace",
                        "observations",
                        "messages",
                        "role",
                        "content",
                        "traj",
                        "context",
                        "type",
                        "resourceSpans",
                        "batches",
                        "result",
                        "history",
                        "trajectory",
                        "info",
                        "schema",
                        "span_id",
                        "record_id",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
    st.none() | st.sampled_from([name for name in NAMES if "protobuf" not in name]),
)
def test_any_json(value, wanted):
    sound(imported(json.dumps(value), wanted))


@pytest.mark.parametrize("wanted", [None, *NAMES])
@pytest.mark.parametrize(
    "shape", [b"[", b'{"a":', b'{"data":[{"spans":[', b'{"messages":[{"role":']
)
def test_a_million_levels(shape, wanted):
    begun = time.perf_counter()
    made = imported(shape * 1_000_000, wanted)
    assert not made.records
    assert made.summary.failed == 1
    assert time.perf_counter() - begun < 20


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_deep_value_in_a_good_file(name):
    text = TEXTS[name]
    body = text if isinstance(text, str) else json.dumps(text)
    at = body.index("{") + 1
    sound(imported(body[:at] + '"deep": ' + "[" * 100_000 + "]" * 100_000 + "," + body[at:]))


def test_ids_of_any_length_and_kind():
    for bad in ("", "0" * 32, "xyz", TRACE + "00", "é", "0x", "-" * 36, 5, None, {}, 2**70):
        for name in ("jaeger", "zipkin", "langfuse", "sdk", "otlp", "tempo", "records"):
            body = TEXTS[name] if isinstance(TEXTS[name], str) else json.dumps(TEXTS[name])
            sound(imported(body.replace(json.dumps(TRACE), json.dumps(bad))))


def test_parents_in_a_circle():
    spans = copy.deepcopy(TEXTS["zipkin"])
    spans[0]["parentId"] = spans[1]["id"]
    made = imported(spans)
    assert {s.parent_span_id for s in made.spans} == {s.span_id for s in made.spans}
    spans[0]["parentId"] = spans[0]["id"]
    sound(imported(spans))


def test_times_at_the_edges():
    for moment in (
        0,
        -1,
        1,
        2**63 // 1000,
        2**63,
        10**30,
        "1600-01-01T00:00:00Z",
        "9999-01-01T00:00:00Z",
    ):
        for name, key in (
            ("jaeger", "startTime"), ("jaeger", "duration"), ("zipkin", "timestamp"),
            ("langfuse", "startTime"), ("langfuse", "endTime"), ("sdk lines", "start_time"),
        ):  # fmt: skip
            text = TEXTS[name]
            documents = parsed(text)
            for where, found in spots(documents, []):
                if found == key:
                    where[found] = moment
            body = "\n".join(map(json.dumps, documents)) if isinstance(text, str) else documents
            made = imported(body)
            sound(made)
            assert made.spans
