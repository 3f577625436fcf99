"""What comes in as OTLP goes out equal, in every field and type."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from jollyscope.errors import UsageError
from jollyscope.export.otlp import to_otlp, write_otlp
from jollyscope.model.records import EventRecord, Record, SpanRecord
from jollyscope.model.wire import decode, encode
from jollyscope.receive.otlp.decode import Signal, decode_json, decode_protobuf
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.library.otlp import messages as m

many = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def over_the_wire(signal: Signal, records: Sequence[Record]) -> list[Any]:
    """Records as somebody reads them who got their lines."""
    read = [decode(encode(record), m.KINDS[signal]) for record in records]
    # Equal, and of equal types: to Python 1 and 1.0 are equal, and so are 1 and True.
    assert read == list(records)
    assert [repr(record) for record in read] == [repr(record) for record in records]
    return read


def exported(signal: Signal, records: Sequence[Record], *, lines: bool = False) -> list[Any]:
    file = io.BytesIO()
    assert write_otlp(records, file, lines=lines) == len(records)
    return [m.from_json(signal, line) for line in file.getvalue().splitlines()]


@many
@given(made=m.any_request)
def test_protobuf_in_json_out(made: tuple[Signal, Any]):
    signal, request = made
    found = decode_protobuf(signal, request.SerializeToString())
    assert (found.rejected, found.message) == (0, "")
    records = over_the_wire(signal, found.records)
    assert m.flat(exported(signal, records, lines=True)) == m.flat([request])


@many
@given(made=m.any_request)
def test_both_encodings_give_equal_records(made: tuple[Signal, Any]):
    signal, request = made
    binary = decode_protobuf(signal, request.SerializeToString())
    text = decode_json(signal, m.to_json(request))
    assert text == binary
    assert repr(text) == repr(binary)


def _read_back(home: Path, records: Sequence[Record]) -> list[SpanRecord]:
    writer = SpoolWriter(spool_dir(home))
    for record in records:
        writer.write("span", encode(record) + b"\n")
    writer.close()
    store = LakeStore(home)
    store.load()
    with store.reader() as reader:
        found = [span for trace in {r.trace_id for r in records} for span in reader.spans(trace)]
    store.close()
    return found


@settings(many, max_examples=20)
@given(request=m.requests["traces"])
def test_a_store_between_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, request: ExportTraceServiceRequest
):
    records = decode_protobuf("traces", request.SerializeToString()).records
    found = _read_back(tmp_path_factory.mktemp("home"), records)
    assert m.flat(exported("traces", found)) == m.flat([request])


def _signal(line: str | bytes) -> Signal:
    (name,) = json.loads(line)
    signals: dict[str, Signal] = {
        "resourceSpans": "traces", "resourceLogs": "logs", "resourceMetrics": "metrics",
    }  # fmt: skip
    return signals[name]


@pytest.mark.parametrize("name", ["otel-demo.jsonl", "otlp-example-trace.json"])
def test_files_of_others_come_out_equal(name: str, tmp_path: Path):
    if not m.SHARED.exists():
        pytest.skip("the shared sample traces are not here")
    text = (m.SHARED / name).read_text()
    lines = text.splitlines() if name.endswith("l") else [text]
    given_messages: dict[Signal, list[Any]] = {}
    records: dict[Signal, list[Record]] = {}
    for line in lines:
        signal = _signal(line)
        given_messages.setdefault(signal, []).append(m.from_json(signal, line))
        found = decode_json(signal, line.encode())
        assert found.rejected == 0
        records.setdefault(signal, []).extend(found.records)
    for signal, of_signal in records.items():
        expected = m.flat(given_messages[signal])
        assert len(of_signal) == len(expected) > 0
        assert m.flat(exported(signal, over_the_wire(signal, of_signal))) == expected
    stored = _read_back(tmp_path, records["traces"])
    assert m.flat(exported("traces", stored)) == m.flat(given_messages["traces"])


def test_a_lifted_input_comes_out_whether_or_not_other_attributes_say_the_same():
    same = [("input.value", "hello"), ("jollyscope.input", "hello"), ("jollyscope.output", "")]
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for number, names in enumerate((same, same[:1], same[1:], same[1:2], []), start=1):
        span = spans.add(trace_id=b"t" * 16, span_id=bytes([number] * 8))
        for key, text in names:
            pair = span.attributes.add(key=key)
            pair.value.string_value = text
    records = decode_protobuf("traces", request.SerializeToString()).records
    assert m.flat(exported("traces", over_the_wire("traces", records))) == m.flat([request])


def test_more_records_than_are_gathered_at_once():
    request = ExportTraceServiceRequest()
    for service in ("a", "b"):
        group = request.resource_spans.add()
        group.resource.attributes.add(key="service.name").value.string_value = service
        spans = group.scope_spans.add().spans
        for number in range(1, 1700):
            spans.add(trace_id=b"t" * 16, span_id=number.to_bytes(8, "big"), name=service)
    records = decode_protobuf("traces", request.SerializeToString()).records
    mixed = sorted(records, key=lambda record: record.span_id)
    (document,) = exported("traces", mixed)
    assert m.flat([document]) == m.flat([request])
    # Gathered by resource, a thousand records at a time.
    assert len(document.resource_spans) == 2 * 4
    assert len(exported("traces", mixed, lines=True)) == 4


def test_one_document_holds_one_kind():
    span = SpanRecord(trace_id="a" * 32, span_id="b" * 16, start_time=1, end_time=2)
    log = EventRecord(record_id="x", time=1)
    with pytest.raises(UsageError, match="not several"):
        to_otlp([span, log])
    assert to_otlp([]) == {"resourceSpans": []}
    file = io.BytesIO()
    assert write_otlp([span, log], file, lines=True) == 2
    assert [_signal(line) for line in file.getvalue().splitlines()] == ["traces", "logs"]


def test_an_open_span_has_no_end():
    span = SpanRecord(trace_id="a" * 32, span_id="b" * 16, start_time=7, state="open")
    ((group,),) = to_otlp([span]).values()
    (message,) = group["scopeSpans"][0]["spans"]
    assert message["startTimeUnixNano"] == "7"
    assert "endTimeUnixNano" not in message
