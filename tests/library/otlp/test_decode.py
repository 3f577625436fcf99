"""OTLP to records: which field goes where, what is refused and how it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from jollyscope.model.records import EventRecord, MetricRecord, SpanRecord
from jollyscope.model.wire import decode, encode
from jollyscope.receive.otlp.decode import Decoded, MalformedError, decode_json, decode_protobuf
from jollyscope.semconv import MAX_NESTING
from tests.library.otlp import messages as m

TRACE, SPAN = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"


def traces(*spans: dict[str, Any], **group: Any) -> Decoded:
    inner = [{"scope": {"name": "lib"}, "spans": list(spans)}]
    body = {"resourceSpans": [{**group, "scopeSpans": inner}]}
    return decode_json("traces", json.dumps(body).encode())


def span(**fields: Any) -> SpanRecord:
    found = traces({"traceId": TRACE, "spanId": SPAN, **fields})
    assert found.message == ""
    (record,) = found.records
    assert isinstance(record, SpanRecord)
    return record


def log(**fields: Any) -> EventRecord:
    body = {"resourceLogs": [{"scopeLogs": [{"logRecords": [fields]}]}]}
    (record,) = decode_json("logs", json.dumps(body).encode()).records
    assert isinstance(record, EventRecord)
    return record


def metric(**fields: Any) -> list[MetricRecord]:
    body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [fields]}]}]}
    return decode_json("metrics", json.dumps(body).encode()).records  # type: ignore[return-value]


def test_a_span_in_every_field():
    given = {
        "traceId": TRACE.upper(), "spanId": SPAN, "parentSpanId": SPAN[::-1], "name": "SELECT",
        "kind": 3, "startTimeUnixNano": "1000", "endTimeUnixNano": 4000, "flags": 257,
        "traceState": "a=b", "droppedEventsCount": 2,
        "status": {"code": 2, "message": "it broke"},
        "attributes": [{"key": "n", "value": {"intValue": "7"}}],
        "events": [{"timeUnixNano": "2000", "name": "e", "droppedAttributesCount": 1}],
        "links": [{"traceId": TRACE, "spanId": SPAN, "flags": 1}],
    }  # fmt: skip
    found = traces(
        given,
        resource={"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
        schemaUrl="https://opentelemetry.io/schemas/1.37.0",
    )
    (record,) = found.records
    assert isinstance(record, SpanRecord)
    assert (record.trace_id, record.span_id, record.parent_span_id) == (TRACE, SPAN, SPAN[::-1])
    assert (record.name, record.kind, record.service) == ("SELECT", "client", "shop")
    assert (record.start_time, record.end_time, record.duration_ms) == (1000, 4000, 0.003)
    assert (record.status, record.error_message) == ("error", "it broke")
    assert record.attributes == {"n": 7}
    assert [(e.name, e.time, e.dropped_attributes) for e in record.events] == [("e", 2000, 1)]
    assert [(x.trace_id, x.span_id, x.flags) for x in record.links] == [(TRACE, SPAN, 1)]
    assert record.resource["@schema_url"].endswith("1.37.0")
    assert record.scope == {
        "name": "lib", "flags": 257, "trace_state": "a=b", "status_message": "it broke",
        "dropped_events": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"stringValue": ""}, ""),
        ({"stringValue": "查 👩‍👧"}, "查 👩‍👧"),
        ({"boolValue": False}, False),
        ({"intValue": "-9223372036854775808"}, -(2**63)),
        ({"intValue": 0}, 0),
        ({"doubleValue": 1}, 1.0),
        ({"doubleValue": "NaN"}, {"@double": "NaN"}),
        ({"doubleValue": "-Infinity"}, {"@double": "-Infinity"}),
        ({"bytesValue": "-_8"}, {"@bytes": "+/8="}),
        ({"bytesValue": "+/8="}, {"@bytes": "+/8="}),
        ({"arrayValue": {"values": [{"intValue": 1}, {}, {"arrayValue": {}}]}}, [1, None, []]),
        ({"kvlistValue": {"values": [{"key": "k", "value": {"doubleValue": 2.0}}]}}, {"k": 2.0}),
        ({"kvlistValue": {"values": [{"key": "@bytes"}]}}, {"@kvlist": {"@bytes": None}}),
        ({"kvlistValue": {}}, {}),
        ({}, None),
    ],
)
def test_every_type_of_value(given: dict[str, Any], expected: Any):
    value = span(attributes=[{"key": "a", "value": given}]).attributes["a"]
    assert value == expected
    assert type(value) is type(expected)


def test_of_a_key_given_twice_the_last_counts():
    pairs = [{"key": "a", "value": {"intValue": n}} for n in (1, 2, 0)]
    assert span(attributes=pairs).attributes == {"a": 0}


def test_what_is_nested_too_deeply_becomes_text():
    value: dict[str, Any] = {"intValue": 1}
    for _ in range(MAX_NESTING + 8):
        value = {"arrayValue": {"values": [value]}}
    record = span(attributes=[{"key": "deep", "value": value}])
    inner = record.attributes["deep"]
    for _ in range(MAX_NESTING - 1):
        (inner,) = inner
    assert inner == "[" * 9 + "1" + "]" * 9
    assert decode(encode(record)) == record


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"traceId": TRACE[2:]}, "trace_id is 15 bytes long, not 16"),
        ({"traceId": ""}, "trace_id is 0 bytes long, not 16"),
        ({"traceId": "0" * 32}, "trace_id is all zeros"),
        ({"spanId": "0" * 16}, "span_id is all zeros"),
        ({"spanId": SPAN + "00"}, "span_id is 9 bytes long, not 8"),
        ({"parentSpanId": "ab"}, "parent_span_id is 1 bytes long, not 8"),
        ({"traceId": "x" * 32}, "an id is not hex"),
        ({"startTimeUnixNano": str(2**63)}, "a time is not between 1970 and 2262"),
        ({"endTimeUnixNano": 2**64 - 1}, "a time is not between 1970 and 2262"),
        ({"startTimeUnixNano": -1}, "a time is not between 1970 and 2262"),
        ({"events": [{"timeUnixNano": 2**63}]}, "a span event is not between 1970 and 2262"),
        ({"links": [{"traceId": "no"}]}, "an id is not hex"),
    ],
)
def test_a_span_that_cannot_be_a_record_is_refused_alone(fields: dict[str, Any], reason: str):
    good = {"traceId": TRACE, "spanId": SPAN}
    found = traces(good, {**good, **fields}, good)
    assert len(found.records) == 2
    assert found.rejected == 1
    assert found.message.startswith("Refused 1 span: ")
    assert reason in found.message


def test_reasons_are_told_once_each_and_a_few_of_them():
    bad = [{"traceId": TRACE, "spanId": "ab" * n} for n in range(7)]
    found = traces(*bad, *bad)
    assert found.rejected == 14
    assert found.message.count("bytes long") == 3
    assert found.message.startswith("Refused 14 spans: span_id is 0 bytes long, not 8; ")


def test_clocks_that_step_and_spans_without_an_end_are_taken():
    backwards = span(startTimeUnixNano=9, endTimeUnixNano=5)
    assert (backwards.end_time, backwards.duration_ms) == (5, 0.0)
    endless = span(startTimeUnixNano=9)
    assert (endless.end_time, endless.duration_ms) == (9, 0.0)


def test_a_parent_of_zeros_is_no_parent():
    assert span(parentSpanId="0" * 16).parent_span_id is None


@pytest.mark.parametrize(
    "given", [2, "2", "SPAN_KIND_SERVER", 2.0], ids=["number", "text", "name", "double"]
)
def test_enums_may_be_numbers_or_names(given: Any):
    assert span(kind=given).kind == "server"


def test_a_kind_and_status_of_a_later_version_keep_their_numbers():
    record = span(kind=17, status={"code": 9})
    assert (record.kind, record.status) == ("internal", "unset")
    assert (record.scope["kind"], record.scope["status_code"]) == (17, 9)


def test_ids_in_base64_names_of_the_proto_file_and_nulls():
    body = {
        "resource_spans": [
            {"resource": None, "scope_spans": [{"spans": [{
                "trace_id": "W47/95gDgQPSabYzgT/GDA==", "span_id": "7uGbfsPBsXQ=", "events": None,
                "parent_span_id": None, "start_time_unix_nano": "5",
                "attributes": [{"key": "a_b", "value": {"int_value": "1"}}],
            }]}]},
        ]
    }  # fmt: skip
    (record,) = decode_json("traces", json.dumps(body).encode()).records
    assert isinstance(record, SpanRecord)
    assert (record.trace_id, record.span_id) == (TRACE, SPAN)
    assert (record.start_time, record.attributes) == (5, {"a_b": 1})


def test_half_a_surrogate_pair_is_mended():
    text = rb"cut \ud83d, whole \ud83d\ude00, quoted \\ud83d, low \ude00\ud83d"
    value = b'{"key":"a","value":{"stringValue":"' + text + b'"}}'
    ids = f'"traceId":"{TRACE}","spanId":"{SPAN}"'.encode()
    body = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{%s,"attributes":[%s]}]}]}]}' % (ids, value)
    (record,) = decode_json("traces", body).records
    expected = "cut \ufffd, whole 😀, quoted \\ud83d, low \ufffd\ufffd"
    assert record.attributes == {"a": expected}
    assert decode(encode(record)) == record


def test_a_log_record():
    record = log(
        timeUnixNano="5", observedTimeUnixNano="7", severityNumber="SEVERITY_NUMBER_WARN3",
        severityText="warning", eventName="order.placed", body={"kvlistValue": {}}, traceId=TRACE,
        spanId=SPAN, flags=1, attributes=[{"key": "session.id", "value": {"stringValue": "s"}}],
    )  # fmt: skip
    assert (record.time, record.observed_time, record.type) == (5, 7, "log")
    assert (record.severity_number, record.severity) == (15, "warning")
    assert (record.name, record.body) == ("order.placed", {})
    assert (record.trace_id, record.span_id, record.session_id) == (TRACE, SPAN, "s")
    assert record.scope == {"flags": 1}


def test_a_log_without_a_time_has_the_one_it_was_seen_at():
    assert log(observedTimeUnixNano="7").time == 7


@pytest.mark.parametrize("bad", ["00" * 16, "abcd", "00"])
def test_a_log_with_an_invalid_trace_id_belongs_to_no_trace(bad: str):
    # As the protocol asks of receivers.
    assert log(traceId=bad).trace_id is None


def test_ids_of_logs_come_from_their_content():
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    for name in ("b", "a"):
        group.resource.attributes.add(key=name).value.string_value = "x"
    records = group.scope_logs.add().log_records
    for text in ("one", "two", "one"):
        records.add(time_unix_nano=3).body.string_value = text
    first = [r.record_id for r in decode_protobuf("logs", request.SerializeToString()).records]
    again = [r.record_id for r in decode_protobuf("logs", request.SerializeToString()).records]
    assert first == again
    assert len(set(first)) == 3
    # The order of attributes means nothing.
    group.resource.attributes.reverse()
    assert [r.record_id for r in decode_json("logs", m.to_json(request)).records] == first
    group.resource.attributes[0].value.string_value = "y"
    other = [r.record_id for r in decode_protobuf("logs", request.SerializeToString()).records]
    assert not set(first) & set(other)


def test_numbers_keep_their_type():
    points = [{"timeUnixNano": 1, "asInt": "9"}, {"asDouble": 9}, {"asDouble": "NaN"}, {"flags": 1}]
    records = metric(name="m", gauge={"dataPoints": points})
    assert [(r.type, r.value) for r in records] == [
        ("gauge", 9.0), ("gauge", 9.0), ("gauge", None), ("gauge", None),
    ]  # fmt: skip
    assert [r.distribution for r in records] == [
        {"int": 9}, {}, {"value": {"@double": "NaN"}}, {"flags": 1},
    ]  # fmt: skip


def test_a_sum():
    (record,) = metric(
        name="m", unit="By", description="d",
        sum={
            "aggregationTemporality": "AGGREGATION_TEMPORALITY_CUMULATIVE", "isMonotonic": True,
            "dataPoints": [{"startTimeUnixNano": "1", "timeUnixNano": "2", "asInt": 3}],
        },
    )  # fmt: skip
    assert (record.name, record.unit, record.description) == ("m", "By", "d")
    assert (record.type, record.temporality, record.monotonic) == ("sum", "cumulative", True)
    assert (record.start_time, record.time, record.value) == (1, 2, 3.0)


def test_histograms_and_summaries():
    (record,) = metric(
        name="h",
        histogram={
            "aggregationTemporality": 1,
            "dataPoints": [{
                "count": "3", "sum": 0, "bucketCounts": ["1", "2"], "explicitBounds": [5],
                "exemplars": [{"asDouble": 4, "traceId": TRACE}],
            }],
        },
    )  # fmt: skip
    assert record.temporality == "delta"
    # A sum of 0 was measured, min and max were not.
    assert record.distribution == {
        "count": 3, "sum": 0.0, "buckets": [1, 2], "bounds": [5.0],
        "exemplars": [{"value": 4.0, "trace_id": TRACE}],
    }  # fmt: skip
    (record,) = metric(
        name="e",
        exponentialHistogram={
            "dataPoints": [
                {"count": 2, "scale": -1, "positive": {"offset": 1, "bucketCounts": [2]}}
            ]
        },
    )
    assert record.type == "exponential_histogram"
    assert record.distribution == {
        "count": 2, "scale": -1, "zero_count": 0, "zero_threshold": 0.0,
        "positive": {"offset": 1, "buckets": [2]},
    }  # fmt: skip
    points = [{"count": 2, "sum": 4, "quantileValues": [{"quantile": 0.5, "value": 2}]}]
    (record,) = metric(name="s", summary={"dataPoints": points})
    assert record.distribution == {
        "count": 2, "sum": 4.0, "quantiles": [{"quantile": 0.5, "value": 2.0}],
    }  # fmt: skip


def test_a_data_point_that_cannot_be_a_record_is_refused_alone():
    points = [{"timeUnixNano": 1}, {"timeUnixNano": 2**63}, {"startTimeUnixNano": 2**63}]
    shells = [{"name": "m", "gauge": {"dataPoints": points}}]
    body = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": shells}]}]}).encode()
    found = decode_json("metrics", body)
    assert (len(found.records), found.rejected) == (1, 2)
    assert found.message.startswith("Refused 2 data points: the time of a data point is not")


def test_records_of_a_group_share_their_resource_and_scope():
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for number in (1, 2):
        spans.add(
            trace_id=b"t" * 16, span_id=bytes([number] * 8), flags=1, kind=1, end_time_unix_nano=1
        )
    one, two = decode_protobuf("traces", request.SerializeToString()).records
    assert one.resource is two.resource
    assert one.scope is two.scope


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"resourceSpans":{}}', b'{"resourceSpans":[{"x":1},2]}', b"\xff"],
)
def test_what_is_no_request_is_malformed(body: bytes):
    with pytest.raises(MalformedError, match=r"Not an OTLP traces request in JSON: .*\.$"):
        decode_json("traces", body)


def test_an_empty_request_is_one():
    assert decode_json("traces", b"{}") == decode_protobuf("traces", b"") == Decoded([], 0, "")
