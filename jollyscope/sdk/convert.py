"""OpenTelemetry spans to span records. Runs in the background thread."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from jollyscope.model.records import Kind, SpanEvent, SpanLink, SpanRecord, State, Status
from jollyscope.sdk.repair import repaired
from jollyscope.sdk.taken import Taken, take_public
from jollyscope.semconv import explain, give_meaning, wire_attributes
from jollyscope.semconv.table import OPERATION, STEP_TYPE

__all__ = ["Converter"]

_KIND: dict[SpanKind, Kind] = {
    SpanKind.INTERNAL: "internal",
    SpanKind.SERVER: "server",
    SpanKind.CLIENT: "client",
    SpanKind.PRODUCER: "producer",
    SpanKind.CONSUMER: "consumer",
}
_STATUS: dict[StatusCode, Status] = {
    StatusCode.UNSET: "unset",
    StatusCode.OK: "ok",
    StatusCode.ERROR: "error",
}
_HAS_REMOTE, _IS_REMOTE = 0x100, 0x200
"""OTLP's `SpanFlags`: whether it is known that the parent is remote, and that it is."""

CpuPercent = Callable[[int, int], float | None]


class Converter:
    """Makes records. One a process; keeps what many spans share already encoded.

    `text` redacts and cuts; `service` overrides the resource's name; `resource` adds attributes
    to the provider's resource where it lacks them.
    """

    def __init__(
        self,
        text: Callable[[str], str],
        *,
        service: str | None = None,
        resource: Mapping[str, Any] | None = None,
    ) -> None:
        self._text = text
        self._service = service
        self._extra = dict(resource or {})
        # By id, with the object kept, so that no other can take the id.
        self._resources: dict[int, tuple[Any, Any, str | None]] = {}
        self._scopes: dict[tuple[int, int], tuple[Any, Any, dict[str, Any]]] = {}

    def forget(self) -> None:
        """In a forked child: process id and resource are others now."""
        self._resources.clear()

    def opened(self, span: ReadableSpan) -> SpanRecord:
        """The record of a span that runs, without events and links."""
        return self._record(take_public(span, events=False), "open", [])

    def closed(
        self, taken: Taken, cpu_percent: CpuPercent | None = None, memory_mb: float | None = None
    ) -> SpanRecord:
        """The record of a span that has ended."""
        _, _, _, _, start, ended, _, _, _, _, events, links, _ = taken
        record = self._record(taken, "closed", [self._event(event) for event in events or ()])
        record.end_time = end = start if ended is None else ended
        record.duration_ms = max(0, end - start) / 1e6
        record.memory_mb = memory_mb
        if cpu_percent is not None:
            record.cpu_percent = cpu_percent(start, end)
        if links:
            record.links = [self._link(link) for link in links]
        if record.status == "error":
            explain(record)
        return record

    def resource(self, resource: Resource) -> tuple[Any, str | None]:
        """A resource as JSON encoded once, and the service's name.

        `msgspec.Raw` in place of a dict: the same bytes as encoding it every time, 2 µs a span less.
        """
        known = self._resources.get(id(resource))
        if known is None:
            if len(self._resources) > 64:
                self._resources.clear()
            own = {"host.name": socket.gethostname(), "process.pid": os.getpid()}
            merged = {**own, **dict(resource.attributes), **self._extra}
            # Repaired here, once: an undecodable OTEL_SERVICE_NAME would cost every span.
            attributes = repaired(wire_attributes(merged, _same))
            if resource.schema_url:
                attributes["@schema_url"] = resource.schema_url
            service = repaired(self._service or attributes.get("service.name"))
            known = resource, msgspec.Raw(msgspec.json.encode(attributes)), service
            self._resources[id(resource)] = known
        return known[1], known[2]

    def _record(self, taken: Taken, state: State, events: list[SpanEvent]) -> SpanRecord:
        name, context, parent, kind, start, _, status, resource, scope, given, _, _, dropped = taken
        attributes = wire_attributes(dict(given), self._text)
        for key in (STEP_TYPE, OPERATION):  # names from a fixed list: no hook's business
            if key in given:
                attributes[key] = given[key]
        fields = give_meaning(
            attributes,
            root=parent is None,
            name=name,
            scope=scope.name if scope is not None else "",
            events=events,
            time=start,
        )
        encoded, service = self.resource(resource)
        description = status.description
        return SpanRecord(
            trace_id=f"{context.trace_id:032x}",
            span_id=f"{context.span_id:016x}",
            parent_span_id=None if parent is None else f"{parent.span_id:016x}",
            service=service,
            name=name,
            kind=_KIND[kind],
            start_time=start,
            state=state,
            status=_STATUS[status.status_code],
            error_message=self._text(description) if description else None,
            attributes=attributes,
            resource=encoded,
            scope=self._scope(scope, context, parent, description, dropped),
            events=events,
            **fields,
        )

    def _scope(
        self, scope: Any, context: Any, parent: Any, description: str | None, dropped: Any
    ) -> Any:
        flags = int(context.trace_flags) | _HAS_REMOTE
        if parent is not None and parent.is_remote:
            flags |= _IS_REMOTE
        shared, plain = self._shared_scope(scope, flags)
        if not (description or dropped or context.trace_state):
            return shared
        extra: dict[str, Any] = dict(plain)
        if context.trace_state:
            extra["trace_state"] = context.trace_state.to_header()
        if description:
            extra["status_message"] = self._text(description)
        for what, count in zip(("attributes", "events", "links"), dropped or (), strict=False):
            if count:
                extra[f"dropped_{what}"] = count
        return extra

    def _shared_scope(self, scope: Any, flags: int) -> tuple[Any, dict[str, Any]]:
        known = self._scopes.get((id(scope), flags))
        if known is None:
            if len(self._scopes) > 1024:
                self._scopes.clear()
            plain: dict[str, Any] = {}
            if scope is not None:
                plain = {"name": scope.name, "version": scope.version}
                plain["schema_url"] = scope.schema_url
                plain["attributes"] = wire_attributes(dict(scope.attributes or {}), _same)
            plain = {key: value for key, value in plain.items() if value}
            plain["flags"] = flags
            known = scope, msgspec.Raw(msgspec.json.encode(plain)), plain
            self._scopes[(id(scope), flags)] = known
        return known[1], known[2]

    def _event(self, event: Any) -> SpanEvent:
        return SpanEvent(
            name=event.name,
            time=event.timestamp,
            attributes=wire_attributes(dict(event.attributes or {}), self._text),
            dropped_attributes=getattr(event, "dropped_attributes", 0),
        )

    def _link(self, link: Any) -> SpanLink:
        return SpanLink(
            trace_id=f"{link.context.trace_id:032x}",
            span_id=f"{link.context.span_id:016x}",
            trace_state=link.context.trace_state.to_header(),
            attributes=wire_attributes(dict(link.attributes or {}), self._text),
            dropped_attributes=getattr(link, "dropped_attributes", 0),
            flags=int(link.context.trace_flags),
        )


def _same(text: str) -> str:
    return text
