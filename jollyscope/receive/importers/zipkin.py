"""Zipkin's JSON, version 2 (https://zipkin.io/zipkin-api/): arrays of spans, arrays of traces, or a span
a line.

Annotations become events, the local endpoint's name the service. Zipkin lets client and server share one
span id: the server's half (`shared`) becomes a span of its own below the client's, and what it called goes
with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jollyscope.model.records import Kind, Record, SpanRecord, Status
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

__all__ = ["Zipkin"]

_KINDS: dict[str, Kind] = {
    "CLIENT": "client",
    "SERVER": "server",
    "PRODUCER": "producer",
    "CONSUMER": "consumer",
}


def _is_span(value: Any) -> bool:
    found = mapping(value)
    if "traceId" not in found or "id" not in found:
        return False
    return "startTime" not in found and "type" not in found


class Zipkin(Format):
    """Spans of Zipkin's second model."""

    name = "zipkin"
    title = "Zipkin v2 JSON"

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        if _is_span(value):
            return Fit(("",), ("",))
        listed = items(value)
        if listed and _is_span(listed[0]):
            return Fit(("[]",), ("[]",))
        inner = items(listed[0]) if listed else []
        return Fit(("[].[]",), ("[].[]",)) if inner and _is_span(inner[0]) else None

    def __init__(self, fit: Fit) -> None:
        super().__init__(fit)
        self._shared: dict[tuple[str, str], tuple[str | None, str]] = {}

    def look(self, piece: Piece) -> None:
        if b'"shared"' not in piece.raw:
            return
        span = mapping(decoded(piece))
        trace_id, span_id = padded(span.get("traceId"), 16), padded(span.get("id"), 8)
        if span.get("shared") is True and trace_id and span_id:
            half = digest(8, "shared", trace_id, span_id)
            self._shared[trace_id, span_id] = _service(span), half

    def take(self, piece: Piece) -> Iterator[Record]:
        span = mapping(decoded(piece))
        if not text(span.get("traceId")) or not text(span.get("id")):
            self.refuse(piece, "a span has no traceId or no id")
            return
        yield self._record(span)

    def _record(self, span: dict[str, Any]) -> SpanRecord:
        attributes = dict(mapping(span.get("tags")))
        trace, own = span["traceId"], span["id"]
        trace_id, span_id = ids(trace, own, (padded(trace, 16), padded(own, 8)), attributes)
        span_id, parent = self._placed(span, trace_id, span_id)
        status, message = _status(attributes)
        attributes |= _addresses(span)
        start = _micros(span.get("timestamp"))
        record = SpanRecord(
            trace_id=trace_id,
            span_id=span_id,
            parent_span_id=parent,
            name=text(span.get("name")) or "",
            kind=_KINDS.get(str(span.get("kind")), "internal"),
            start_time=0,
            status=status,
            events=[
                event(str(note.get("value", "")), _micros(note.get("timestamp")), {})
                for note in map(mapping, items(span.get("annotations")))
            ],
        )
        service = _service(span)
        return finish(
            record,
            attributes=attributes,
            resource={"service.name": service} if service else {},
            scope=scope_of(attributes, message),
            start=start,
            end=start + max(0, _micros(span.get("duration"))),
        )

    def _placed(self, span: dict[str, Any], trace_id: str, span_id: str) -> tuple[str, str | None]:
        """The span's id and its parent's, with halves that share an id told apart."""
        above = span.get("parentId")
        parent = padded(above, 8)
        if parent is None and text(above) and str(above).strip("0"):
            parent = digest(8, "span", span["traceId"], above)
        half = self._shared.get((trace_id, span_id))
        if half is not None and span.get("shared") is True:
            return half[1], span_id
        server = self._shared.get((trace_id, parent or ""))
        if server is not None and server[0] == _service(span):
            # What the server did is below its half, what the client did below the client's.
            return span_id, server[1]
        return span_id, parent


def _status(attributes: dict[str, Any]) -> tuple[Status, str | None]:
    """Zipkin's `error` tag, which holds the message, or what OpenTelemetry's exporters write."""
    error = attributes.get("error")
    if error is not None and error != "false":
        return "error", error if isinstance(error, str) and error != "true" else None
    return "ok" if attributes.get("otel.status_code") == "OK" else "unset", None


def _service(span: dict[str, Any]) -> str | None:
    return text(mapping(span.get("localEndpoint")).get("serviceName"))


_NET = {"ipv4": "ip", "ipv6": "ip", "port": "port"}


def _addresses(span: dict[str, Any]) -> dict[str, Any]:
    """Both endpoints, as OpenTelemetry called them when Zipkin's were mapped (`net.peer.port`)."""
    made: dict[str, Any] = {}
    remote = mapping(span.get("remoteEndpoint"))
    for where, endpoint in (("host", mapping(span.get("localEndpoint"))), ("peer", remote)):
        for key, word in _NET.items():
            if endpoint.get(key):
                made[f"net.{where}.{word}"] = endpoint[key]
    if remote.get("serviceName"):
        made["peer.service"] = remote["serviceName"]
    return made


def _micros(value: Any) -> int:
    found = whole(value)
    return (round(number(value) or 0) if found is None else found) * 1000
