"""OTLP spans to span records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from jollyscope.model.records import Kind, SpanEvent, SpanLink, SpanRecord, Status
from jollyscope.receive.otlp.common import LATEST, Place, RefusedError, Tally, enum, instant
from jollyscope.receive.otlp.values import attributes_of
from jollyscope.semconv import interpret

__all__ = ["KINDS", "STATUSES", "derived_texts", "read_spans"]

KINDS: dict[int, Kind] = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
STATUSES: dict[int, Status] = {0: "unset", 1: "ok", 2: "error"}
_KIND_NAMES = {f"SPAN_KIND_{kind.upper()}": number for number, kind in KINDS.items()}
_STATUS_NAMES = {f"STATUS_CODE_{status.upper()}": number for number, status in STATUSES.items()}
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16


def read_spans(groups: Any, place: Place, tally: Tally) -> None:
    """The spans of some `scope_spans` as records, into `tally`."""
    records = tally.records
    for group in groups:
        place.enter(group)
        scope_name = place.scope_name
        for span in group.spans:
            try:
                tally.charge(place.weight)
                record = _record(span, place)
            except RefusedError as error:
                tally.refuse(error)
            else:
                records.append(interpret(record, scope=scope_name))


def _record(span: Any, place: Place) -> SpanRecord:
    # 50 ns for every field of a protobuf message that is looked at; 130 for a repeated one.
    ids = place.ids
    trace_id, span_id, parent_id = ids(span.trace_id), ids(span.span_id), ids(span.parent_span_id)
    if (
        len(trace_id) != 32
        or len(span_id) != 16
        or trace_id == _NO_TRACE
        or span_id == _NO_SPAN
        or (parent_id and len(parent_id) != 16)
    ):
        raise RefusedError(_bad_id(trace_id, span_id, parent_id))
    start, end = span.start_time_unix_nano, span.end_time_unix_nano
    if not (0 <= start <= LATEST and 0 <= end <= LATEST):
        raise RefusedError("a time is not between 1970 and 2262")
    kind, odd_kind = KINDS.get(span.kind), None
    if kind is None:
        kind, odd_kind = _odd_kind(span.kind)
    told = span.status
    status, message = STATUSES.get(told.code), told.message
    scope = place.flagged(span.flags, odd_kind)
    extras = _extras(span, message, end)
    if status is None:
        status = _odd_status(told.code, extras)
    if parent_id == _NO_SPAN:
        extras["parent_span_id"], parent_id = parent_id, None
    record = SpanRecord(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent_id or None,
        service=place.service,
        name=span.name,
        kind=kind,
        start_time=start,
        end_time=end or start,
        duration_ms=(end - start) / 1e6 if end > start else 0.0,
        status=status,
        error_message=message or None if status == "error" else None,
        attributes=attributes_of(span.attributes),
        resource=place.resource,
        scope={**scope, **extras} if extras else scope,
    )
    if events := span.events:
        record.events = [_event(event) for event in events]
    if links := span.links:
        record.links = [_link(link, ids) for link in links]
    return record


def _extras(span: Any, message: str, end: int) -> dict[str, Any]:
    """What else a span says that the record has no field for."""
    extras: dict[str, Any] = {}
    if state := span.trace_state:
        extras["trace_state"] = state
    if message:
        extras["status_message"] = message
    if not end:
        extras["end_time"] = 0
    if dropped := span.dropped_attributes_count:
        extras["dropped_attributes"] = dropped
    if dropped := span.dropped_events_count:
        extras["dropped_events"] = dropped
    if dropped := span.dropped_links_count:
        extras["dropped_links"] = dropped
    return extras


def _odd_kind(given: int | str) -> tuple[Kind, int | None]:
    number = enum(given, _KIND_NAMES)
    kind = KINDS.get(number)
    return ("internal", number) if kind is None else (kind, None)


def _odd_status(given: int | str, extras: dict[str, Any]) -> Status:
    number = enum(given, _STATUS_NAMES)
    status = STATUSES.get(number)
    if status is None:
        extras["status_code"] = number
        return "unset"
    return status


def _event(event: Any) -> SpanEvent:
    return SpanEvent(
        name=event.name,
        time=instant(event.time_unix_nano, "the time of a span event"),
        attributes=attributes_of(event.attributes),
        dropped_attributes=event.dropped_attributes_count,
    )


def _link(link: Any, ids: Callable[[Any], str]) -> SpanLink:
    return SpanLink(
        trace_id=ids(link.trace_id),
        span_id=ids(link.span_id),
        trace_state=link.trace_state,
        attributes=attributes_of(link.attributes),
        dropped_attributes=link.dropped_attributes_count,
        flags=link.flags,
    )


def _bad_id(trace_id: str, span_id: str, parent_id: str) -> str:
    if len(trace_id) != 32:
        return f"trace_id is {len(trace_id) // 2} bytes long, not 16"
    if len(span_id) != 16:
        return f"span_id is {len(span_id) // 2} bytes long, not 8"
    if trace_id == _NO_TRACE:
        return "trace_id is all zeros"
    if span_id == _NO_SPAN:
        return "span_id is all zeros"
    return f"parent_span_id is {len(parent_id) // 2} bytes long, not 8"


def derived_texts(record: SpanRecord, scope_name: str) -> tuple[str | None, str | None]:
    """Input and output of `record` as far as its attributes, as they stand, say them."""
    attributes = dict(record.attributes)
    bare = msgspec.structs.replace(record, attributes=attributes, input=None, output=None)
    interpret(bare, scope=scope_name)
    return bare.input, bare.output
