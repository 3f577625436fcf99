"""Stored spans in the form of `spans_as_json.plain`."""

from __future__ import annotations

from typing import Any

from jollyscope.model.records import SpanRecord


def stored(record: SpanRecord) -> dict[str, Any]:
    """What was kept of a span."""
    return {
        "id": record.span_id, "trace": record.trace_id, "parent": record.parent_span_id,
        "name": record.name, "start": record.start_time, "end": record.end_time,
        "attributes": record.attributes, "status": record.status,
        "message": record.scope.get("status_message"), "kind": record.kind,
        "events": [[e.name, e.time, e.attributes] for e in record.events],
        "links": [[k.trace_id, k.span_id, k.attributes] for k in record.links],
        "resource": record.resource, "scope": [record.scope["name"], record.scope["version"]],
    }  # fmt: skip
