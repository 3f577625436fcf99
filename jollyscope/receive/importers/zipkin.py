"""Zipkin's JSON, version 2 (https://zipkin.io/zipkin-api/): arrays of spans, arrays of traces, or a span
a line.

Annotations become events, the local endpoint's name the service. Zipkin lets client and server share one
span id: the server's half (`shared`) becomes a span of its own below the client's, and what it called goes
with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jollyscope.model.records import Kind, Record, SpanRecord
from jollyscope.receive.importers.form import Fit, Format, event, finish, ids
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
        parent = padded(span.get("parentId"), 8)
        half = self._shared.get((trace_id, span_id))
        if half is not None and span.get("shared") is True:
            parent, span_id = span_id, half[1]
        elif parent and (above := self._shared.get((trace_id, parent))):
            # What the server did is below its half, what the client did below the client's.
            parent = above[1] if above[0] == _service(span) else parent
        error = attributes.get("error")
        failed = error is not None and error != "false"
        remote = mapping(span.get("remoteEndpoint"))
        attributes |= _endpoint("", mapping(span.get("localEndpoint")))
        attributes |= _endpoint("peer.", remote)
        if remote.get("serviceName"):
            attributes.setdefault("peer.service", remote["serviceName"])
        message = error if failed and isinstance(error, str) and error != "true" else None
        start = _micros(span.get("timestamp"))
        record = SpanRecord(
            trace_id=trace_id,
            span_id=span_id,
            parent_span_id=parent,
            name=text(span.get("name")) or "",
            kind=_KINDS.get(str(span.get("kind")), "internal"),
            start_time=0,
            status="error" if failed else "unset",
            events=[
                event(str(note.get("value", "")), _micros(note.get("timestamp")), {})
                for note in map(mapping, items(span.get("annotations")))
            ],
        )
        scope = {
            "name": attributes.pop("otel.scope.name", None)
            or attributes.pop("otel.library.name", None),
            "version": attributes.pop("otel.scope.version", None)
            or attributes.pop("otel.library.version", None),
            "status_message": message,
        }
        if attributes.get("otel.status_code") == "OK":
            record.status = "ok"
        service = _service(span)
        return finish(
            record,
            attributes=attributes,
            resource={"service.name": service} if service else {},
            scope=scope,
            start=start,
            end=start + max(0, _micros(span.get("duration"))),
        )


def _service(span: dict[str, Any]) -> str | None:
    return text(mapping(span.get("localEndpoint")).get("serviceName"))


_NET = {"ipv4": "ip", "ipv6": "ip", "port": "port"}


def _endpoint(side: str, endpoint: dict[str, Any]) -> dict[str, Any]:
    """Addresses, as OpenTelemetry called them when Zipkin's were mapped (`net.host.ip`, `net.peer.port`)."""
    where = "net.peer." if side else "net.host."
    return {where + word: endpoint[key] for key, word in _NET.items() if endpoint.get(key)}


def _micros(value: Any) -> int:
    found = whole(value)
    return (round(number(value) or 0) if found is None else found) * 1000
