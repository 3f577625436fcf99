"""OTLP's messages in their JSON encoding
(https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).

Structs with the field names of opentelemetry-proto and the two methods of protobuf messages that
the converters use, so that one converter serves both encodings. Ids are text, bytes are base64
text, enums are numbers or names; everything else has the type that protobuf gives it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, cast

import msgspec
from msgspec import UNSET, UnsetType

__all__ = ["REQUESTS", "parse"]

_UInt32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
_Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
_Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Enum = _Int32 | str


class _Message(msgspec.Struct, rename="camel", frozen=True):
    # The names are protobuf's.
    def HasField(self, name: str) -> bool:
        return getattr(self, name) is not UNSET


class ArrayValue(_Message, frozen=True):
    values: list[AnyValue] = []


class KeyValueList(_Message, frozen=True):
    values: list[KeyValue] = []


class AnyValue(_Message, frozen=True):
    string_value: str | UnsetType = UNSET
    bool_value: bool | UnsetType = UNSET
    int_value: _Int64 | UnsetType = UNSET
    double_value: float | UnsetType = UNSET
    array_value: ArrayValue | UnsetType = UNSET
    kvlist_value: KeyValueList | UnsetType = UNSET
    bytes_value: str | UnsetType = UNSET

    def WhichOneof(self, name: str) -> str | None:
        return _first_set(self, _VALUES)


class KeyValue(_Message, frozen=True):
    key: str = ""
    value: AnyValue = AnyValue()


class EntityRef(_Message, frozen=True):
    schema_url: str = ""
    type: str = ""
    id_keys: list[str] = []
    description_keys: list[str] = []


class Resource(_Message, frozen=True):
    attributes: list[KeyValue] = []
    dropped_attributes_count: _UInt32 = 0
    entity_refs: list[EntityRef] = []


class Scope(_Message, frozen=True):
    name: str = ""
    version: str = ""
    attributes: list[KeyValue] = []
    dropped_attributes_count: _UInt32 = 0


class Status(_Message, frozen=True):
    message: str = ""
    code: _Enum = 0


class Event(_Message, frozen=True):
    time_unix_nano: int = 0
    name: str = ""
    attributes: list[KeyValue] = []
    dropped_attributes_count: _UInt32 = 0


class Link(_Message, frozen=True):
    trace_id: str = ""
    span_id: str = ""
    trace_state: str = ""
    attributes: list[KeyValue] = []
    dropped_attributes_count: _UInt32 = 0
    flags: _UInt32 = 0


class Span(_Message, frozen=True):
    trace_id: str = ""
    span_id: str = ""
    trace_state: str = ""
    parent_span_id: str = ""
    flags: _UInt32 = 0
    name: str = ""
    kind: _Enum = 0
    start_time_unix_nano: int = 0
    end_time_unix_nano: int = 0
    attributes: list[KeyValue] = []
    dropped_attributes_count: _UInt32 = 0
    events: list[Event] = []
    dropped_events_count: _UInt32 = 0
    links: list[Link] = []
    dropped_links_count: _UInt32 = 0
    status: Status = Status()


class ScopeSpans(_Message, frozen=True):
    scope: Scope = Scope()
    spans: list[Span] = []
    schema_url: str = ""


class ResourceSpans(_Message, frozen=True):
    resource: Resource = Resource()
    scope_spans: list[ScopeSpans] = []
    schema_url: str = ""


class TracesData(_Message, frozen=True):
    resource_spans: list[ResourceSpans] = []


class LogRecord(_Message, frozen=True):
    time_unix_nano: int = 0
    observed_time_unix_nano: int = 0
    severity_number: _Enum = 0
    severity_text: str = ""
    body: AnyValue = AnyValue()
    attributes: list[KeyValue] = []
    dropped_attributes_count: _UInt32 = 0
    flags: _UInt32 = 0
    trace_id: str = ""
    span_id: str = ""
    event_name: str = ""


class ScopeLogs(_Message, frozen=True):
    scope: Scope = Scope()
    log_records: list[LogRecord] = []
    schema_url: str = ""


class ResourceLogs(_Message, frozen=True):
    resource: Resource = Resource()
    scope_logs: list[ScopeLogs] = []
    schema_url: str = ""


class LogsData(_Message, frozen=True):
    resource_logs: list[ResourceLogs] = []


class _Number(_Message, frozen=True):
    time_unix_nano: int = 0
    as_double: float | UnsetType = UNSET
    as_int: _Int64 | UnsetType = UNSET

    def WhichOneof(self, name: str) -> str | None:
        return _first_set(self, _NUMBERS)


class Exemplar(_Number, frozen=True):
    filtered_attributes: list[KeyValue] = []
    span_id: str = ""
    trace_id: str = ""


class NumberDataPoint(_Number, frozen=True):
    attributes: list[KeyValue] = []
    start_time_unix_nano: int = 0
    exemplars: list[Exemplar] = []
    flags: _UInt32 = 0


class _Distribution(_Message, frozen=True):
    attributes: list[KeyValue] = []
    start_time_unix_nano: int = 0
    time_unix_nano: int = 0
    count: int = 0
    flags: _UInt32 = 0


class _Histogram(_Distribution, frozen=True):
    sum: float | UnsetType = UNSET
    min: float | UnsetType = UNSET
    max: float | UnsetType = UNSET
    exemplars: list[Exemplar] = []


class HistogramDataPoint(_Histogram, frozen=True):
    bucket_counts: list[int] = []
    explicit_bounds: list[float] = []


class Buckets(_Message, frozen=True):
    offset: _Int32 = 0
    bucket_counts: list[int] = []


class ExponentialHistogramDataPoint(_Histogram, frozen=True):
    scale: _Int32 = 0
    zero_count: int = 0
    zero_threshold: float = 0.0
    positive: Buckets | UnsetType = UNSET
    negative: Buckets | UnsetType = UNSET


class ValueAtQuantile(_Message, frozen=True):
    quantile: float = 0.0
    value: float = 0.0


class SummaryDataPoint(_Distribution, frozen=True):
    sum: float = 0.0
    quantile_values: list[ValueAtQuantile] = []


class Gauge(_Message, frozen=True):
    data_points: list[NumberDataPoint] = []


class Sum(_Message, frozen=True):
    data_points: list[NumberDataPoint] = []
    aggregation_temporality: _Enum = 0
    is_monotonic: bool = False


class Histogram(_Message, frozen=True):
    data_points: list[HistogramDataPoint] = []
    aggregation_temporality: _Enum = 0


class ExponentialHistogram(_Message, frozen=True):
    data_points: list[ExponentialHistogramDataPoint] = []
    aggregation_temporality: _Enum = 0


class Summary(_Message, frozen=True):
    data_points: list[SummaryDataPoint] = []


class Metric(_Message, frozen=True):
    name: str = ""
    description: str = ""
    unit: str = ""
    gauge: Gauge | UnsetType = UNSET
    sum: Sum | UnsetType = UNSET
    histogram: Histogram | UnsetType = UNSET
    exponential_histogram: ExponentialHistogram | UnsetType = UNSET
    summary: Summary | UnsetType = UNSET
    metadata: list[KeyValue] = []

    def WhichOneof(self, name: str) -> str | None:
        return _first_set(self, _DATA)


class ScopeMetrics(_Message, frozen=True):
    scope: Scope = Scope()
    metrics: list[Metric] = []
    schema_url: str = ""


class ResourceMetrics(_Message, frozen=True):
    resource: Resource = Resource()
    scope_metrics: list[ScopeMetrics] = []
    schema_url: str = ""


class MetricsData(_Message, frozen=True):
    resource_metrics: list[ResourceMetrics] = []


_VALUES = AnyValue.__struct_fields__
_NUMBERS = ("as_double", "as_int")
_DATA = ("gauge", "sum", "histogram", "exponential_histogram", "summary")


def _first_set(message: Any, names: tuple[str, ...]) -> str | None:
    for name in names:
        if getattr(message, name) is not UNSET:
            return name
    return None


REQUESTS: dict[str, type[msgspec.Struct]] = {
    "traces": TracesData,
    "logs": LogsData,
    "metrics": MetricsData,
}
# Not strict: in proto3 JSON numbers may be strings (64-bit ones are), and doubles `"NaN"`.
_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    signal: msgspec.json.Decoder(struct, strict=False) for signal, struct in REQUESTS.items()
}
_SNAKE = {signal: f'"resource_{signal.replace("traces", "spans")}"'.encode() for signal in REQUESTS}


def parse(signal: str, body: bytes) -> Any:
    """The message in `body`. Raises `ValueError` (of which msgspec's and Unicode's errors are kinds)
    or `RecursionError`.
    """
    if _SNAKE[signal] in body[:4096]:
        return _tolerant(signal, body)
    try:
        return _decoders[signal].decode(body)
    except msgspec.ValidationError as error:
        if "got `null`" in str(error):
            return _tolerant(signal, body)
        raise
    except msgspec.DecodeError:
        mended = _SURROGATES.sub(_mended, body)
        if mended == body:
            raise
        return parse(signal, mended)


_SURROGATES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)"
)


def _mended(found: re.Match[bytes]) -> bytes:
    """An escape as it is, or U+FFFD where half a surrogate pair stands alone, which JavaScript
    programs write for text they cut in the middle of a character.
    """
    escape = found.group()
    lone = len(escape) == 6 and escape[1:3].lower() == b"ud" and escape[3:4].lower() in b"89abcdef"
    return b"\\ufffd" if lone else escape


def _tolerant(signal: str, body: bytes) -> Any:
    """What a proto3 JSON parser takes besides: null for a field not set, and names as in the .proto
    file. Three times as slow.
    """
    return msgspec.convert(_plain(msgspec.json.decode(body)), REQUESTS[signal], strict=False)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in cast(list[Any], value)]
    if isinstance(value, dict):
        entries = cast(dict[str, Any], value).items()
        return {_camel(key): _plain(item) for key, item in entries if item is not None}
    return value


def _camel(name: str) -> str:
    if "_" not in name:
        return name
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
