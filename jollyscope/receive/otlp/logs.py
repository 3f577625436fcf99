"""OTLP log records to event records."""

from __future__ import annotations

from typing import Any

from jollyscope.model.records import EventRecord
from jollyscope.receive.otlp.common import Identity, Place, RefusedError, Tally, enum, instant
from jollyscope.receive.otlp.values import attributes_of, value_of

__all__ = ["read_logs"]

_SEVERITY_NAMES = {
    f"SEVERITY_NUMBER_{name}{step or ''}": 1 + 4 * level + (step and step - 1)
    for level, name in enumerate(("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"))
    for step in (0, 2, 3, 4)
}


def read_logs(groups: Any, place: Place, tally: Tally, identity: Identity) -> None:
    """The log records of some `scope_logs` as records, into `tally`."""
    for group in groups:
        place.enter(group)
        for log in group.log_records:
            try:
                tally.charge(place.weight)
                record = _record(log, place)
            except RefusedError as error:
                tally.refuse(error)
                continue
            record.record_id = identity.of(record)
            session = record.attributes.get("session.id")
            record.session_id = session if isinstance(session, str) else None
            record.service = place.service
            tally.records.append(record)


def _record(log: Any, place: Place) -> EventRecord:
    time = instant(log.time_unix_nano, "its time")
    observed = instant(log.observed_time_unix_nano, "its observed time")
    severity = enum(log.severity_number, _SEVERITY_NAMES)
    extras: dict[str, Any] = {}
    if not time and observed:
        extras["time"] = 0
    if not 0 <= severity <= 24:
        extras["severity_number"], severity = severity, 0
    if log.flags:
        extras["flags"] = log.flags
    if log.dropped_attributes_count:
        extras["dropped_attributes"] = log.dropped_attributes_count
    # The protocol wants a record with an invalid id taken as one that belongs to no trace.
    trace_id = _id(place.ids(log.trace_id), 32, "trace_id", extras)
    span_id = _id(place.ids(log.span_id), 16, "span_id", extras)
    return EventRecord(
        record_id="",
        time=time or observed,
        observed_time=observed or None,
        name=log.event_name or None,
        severity_number=severity,
        severity=log.severity_text or None,
        body=value_of(log.body),
        trace_id=trace_id,
        span_id=span_id,
        attributes=attributes_of(log.attributes),
        resource=place.resource,
        scope=place.extended(extras),
    )


def _id(given: str, digits: int, name: str, extras: dict[str, Any]) -> str | None:
    if not given:
        return None
    if len(given) != digits or not given.strip("0"):
        extras[name] = given
        return None
    return given
