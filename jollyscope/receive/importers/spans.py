"""Spans as JSON objects: Phoenix (OpenInference) exports and the OpenTelemetry SDK's own `to_json`.

- OpenTelemetry's console exporter: `context`, `parent_id`, ISO times, `status.status_code`.
- Phoenix's API and `to_json` of its spans: the same with `status_code` and `span_kind` beside it,
  attributes nested or with dots in their names.
- Phoenix's DataFrames written as JSON (`orient="records"`): a key a column, `context.trace_id`,
  `attributes.llm.model_name`; empty columns are null, times ISO or milliseconds.

Nested attributes are flattened as OpenInference does it: `llm.input_messages.0.message.role`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from jollyscope.model.records import Kind, Record, SpanEvent, SpanLink, SpanRecord, Status
from jollyscope.receive.importers.form import Fit, Format, event, finish, ids
from jollyscope.receive.importers.scan import Piece
from jollyscope.receive.importers.values import (
    decoded,
    digest,
    hex_id,
    items,
    mapping,
    nanos,
    parsed,
    text,
)  # fmt: skip

__all__ = ["Spans"]

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_STATUS: dict[str, Status] = {"OK": "ok", "ERROR": "error", "UNSET": "unset"}
_DEEPEST = 16


def _is_span(value: Any) -> bool:
    found = mapping(value)
    context = mapping(parsed(found.get("context")))
    return "trace_id" in context or "context.trace_id" in found


class Spans(Format):
    """One object a span, with its `context`."""

    name = "spans"
    title = "span JSON (Phoenix, OpenTelemetry SDK)"

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        if _is_span(value):
            return Fit()
        listed = items(value)
        if listed and _is_span(listed[0]):
            return Fit(("[]",))
        for key in ("data", "spans"):
            listed = items(mapping(value).get(key))
            if listed and _is_span(listed[0]):
                return Fit((f"{key}.[]",))
        return None

    def take(self, piece: Piece) -> Iterator[Record]:
        row = mapping(decoded(piece))
        context = mapping(parsed(row.get("context"))) or _below(row, "context.")
        trace, own = context.get("trace_id"), context.get("span_id")
        if not text(trace) or not text(own):
            self.refuse(piece, "a span has no context with trace_id and span_id")
            return
        start = nanos(row.get("start_time"))
        if start is None:
            self.refuse(piece, "a span has no start_time")
            return
        yield _record(row, context, start)


def _record(row: dict[str, Any], context: dict[str, Any], start: int) -> SpanRecord:
    given = parsed(row.get("attributes"))
    attributes = dict(flattened(mapping(given) if given else _below(row, "attributes.")))
    kind = text(row.get("span_kind"))
    if kind and kind.upper() != "UNKNOWN":
        attributes.setdefault("openinference.span.kind", kind)
    trace, own = context["trace_id"], context["span_id"]
    trace_id, span_id = ids(trace, own, (hex_id(trace, 16), hex_id(own, 8)), attributes)
    status, message = _status(row)
    resource = mapping(parsed(row.get("resource")))
    record = SpanRecord(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=_parent(row, trace),
        name=text(row.get("name")) or "",
        kind=_kind(row.get("kind")),
        start_time=0,
        status=status,
        events=[_event(mapping(found)) for found in items(parsed(row.get("events")))],
        links=_links(row),
    )
    end = nanos(row.get("end_time"))
    if end is None:
        record.state = "open"
    attached = dict(mapping(resource.get("attributes")) or resource)
    if text(resource.get("schema_url")):
        attached["@schema_url"] = resource["schema_url"]
    scope = dict(mapping(row.get("instrumentation_scope") or row.get("scope")))
    scope["status_message"] = message
    state = context.get("trace_state")
    scope["trace_state"] = state if isinstance(state, str) and state != "[]" else None
    return finish(
        record, attributes=attributes, resource=attached, scope=scope, start=start, end=end
    )


def _below(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The columns under a prefix, without those that are empty."""
    return {
        key.removeprefix(prefix): value
        for key, value in row.items()
        if key.startswith(prefix) and value is not None
    }


def flattened(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Nested attributes under dotted names; lists of plain values stay lists."""
    yield from _flat(value, "", 0)


def _flat(value: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    parts: Any = None
    if isinstance(value, dict):
        parts = mapping(value).items()
    elif any(isinstance(item, dict) for item in items(value)):
        parts = enumerate(items(value))
    if parts is None or depth > _DEEPEST or (name and not value):
        if value is not None:
            yield name, value
        return
    for key, item in parts:
        yield from _flat(item, f"{name}.{key}" if name else str(key), depth + 1)


def _parent(row: dict[str, Any], trace: Any) -> str | None:
    above = row.get("parent_id")
    if not text(above):
        return None
    found = hex_id(above, 8)
    empty = isinstance(above, str) and not above.removeprefix("0x").strip("0")
    return found or (None if empty else digest(8, "span", trace, above))


def _kind(value: Any) -> Kind:
    found = str(value).removeprefix("SpanKind.").lower()
    return _KINDS.get(found, "internal")


def _status(row: dict[str, Any]) -> tuple[Status, str | None]:
    status = mapping(row.get("status"))
    code = row.get("status_code") or status.get("status_code") or status.get("code")
    message = row.get("status_message") or status.get("description") or status.get("message")
    return _STATUS.get(str(code).removeprefix("StatusCode.").upper(), "unset"), text(message)


def _event(found: dict[str, Any]) -> SpanEvent:
    moment = nanos(found.get("timestamp", found.get("time")))
    return event(text(found.get("name")) or "", moment, dict(mapping(found.get("attributes"))))


def _links(row: dict[str, Any]) -> list[SpanLink]:
    made: list[SpanLink] = []
    for link in map(mapping, items(parsed(row.get("links")))):
        context = mapping(link.get("context"))
        trace_id, span_id = hex_id(context.get("trace_id"), 16), hex_id(context.get("span_id"), 8)
        if trace_id and span_id:
            attached = event("", 0, dict(mapping(link.get("attributes")))).attributes
            made.append(SpanLink(trace_id=trace_id, span_id=span_id, attributes=attached))
    return made
