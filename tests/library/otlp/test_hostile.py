"""Whatever is sent, the answer is records that stand, or `MalformedError`, in bounded time."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jollyscope.model.wire import decode, encode
from jollyscope.receive.otlp.decode import (
    Decoded,
    MalformedError,
    Signal,
    decode_json,
    decode_protobuf,
)
from tests.library.otlp import messages as m

many = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
signals = st.sampled_from(sorted(m.REQUESTS))


def survives(decoder: Any, signal: Signal, body: bytes) -> Decoded | None:
    try:
        found = decoder(signal, body)
    except MalformedError:
        return None
    assert bool(found.rejected) == bool(found.message)
    for record in found.records:
        assert decode(encode(record), m.KINDS[signal]) == record
    return found


@many
@given(signal=signals, body=st.binary(max_size=200))
def test_random_bytes(signal: Signal, body: bytes):
    survives(decode_protobuf, signal, body)
    survives(decode_json, signal, body)


@many
@given(made=m.any_request, data=st.data())
def test_flipped_and_cut_requests(made: tuple[Signal, Any], data: st.DataObject):
    signal, request = made
    for decoder, body in (
        (decode_protobuf, request.SerializeToString()),
        (decode_json, m.to_json(request)),
    ):
        flipped = bytearray(body)
        for _ in range(data.draw(st.integers(0, 3)) if body else 0):
            flipped[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        cut = data.draw(st.integers(0, len(body)))
        survives(decoder, signal, bytes(flipped))
        survives(decoder, signal, bytes(flipped[:cut]))


NAMES = [
    "resourceSpans", "scopeSpans", "spans", "resource", "scope", "attributes", "key", "value",
    "stringValue", "intValue", "doubleValue", "bytesValue", "arrayValue", "kvlistValue", "values",
    "traceId", "spanId", "parentSpanId", "startTimeUnixNano", "kind", "status", "code", "events",
    "links", "resourceLogs", "scopeLogs", "logRecords", "body", "severityNumber", "timeUnixNano",
    "resourceMetrics", "scopeMetrics", "metrics", "gauge", "sum", "histogram", "dataPoints", "asInt",
    "asDouble", "count", "bucketCounts", "resource_spans", "flags", "positive", "exemplars",
]  # fmt: skip
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["NaN", "1", "-1", "1e400", "9" * 40, "ab" * 16, "cd" * 8, "AA==", "\ud800"]),
)
documents = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=25,
)


@many
@given(signal=signals, inner=documents, data=st.data())
def test_random_json(signal: Signal, inner: Any, data: st.DataObject):
    # Half of the time well-formed down to where records are.
    if data.draw(st.booleans()):
        top, middle, items = {
            "traces": ("resourceSpans", "scopeSpans", "spans"),
            "logs": ("resourceLogs", "scopeLogs", "logRecords"),
            "metrics": ("resourceMetrics", "scopeMetrics", "metrics"),
        }[signal]
        inner = {top: [{middle: [{items: [inner]}]}]}
    survives(decode_json, signal, json.dumps(inner).encode())


def one_span(attributes: bytes) -> bytes:
    ids = b'"traceId":"%s","spanId":"%s"' % (b"ab" * 16, b"cd" * 8)
    return b'{"resourceSpans":[{"scopeSpans":[{"spans":[{%s,%s}]}]}]}' % (ids, attributes)


@pytest.mark.parametrize("levels", [100, 1_000, 1_000_000])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        (b'{"arrayValue":{"values":[', b"]}}"),
        (b'{"kvlistValue":{"values":[{"value":', b"}]}}"),
        (b"[", b"]"),
        (b'{"unknown":', b"}"),
    ],
)
def test_deep_json(levels: int, opening: bytes, closing: bytes):
    deep = opening * levels + b"{}" + closing * levels
    begun = time.perf_counter()
    for name in (b'"attributes":[{"key":"a","value":%s}]', b'"unknown":%s', b'"resource_spans":%s'):
        survives(decode_json, "traces", one_span(name % deep))
        survives(decode_json, "traces", one_span(name % (opening * levels)))
        survives(decode_json, "logs", deep)
    assert time.perf_counter() - begun < 10


@pytest.mark.parametrize("levels", [31, 32, 33, 44, 60, 90])
def test_deep_protobuf(levels: int):
    request = m.REQUESTS["traces"]()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id = b"t" * 16, b"s" * 8
    value = span.attributes.add(key="a").value
    for _ in range(levels):
        value = value.array_value.values.add()
    found = survives(decode_protobuf, "traces", request.SerializeToString())
    # Protobuf's C core goes down a hundred messages.
    assert (found is None) == (levels > 46)


def test_bottomless_protobuf():
    encoded = b""
    for _ in range(20_000):
        encoded = b"\x0a" + _varint(len(encoded)) + encoded  # ArrayValue.values
        encoded = b"\x2a" + _varint(len(encoded)) + encoded  # AnyValue.array_value
    # KeyValue.value, Span.attributes, ScopeSpans.spans, ResourceSpans.scope_spans, .resource_spans
    for tag in (b"\x12", b"\x4a", b"\x12", b"\x12", b"\x0a"):
        encoded = tag + _varint(len(encoded)) + encoded
    for body in (encoded, b"\x0b" * 1_000_000, b"\xff" * 1_000_000):
        assert survives(decode_protobuf, "traces", body) is None


def _varint(number: int) -> bytes:
    made = bytearray()
    while number > 127:
        made.append(number & 127 | 128)
        number >>= 7
    return bytes([*made, number])


def test_a_hundred_thousand_attributes():
    request = m.REQUESTS["traces"]()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id = b"t" * 16, b"s" * 8
    for number in range(100_000):
        span.attributes.add(key=f"k{number}").value.int_value = number
    begun = time.perf_counter()
    for decoder, body in (
        (decode_protobuf, request.SerializeToString()),
        (decode_json, m.to_json(request)),
    ):
        found = survives(decoder, "traces", body)
        assert found is not None
        assert len(found.records[0].attributes) == 100_000
    assert time.perf_counter() - begun < 20


def test_text_that_is_not_utf8():
    request = m.REQUESTS["traces"]()
    span = request.resource_spans.add().scope_spans.add().spans.add(name="NAME")
    span.trace_id, span.span_id = b"t" * 16, b"s" * 8
    body = request.SerializeToString().replace(b"NAME", b"\xff\xfe\xed\xa0")
    with pytest.raises(MalformedError, match="UTF-8"):
        decode_protobuf("traces", body)
    with pytest.raises(MalformedError, match="utf-8"):
        decode_json("traces", one_span(b'"name":"\xff\xfe"'))


@pytest.mark.parametrize("text", [b"\\" * 100_001, b"\\ud800" * 100_000, b"\\u" * 100_000])
def test_many_escapes_take_linear_time(text: bytes):
    begun = time.perf_counter()
    survives(decode_json, "traces", one_span(b'"name":"' + text + b'"'))
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("signal", ["traces", "logs", "metrics"])
def test_a_huge_resource_is_not_kept_with_each_of_many(signal: Signal):
    """A request says its resource once; its records would say it thousands of times."""
    huge = [{"key": "k", "value": {"stringValue": "x" * 1_000_000}}]
    ids = {"traceId": "0" * 31 + "1", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    many: dict[str, Any] = {
        "traces": {
            "scopeSpans": [{"spans": [{**ids, "spanId": f"{n:016x}"} for n in range(1, 1001)]}]
        },
        "logs": {"scopeLogs": [{"logRecords": [{"timeUnixNano": str(n)} for n in range(1, 1001)]}]},
        "metrics": {
            "scopeMetrics": [
                {
                    "metrics": [
                        {
                            "name": "m",
                            "gauge": {
                                "dataPoints": [{"timeUnixNano": str(n)} for n in range(1, 1001)]
                            },
                        }
                    ]
                }
            ]
        },
    }[signal]
    name = {"traces": "resourceSpans", "logs": "resourceLogs", "metrics": "resourceMetrics"}[signal]
    body = json.dumps({name: [{"resource": {"attributes": huge}, **many}]}).encode()
    found = decode_json(signal, body)
    assert len(found.records) + found.rejected == 1000
    assert 64 <= len(found.records) <= 100
    assert "too large to be kept with each" in found.message
    small = json.dumps({name: [{"resource": {"attributes": huge[:0]}, **many}]}).encode()
    assert len(decode_json(signal, small).records) == 1000
