"""Jaeger's JSON: what its page saves and its API (`/api/traces`) answers.

Translated as the OpenTelemetry collector does it: tags that OpenTelemetry has fields for become those
fields, logs become events, the first `CHILD_OF` reference within the trace the parent (else the first
other one within it), further references links, the process the resource.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from jollyscope.model.records import Kind, Record, SpanEvent, SpanLink, SpanRecord, Status
from jollyscope.receive.importers.form import Fit, Format, event, finish, ids, scope_of
from jollyscope.receive.importers.scan import Piece
from jollyscope.receive.importers.values import (
    decoded,
    digest,
    items,
    mapping,
    number,
    padded,
    text,
    whole,
)  # fmt: skip

__all__ = ["Jaeger"]

_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_STATUS: dict[str, Status] = {"OK": "ok", "ERROR": "error", "UNSET": "unset"}


def _is_trace(value: Any) -> bool:
    found = mapping(value)
    spans = items(found.get("spans"))
    if spans:
        return _is_span(spans[0])
    return isinstance(found.get("spans"), list) and {"processes", "traceID"} <= found.keys()


def _is_span(value: Any) -> bool:
    found = mapping(value)
    return "traceID" in found and "spanID" in found


class Jaeger(Format):
    """Traces with `spans` and `processes`, alone, in an array or in `data`; spans with their `process`."""

    name = "jaeger"
    title = "Jaeger JSON"

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        if _is_trace(value):
            return _fit("")
        if _is_span(value):
            return Fit()
        data = mapping(value).get("data")
        if isinstance(data, list):
            listed, prefix = items(data), "data.[]."  # pyright: ignore[reportUnknownArgumentType]
            empty = not listed and "total" in value
        else:
            listed, prefix, empty = items(value), "[].", False
        if empty or (listed and _is_trace(listed[0])):
            return _fit(prefix)
        return Fit(("[]",)) if listed and prefix == "[]." and _is_span(listed[0]) else None

    def __init__(self, fit: Fit) -> None:
        super().__init__(fit)
        self._processes: dict[tuple[Any, ...], dict[str, Any]] = {}

    def look(self, piece: Piece) -> None:
        found = mapping(decoded(piece))
        self._processes[(piece.document, *piece.place[:-1])] = {
            key: _resource(mapping(process)) for key, process in found.items()
        }

    def take(self, piece: Piece) -> Iterator[Record]:
        span = mapping(decoded(piece))
        if not span.get("spanID") or not span.get("traceID"):
            self.refuse(piece, "a span has no spanID or no traceID")
            return
        if isinstance(span.get("process"), dict):
            resource = _resource(mapping(span["process"]))
        else:
            processes = self._processes.get((piece.document, *piece.place[:-2]), {})
            resource = processes.get(str(span.get("processID")), {})
        yield _record(span, resource)


def _fit(prefix: str) -> Fit:
    return Fit((f"{prefix}spans.[]",), (f"{prefix}processes",))


def _record(span: dict[str, Any], resource: dict[str, Any]) -> SpanRecord:
    attributes = _tags(span.get("tags"))
    if span.get("warnings"):
        attributes["jaeger.warnings"] = span["warnings"]
    trace, own = span["traceID"], span["spanID"]
    known = padded(trace, 16), padded(own, 8)
    trace_id, span_id = ids(trace, own, known, attributes)
    parent, links = _references(span, trace_id)
    status, message = _status(attributes)
    kind = str(attributes.get("span.kind"))
    if kind in _KINDS:
        del attributes["span.kind"]
    scope = scope_of(attributes, message)
    scope["flags"] = whole(span.get("flags"))
    start = _micros(span.get("startTime"))
    record = SpanRecord(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent,
        name=text(span.get("operationName")) or "",
        kind=_KINDS.get(kind, "internal"),
        start_time=0,
        status=status,
        links=links,
        events=[_event(mapping(log)) for log in items(span.get("logs"))],
    )
    end = start + max(0, _micros(span.get("duration")))
    return finish(
        record, attributes=attributes, resource=resource, scope=scope, start=start, end=end
    )


def _micros(value: Any) -> int:
    found = whole(value)
    if found is None:
        found = round(number(value) or 0)
    return found * 1000


def _tags(tags: Any) -> dict[str, Any]:
    """Attributes with the types that the tags name; a tag that stands there twice counts last."""
    # Elasticsearch may hold tags as an object without types, with `@` for the dots of the names.
    if isinstance(tags, dict):
        return {key.replace("@", "."): value for key, value in mapping(tags).items()}
    found: dict[str, Any] = {}
    for tag in map(mapping, items(tags)):
        key = tag.get("key")
        if isinstance(key, str):
            found[key] = _typed(tag.get("type"), tag.get("value"))
    return found


def _typed(kind: Any, value: Any) -> Any:
    if kind in ("int64", "long"):
        found = whole(value)
        return value if found is None else found
    if kind in ("float64", "double"):
        found = number(value)
        return value if found is None else found
    if kind in ("bool", "boolean") and value in ("true", "false"):
        return value == "true"
    # Jaeger's binary is base64 already, as are bytes on the wire.
    return _Bytes.of(value) if kind == "binary" and isinstance(value, str) else value


class _Bytes:
    @staticmethod
    def of(value: str) -> Any:
        import base64
        import binascii

        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return value


def _status(attributes: dict[str, Any]) -> tuple[Status, str | None]:
    message = attributes.pop("otel.status_description", None)
    told = attributes.get("otel.status_code")
    if isinstance(told, str) and told.upper() in _STATUS:
        del attributes["otel.status_code"]
        status = _STATUS[told.upper()]
        if status == "error" and attributes.get("error") is True:
            del attributes["error"]
        return status, text(message)
    if attributes.get("error") in (True, "true"):
        del attributes["error"]
        return "error", text(message)
    return "unset", text(message)


def _references(span: dict[str, Any], trace_id: str) -> tuple[str | None, list[SpanLink]]:
    found = [mapping(reference) for reference in items(span.get("references"))]
    found.sort(key=lambda reference: reference.get("refType") != "CHILD_OF")
    parent: str | None = None
    links: list[SpanLink] = []
    for reference in found:
        trace, own = reference.get("traceID"), reference.get("spanID")
        at = padded(trace, 16) or digest(16, "trace", trace)
        to = padded(own, 8) or (None if _nothing(own) else digest(8, "span", trace, own))
        if to is None:
            continue
        if parent is None and at == trace_id:
            parent = to
            continue
        kind = str(reference.get("refType", "")).lower()
        links.append(
            SpanLink(
                trace_id=at, span_id=to, attributes={"opentracing.ref_type": kind} if kind else {}
            )
        )
    old = span.get("parentSpanID")
    return (padded(old, 8) if parent is None else parent), links


def _nothing(value: Any) -> bool:
    return not isinstance(value, str) or not value.strip("0")


def _event(log: dict[str, Any]) -> SpanEvent:
    fields = _tags(log.get("fields"))
    name = fields.pop("event", None)
    if not isinstance(name, str):
        if name is not None:
            fields["event"] = name
        name = ""
    return event(name, _micros(log.get("timestamp")), fields)


def _resource(process: dict[str, Any]) -> dict[str, Any]:
    made = _tags(process.get("tags"))
    service = process.get("serviceName")
    return {"service.name": service, **made} if isinstance(service, str) and service else made
