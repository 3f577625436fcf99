"""Records back to OTLP/JSON messages, exactly as they were where they came in as OTLP.

lowerCamelCase names, hex ids, 64-bit integers as text, enums as numbers
(https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). Fields at their default are left
out. The way in is `receive/otlp`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import msgspec

from jollyscope.model.records import EventRecord, MetricRecord, Record, SpanRecord
from jollyscope.receive.otlp.metrics import TEMPORALITIES
from jollyscope.receive.otlp.spans import KINDS, STATUSES, derived_texts
from jollyscope.semconv.table import INPUT, OUTPUT

__all__ = ["Parts", "any_value", "parts"]

_KIND = {name: number for number, name in KINDS.items()}
_STATUS = {name: number for number, name in STATUSES.items()}
_TEMPORALITY = {name: number for number, name in TEMPORALITIES.items()}

Message = dict[str, Any]


class Parts(NamedTuple):
    """One record as OTLP has it: what it is grouped by, and itself."""

    resource: Message
    """`resource` and `schemaUrl`."""
    scope: Message
    """`scope` and `schemaUrl`."""
    metric: Message | None
    """Of a data point: its metric, where `kind` and `data` stand for the member `{kind: data}` that
    takes the data points."""
    message: Message


def parts(record: Record) -> Parts:
    """Take a record apart into OTLP's messages."""
    resource, scope = _plain(record.resource), _plain(record.scope)
    around = _resource(resource), _scope(scope)
    if isinstance(record, SpanRecord):
        return Parts(*around, None, _span(record, scope))
    if isinstance(record, EventRecord):
        return Parts(*around, None, _log(record, scope))
    return Parts(*around, _metric(record), _point(record))


def any_value(value: Any) -> Message:
    """A value in wire form as an `AnyValue`."""
    if value is None:
        return {}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": _double(value)}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(item) for item in cast(list[Any], value)]}}
    entries = cast(dict[str, Any], value)
    if len(entries) == 1:
        (name, inner), *_ = entries.items()
        if name == "@bytes":
            return {"bytesValue": inner}
        if name == "@double":
            return {"doubleValue": inner}
        if name == "@kvlist":
            entries = inner
    return {"kvlistValue": {"values": _attributes(entries)}}


def _attributes(attributes: Mapping[str, Any]) -> list[Message]:
    return [{"key": key, "value": any_value(value)} for key, value in attributes.items()]


def _plain(encoded: Any) -> dict[str, Any]:
    """What the recorder keeps encoded, as the dictionary it is."""
    return msgspec.json.decode(encoded) if isinstance(encoded, msgspec.Raw) else encoded


def _filled(**fields: Any) -> Message:
    """The fields that are not at their default (numbers that are text are never)."""
    return {key: value for key, value in fields.items() if value}


def _nanos(time: int | None) -> str:
    return str(time) if time else ""


def _resource(resource: dict[str, Any]) -> Message:
    attributes = {key: value for key, value in resource.items() if not key.startswith("@")}
    message = _filled(
        attributes=_attributes({**attributes, **resource.get("@attributes", {})}),
        droppedAttributesCount=resource.get("@dropped"),
        entityRefs=[_entity_ref(ref) for ref in resource.get("@entity_refs", ())],
    )
    return {"resource": message, **_filled(schemaUrl=resource.get("@schema_url"))}


def _entity_ref(ref: dict[str, Any]) -> Message:
    return _filled(
        schemaUrl=ref.get("schema_url"),
        type=ref.get("type"),
        idKeys=ref.get("id_keys"),
        descriptionKeys=ref.get("description_keys"),
    )


def _scope(scope: dict[str, Any]) -> Message:
    message = _filled(
        name=scope.get("name"),
        version=scope.get("version"),
        attributes=_attributes(scope.get("attributes", {})),
        droppedAttributesCount=scope.get("dropped"),
    )
    return {"scope": message, **_filled(schemaUrl=scope.get("schema_url"))}


def _span(record: SpanRecord, scope: dict[str, Any]) -> Message:
    end = None if "end_time" in scope else record.end_time
    return {
        "traceId": record.trace_id,
        "spanId": record.span_id,
        **_filled(
            traceState=scope.get("trace_state"),
            parentSpanId=record.parent_span_id or scope.get("parent_span_id"),
            flags=scope.get("flags"),
            name=record.name,
            kind=scope.get("kind", _KIND[record.kind]),
            startTimeUnixNano=_nanos(record.start_time),
            endTimeUnixNano=_nanos(end),
            attributes=_attributes(_whole_attributes(record, scope.get("name", ""))),
            droppedAttributesCount=scope.get("dropped_attributes"),
            events=[_event(event) for event in record.events],
            droppedEventsCount=scope.get("dropped_events"),
            links=[_link(link) for link in record.links],
            droppedLinksCount=scope.get("dropped_links"),
            status=_filled(
                message=scope.get("status_message"),
                code=scope.get("status_code", _STATUS[record.status]),
            ),
        ),
    }


def _whole_attributes(record: SpanRecord, scope_name: str) -> dict[str, Any]:
    """The attributes with input and output put back, where they do not follow from the others."""
    if record.input is None and record.output is None:
        return record.attributes
    whole = dict(record.attributes)
    derived = derived_texts(record, scope_name)
    given = ((INPUT, record.input), (OUTPUT, record.output))
    for (name, text), known in zip(given, derived, strict=True):
        if text is not None and text != known:
            whole[name] = text
    return whole


def _event(event: Any) -> Message:
    return _filled(
        timeUnixNano=_nanos(event.time),
        name=event.name,
        attributes=_attributes(event.attributes),
        droppedAttributesCount=event.dropped_attributes,
    )


def _link(link: Any) -> Message:
    return _filled(
        traceId=link.trace_id,
        spanId=link.span_id,
        traceState=link.trace_state,
        attributes=_attributes(link.attributes),
        droppedAttributesCount=link.dropped_attributes,
        flags=link.flags,
    )


def _log(record: EventRecord, scope: dict[str, Any]) -> Message:
    return _filled(
        timeUnixNano=_nanos(scope.get("time", record.time)),
        observedTimeUnixNano=_nanos(record.observed_time),
        severityNumber=scope.get("severity_number", record.severity_number),
        severityText=record.severity,
        body=any_value(record.body),
        attributes=_attributes(record.attributes),
        droppedAttributesCount=scope.get("dropped_attributes"),
        flags=scope.get("flags"),
        traceId=record.trace_id or scope.get("trace_id"),
        spanId=record.span_id or scope.get("span_id"),
        eventName=record.name,
    )


_DATA = {
    "gauge": "gauge",
    "sum": "sum",
    "histogram": "histogram",
    "exponential_histogram": "exponentialHistogram",
    "summary": "summary",
}


def _metric(record: MetricRecord) -> Message:
    temporality = _TEMPORALITY.get(record.temporality or "")
    data = _filled(
        aggregationTemporality=record.distribution.get("temporality", temporality),
        isMonotonic=record.monotonic,
    )
    return {
        **_filled(
            name=record.name,
            description=record.description,
            unit=record.unit,
            metadata=_attributes(record.distribution.get("metadata", {})),
        ),
        "kind": _DATA[record.type],
        "data": data,
    }


def _point(record: MetricRecord) -> Message:
    held = record.distribution
    message = _filled(
        attributes=_attributes(record.attributes),
        startTimeUnixNano=_nanos(record.start_time),
        timeUnixNano=_nanos(record.time),
        flags=held.get("flags"),
        exemplars=[_exemplar(exemplar) for exemplar in held.get("exemplars", ())],
    )
    if record.type in ("gauge", "sum"):
        return message | _number(held, record.value)
    message["count"] = str(held.get("count", 0))
    message |= {key: _double(held[key]) for key in ("sum", "min", "max") if key in held}
    if record.type == "summary":
        message["quantileValues"] = [
            {key: _double(value) for key, value in at.items()} for at in held.get("quantiles", ())
        ]
    elif record.type == "histogram":
        message["bucketCounts"] = [str(count) for count in held.get("buckets", ())]
        message["explicitBounds"] = [_double(bound) for bound in held.get("bounds", ())]
    else:
        message["scale"] = held.get("scale", 0)
        message["zeroCount"] = str(held.get("zero_count", 0))
        message["zeroThreshold"] = _double(held.get("zero_threshold", 0.0))
        message |= {side: _buckets(held[side]) for side in ("positive", "negative") if side in held}
    return message


def _number(held: dict[str, Any], value: float | None) -> Message:
    if "int" in held:
        return {"asInt": str(held["int"])}
    value = held.get("value", value)
    return {} if value is None else {"asDouble": _double(value)}


def _exemplar(held: dict[str, Any]) -> Message:
    return _number(held, None) | _filled(
        timeUnixNano=_nanos(held.get("time")),
        traceId=held.get("trace_id"),
        spanId=held.get("span_id"),
        filteredAttributes=_attributes(held.get("attributes", {})),
    )


def _buckets(held: dict[str, Any]) -> Message:
    return {
        "offset": held.get("offset", 0),
        "bucketCounts": [str(count) for count in held.get("buckets", ())],
    }


def _double(value: Any) -> float | str:
    if isinstance(value, dict):
        return cast(dict[str, str], value)["@double"]
    number = float(value)
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
