"""OTLP data points to metric records."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from jollyscope.model.records import MetricRecord
from jollyscope.receive.otlp.common import Identity, Place, RefusedError, Tally, enum, instant
from jollyscope.receive.otlp.values import attributes_of, tagged

__all__ = ["TEMPORALITIES", "read_metrics"]

TEMPORALITIES = {1: "delta", 2: "cumulative"}
_NAMES = {f"AGGREGATION_TEMPORALITY_{name.upper()}": n for n, name in TEMPORALITIES.items()}


def read_metrics(groups: Any, place: Place, tally: Tally, identity: Identity) -> None:
    """The data points of some `scope_metrics` as records, into `tally`."""
    for group in groups:
        place.enter(group)
        for metric in group.metrics:
            kind = metric.WhichOneof("data")
            if kind is None:
                continue
            fields, extras = _fields(metric, kind)
            weight = place.weight + len(msgspec.json.encode((fields, extras)))
            for point in getattr(metric, kind).data_points:
                try:
                    tally.charge(weight)
                    record = _record(point, kind, place, fields, extras)
                except RefusedError as error:
                    tally.refuse(error)
                    continue
                record.record_id = identity.of(record)
                session = record.attributes.get("session.id")
                record.session_id = session if isinstance(session, str) else None
                record.service = place.service
                tally.records.append(record)


def _fields(metric: Any, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the points of a metric share: record fields, and what goes to `distribution`."""
    fields: dict[str, Any] = {
        "name": metric.name,
        "type": kind,
        "unit": metric.unit or None,
        "description": metric.description or None,
    }
    extras: dict[str, Any] = {}
    data = getattr(metric, kind)
    if kind == "sum":
        fields["monotonic"] = data.is_monotonic
    if kind not in ("gauge", "summary"):
        number = enum(data.aggregation_temporality, _NAMES)
        fields["temporality"] = TEMPORALITIES.get(number)
        if number and number not in TEMPORALITIES:
            extras["temporality"] = number
    if metadata := metric.metadata:
        extras["metadata"] = attributes_of(metadata)
    return fields, extras


def _record(
    point: Any, kind: str, place: Place, fields: dict[str, Any], extras: dict[str, Any]
) -> MetricRecord:
    record = MetricRecord(
        record_id="",
        time=instant(point.time_unix_nano, "the time of a data point"),
        start_time=instant(point.start_time_unix_nano, "the start time of a data point") or None,
        attributes=attributes_of(point.attributes),
        resource=place.resource,
        scope=place.scope,
        distribution=dict(extras),
        **fields,
    )
    made = record.distribution
    if point.flags:
        made["flags"] = point.flags
    if kind == "summary":
        _summary(point, made)
        return record
    if kind in ("gauge", "sum"):
        record.value = _number(point, made)
    else:
        _histogram(point, made)
        if kind == "histogram":
            made["buckets"] = [_count(count) for count in point.bucket_counts]
            made["bounds"] = [tagged(bound) for bound in point.explicit_bounds]
        else:
            _exponential(point, made)
    if exemplars := point.exemplars:
        made["exemplars"] = [_exemplar(exemplar, place) for exemplar in exemplars]
    return record


def _number(point: Any, made: dict[str, Any]) -> float | None:
    """A point's value, with what a float cannot say put into `made`."""
    kind = point.WhichOneof("value")
    if kind == "as_int":
        made["int"] = point.as_int
        return float(point.as_int)
    if kind is None:
        return None
    if math.isfinite(point.as_double):
        return point.as_double
    made["value"] = tagged(point.as_double)
    return None


def _exemplar(exemplar: Any, place: Place) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if (value := _number(exemplar, made)) is not None and "int" not in made:
        made["value"] = value
    entries: dict[str, Any] = {
        "time": _count(exemplar.time_unix_nano),
        "trace_id": place.ids(exemplar.trace_id),
        "span_id": place.ids(exemplar.span_id),
        "attributes": attributes_of(exemplar.filtered_attributes),
    }
    made.update({key: value for key, value in entries.items() if value})
    return made


def _histogram(point: Any, made: dict[str, Any]) -> None:
    made["count"] = _count(point.count)
    for name in ("sum", "min", "max"):
        if point.HasField(name):
            made[name] = tagged(getattr(point, name))


def _exponential(point: Any, made: dict[str, Any]) -> None:
    made["scale"] = point.scale
    made["zero_count"] = _count(point.zero_count)
    made["zero_threshold"] = tagged(point.zero_threshold)
    for name in ("positive", "negative"):
        if point.HasField(name):
            side = getattr(point, name)
            counts = [_count(count) for count in side.bucket_counts]
            made[name] = {"offset": side.offset, "buckets": counts}


def _summary(point: Any, made: dict[str, Any]) -> None:
    made["count"] = _count(point.count)
    made["sum"] = tagged(point.sum)
    made["quantiles"] = [
        {"quantile": tagged(at.quantile), "value": tagged(at.value)} for at in point.quantile_values
    ]


def _count(value: int) -> int:
    if not 0 <= value < 2**64:
        raise RefusedError("a count is not an unsigned 64-bit integer")
    return value
