"""What the senders print of their spans, for tests to compare with what is stored."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.trace import ReadableSpan


def plain(span: ReadableSpan) -> dict[str, Any]:
    """All that a span says, as JSON has it."""
    return {
        "id": f"{span.context.span_id:016x}", "trace": f"{span.context.trace_id:032x}",
        "parent": span.parent and f"{span.parent.span_id:016x}", "name": span.name,
        "start": span.start_time, "end": span.end_time, "attributes": dict(span.attributes or {}),
        "status": span.status.status_code.name.lower(), "message": span.status.description,
        "kind": span.kind.name.lower(),
        "events": [[e.name, e.timestamp, dict(e.attributes or {})] for e in span.events],
        "links": [
            [f"{k.context.trace_id:032x}", f"{k.context.span_id:016x}", dict(k.attributes or {})]
            for k in span.links
        ],
        "resource": dict(span.resource.attributes),
        "scope": [span.instrumentation_scope.name, span.instrumentation_scope.version],
    }  # fmt: skip
