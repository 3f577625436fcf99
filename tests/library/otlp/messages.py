"""Whole OTLP requests for property tests, and what makes two of them equal."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1 import common_pb2 as common
from opentelemetry.proto.logs.v1 import logs_pb2 as logs
from opentelemetry.proto.metrics.v1 import metrics_pb2 as metrics
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1 import trace_pb2 as trace

from jollyscope.model.records import RecordKind
from jollyscope.receive.otlp.decode import Signal
from tests.strategies import texts

SHARED = Path(__file__).parents[4] / "shared" / "data" / "otlp"
REQUESTS: dict[Signal, Any] = {
    "traces": ExportTraceServiceRequest,
    "logs": ExportLogsServiceRequest,
    "metrics": ExportMetricsServiceRequest,
}
KINDS: dict[Signal, RecordKind] = {"traces": "span", "logs": "event", "metrics": "metric"}

# -- requests ------------------------------------------------------------------------------------

u32, i32 = st.integers(0, 2**32 - 1), st.integers(-(2**31), 2**31 - 1)
u64, i64 = st.integers(0, 2**64 - 1), st.integers(-(2**63), 2**63 - 1)
times = st.sampled_from([0, 2**63 - 1]) | st.integers(1_700_000_000 * 10**9, 1_800_000_000 * 10**9)
# JSON has one NaN.
doubles = st.floats(allow_nan=False) | st.sampled_from([math.nan, 1.0, -0.0, 1e300])
few = st.just(0) | u32
short = st.just("") | texts
trace_ids = st.binary(min_size=16, max_size=16).filter(any)
span_ids = st.binary(min_size=8, max_size=8).filter(any)
odd_ids = st.just(b"") | trace_ids | span_ids | st.just(bytes(16)) | st.binary(max_size=20)
# Names that mean something to records, to the wire form or to resources.
keys = texts | st.sampled_from(
    ["service.name", "session.id", "jollyscope.input", "jollyscope.output", "gen_ai.input.messages",
     "input.value", "output.value", "gen_ai.operation.name", "gen_ai.usage.input_tokens", "error.type",
     "jollyscope.step.type", "@bytes", "@schema_url", "@attributes", "@kvlist", "@double", ""]
)  # fmt: skip


def filled(message: Any, /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Messages of a class with fields drawn; None leaves a field unset."""
    return st.fixed_dictionaries(fields).map(
        lambda drawn: message(**{k: v for k, v in drawn.items() if v is not None})
    )


def several(inner: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[list[Any]]:
    return st.lists(inner, max_size=most)


scalars = st.one_of(
    st.just(common.AnyValue()),
    st.builds(lambda v: common.AnyValue(string_value=v), short),
    st.builds(lambda v: common.AnyValue(bool_value=v), st.booleans()),
    st.builds(lambda v: common.AnyValue(int_value=v), i64 | st.integers(-1, 1)),
    st.builds(lambda v: common.AnyValue(double_value=v), doubles),
    st.builds(lambda v: common.AnyValue(bytes_value=v), st.binary(max_size=9)),
)


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    pairs = several(filled(common.KeyValue, key=keys, value=st.none() | inner))
    return st.builds(
        lambda v: common.AnyValue(array_value=common.ArrayValue(values=v)), several(inner)
    ) | st.builds(lambda v: common.AnyValue(kvlist_value=common.KeyValueList(values=v)), pairs)


any_values = st.recursive(scalars, _deeper, max_leaves=5)
attributes = several(filled(common.KeyValue, key=keys, value=st.none() | any_values), 4)
entity_refs = filled(
    common.EntityRef, schema_url=short, type=short, id_keys=several(short),
    description_keys=several(short),
)  # fmt: skip
resources = st.none() | filled(
    Resource, attributes=attributes, dropped_attributes_count=few, entity_refs=several(entity_refs)
)
scopes = st.none() | filled(
    common.InstrumentationScope, name=short, version=short, attributes=attributes,
    dropped_attributes_count=few,
)  # fmt: skip
enums = st.integers(0, 5) | i32
spans = filled(
    trace.Span,
    trace_id=trace_ids, span_id=span_ids, trace_state=short,
    parent_span_id=st.sampled_from([b"", bytes(8)]) | span_ids,
    flags=few, name=short, kind=enums, start_time_unix_nano=times, end_time_unix_nano=times,
    attributes=attributes, dropped_attributes_count=few, dropped_events_count=few,
    dropped_links_count=few,
    events=several(filled(
        trace.Span.Event, time_unix_nano=times, name=short, attributes=attributes,
        dropped_attributes_count=few,
    )),
    links=several(filled(
        trace.Span.Link, trace_id=odd_ids, span_id=odd_ids, trace_state=short, flags=few,
        attributes=attributes, dropped_attributes_count=few,
    )),
    status=st.none() | filled(trace.Status, message=short, code=enums),
)  # fmt: skip
log_records = filled(
    logs.LogRecord,
    time_unix_nano=times, observed_time_unix_nano=times, severity_number=st.integers(0, 24) | i32,
    severity_text=short, body=st.none() | any_values, attributes=attributes,
    dropped_attributes_count=few, flags=few, trace_id=odd_ids, span_id=odd_ids, event_name=short,
)  # fmt: skip


@st.composite
def numbers(draw: st.DrawFn, message: Any, /, **fields: st.SearchStrategy[Any]) -> Any:
    made = draw(filled(message, time_unix_nano=times, **fields))
    if (which := draw(st.sampled_from(["as_int", "as_double", None]))) is not None:
        setattr(made, which, draw(i64 if which == "as_int" else doubles))
    return made


exemplars = several(
    numbers(metrics.Exemplar, filtered_attributes=attributes, trace_id=odd_ids, span_id=odd_ids), 1
)
point: dict[str, st.SearchStrategy[Any]] = {
    "attributes": attributes, "start_time_unix_nano": times, "flags": few,
}  # fmt: skip
counted = {**point, "time_unix_nano": times, "count": u64}
ranged = {
    **counted, "exemplars": exemplars, "sum": st.none() | doubles, "min": st.none() | doubles,
    "max": st.none() | doubles,
}  # fmt: skip
number_points = several(numbers(metrics.NumberDataPoint, exemplars=exemplars, **point))
histogram_points = several(filled(
    metrics.HistogramDataPoint, bucket_counts=several(u64, 4), explicit_bounds=several(doubles, 4),
    **ranged,
))  # fmt: skip
buckets = st.none() | filled(
    metrics.ExponentialHistogramDataPoint.Buckets, offset=i32, bucket_counts=several(u64)
)
exponential_points = several(filled(
    metrics.ExponentialHistogramDataPoint, scale=i32, zero_count=u64, zero_threshold=doubles,
    positive=buckets, negative=buckets, **ranged,
))  # fmt: skip
summary_points = several(filled(
    metrics.SummaryDataPoint, sum=doubles, **counted, quantile_values=several(filled(
        metrics.SummaryDataPoint.ValueAtQuantile, quantile=doubles, value=doubles,
    )),
))  # fmt: skip
DATA: dict[str, st.SearchStrategy[Any]] = {
    "gauge": filled(metrics.Gauge, data_points=number_points),
    "sum": filled(
        metrics.Sum, data_points=number_points, aggregation_temporality=enums,
        is_monotonic=st.booleans(),
    ),
    "histogram": filled(
        metrics.Histogram, data_points=histogram_points, aggregation_temporality=enums
    ),
    "exponential_histogram": filled(
        metrics.ExponentialHistogram, data_points=exponential_points, aggregation_temporality=enums
    ),
    "summary": filled(metrics.Summary, data_points=summary_points),
}  # fmt: skip
one_metric = st.sampled_from(sorted(DATA)).flatmap(
    lambda kind: filled(
        metrics.Metric,
        name=short,
        description=short,
        unit=short,
        metadata=attributes,
        **{kind: DATA[kind]},
    )
)


def _request(request: Any, top: Any, inner: Any, names: tuple[str, str, str], item: Any) -> Any:
    scoped = filled(inner, scope=scopes, schema_url=short, **{names[2]: several(item, 3)})
    group = filled(top, resource=resources, schema_url=short, **{names[1]: several(scoped)})
    return filled(request, **{names[0]: several(group)})


requests: dict[Signal, st.SearchStrategy[Any]] = {
    "traces": _request(
        ExportTraceServiceRequest, trace.ResourceSpans, trace.ScopeSpans,
        ("resource_spans", "scope_spans", "spans"), spans,
    ),
    "logs": _request(
        ExportLogsServiceRequest, logs.ResourceLogs, logs.ScopeLogs,
        ("resource_logs", "scope_logs", "log_records"), log_records,
    ),
    "metrics": _request(
        ExportMetricsServiceRequest, metrics.ResourceMetrics, metrics.ScopeMetrics,
        ("resource_metrics", "scope_metrics", "metrics"), one_metric,
    ),
}  # fmt: skip
any_request = st.sampled_from(sorted(requests)).flatmap(
    lambda signal: st.tuples(st.just(signal), requests[signal])
)

# -- the JSON encoding ---------------------------------------------------------------------------

_IDS = ("traceId", "spanId", "parentSpanId")


def _with_ids(value: Any, change: Any) -> Any:
    if isinstance(value, list):
        return [_with_ids(item, change) for item in value]
    if isinstance(value, dict):
        return {k: change(v) if k in _IDS else _with_ids(v, change) for k, v in value.items()}
    return value


def to_json(request: Any) -> bytes:
    """OTLP/JSON by protobuf's own converter: generic, but for ids, which OTLP has in hex."""
    document = MessageToDict(request, use_integers_for_enums=True)
    hexed = _with_ids(document, lambda text: base64.b64decode(text).hex())
    return json.dumps(hexed, ensure_ascii=False).encode()


def from_json(signal: Signal, body: bytes | str) -> Any:
    """The way back, by protobuf's own parser."""
    document = _with_ids(
        json.loads(body), lambda text: base64.b64encode(bytes.fromhex(text)).decode()
    )
    return ParseDict(document, REQUESTS[signal]())


# -- equality ------------------------------------------------------------------------------------


def flat(requests: Iterable[Any]) -> list[tuple[bytes, ...]]:
    """Every span, log record or data point with the resource, scope and metric around it, in no
    order. Attributes count as maps; a message that is empty and one that is not there are the same.
    """
    return sorted(entry for request in requests for entry in _entries(request))


def _entries(request: Any) -> Iterator[tuple[bytes, ...]]:
    (groups,) = (getattr(request, field.name) for field in request.DESCRIPTOR.fields)
    for group in groups:
        around = (_bytes(group.resource), group.schema_url.encode())
        inner = next(getattr(group, name) for name in _INNER if hasattr(group, name))
        for scoped in inner:
            outer = (*around, _bytes(scoped.scope), scoped.schema_url.encode())
            for name in ("spans", "log_records"):
                for item in getattr(scoped, name, ()):
                    yield (*outer, b"", _bytes(item))
            for metric in getattr(scoped, "metrics", ()):
                yield from ((*outer, *entry) for entry in _points(metric))


_INNER = ("scope_spans", "scope_logs", "scope_metrics")


def _points(metric: Any) -> Iterator[tuple[bytes, bytes]]:
    if (kind := metric.WhichOneof("data")) is None:
        return
    shell = type(metric)()
    shell.CopyFrom(metric)
    getattr(shell, kind).ClearField("data_points")
    getattr(shell, kind).SetInParent()
    for item in getattr(metric, kind).data_points:
        yield _bytes(shell), _bytes(item)


def _bytes(message: Any) -> bytes:
    canonical = type(message)()
    canonical.CopyFrom(message)
    _settle(canonical)
    return canonical.SerializeToString(deterministic=True)


def _settle(message: Any) -> None:
    """Bring a message into the one form that all equal ones share."""
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if not field.is_repeated:
            _settle(value)
            empty = not value.ListFields() and field.containing_oneof is None
            if empty and field.message_type.name not in ("Buckets",):
                message.ClearField(field.name)
            continue
        for item in value:
            _settle(item)
        if field.message_type.name == "KeyValue":
            last = {pair.key: pair.SerializeToString(deterministic=True) for pair in value}
            message.ClearField(field.name)
            for _, pair in sorted(last.items()):
                value.add().ParseFromString(pair)
