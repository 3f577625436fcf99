"""Why a span failed, from wherever it says so."""

from __future__ import annotations

from typing import Any, cast

from jollyscope.model.records import SpanRecord
from jollyscope.semconv.table import FIELD_ROWS

__all__ = ["ERROR_FIELDS", "explain"]

ERROR_FIELDS = ("error_type", "error_message", "stack_trace")

_LEVEL = "langfuse.observation.level"


def explain(record: SpanRecord) -> None:
    """Fill the error fields of a span that failed.

    The last `exception` event tells first (OpenTelemetry, "Recording exceptions"), then the
    attributes of the table; the status' own message comes before an attribute's. A span that
    did not fail is left alone.
    """
    if record.status != "error" and record.attributes.get(_LEVEL) != "ERROR":
        return
    raised = [event.attributes for event in record.events if event.name == "exception"]
    told = raised[-1] if raised else {}
    record.error_type = _text(told, "exception.type") or _asked(record, "error_type")
    record.error_message = (
        _text(told, "exception.message")
        or record.error_message
        or _text(record.scope, "status_message")
        or _asked(record, "error_message")
    )
    record.stack_trace = _text(told, "exception.stacktrace") or _asked(record, "stack_trace")


def _asked(record: SpanRecord, field: str) -> str | None:
    """The first of the table's attributes that tells, else what the record has already."""
    for row in FIELD_ROWS[field]:
        value = row.rule.read(record.attributes.get(row.name))
        if value is not None:
            return value
    return getattr(record, field)


def _text(told: Any, key: str) -> str | None:
    # A scope that many records share is encoded already (`sdk/convert.py`); it has no message.
    value = cast(dict[str, Any], told).get(key) if isinstance(told, dict) else None
    return value if isinstance(value, str) and value else None
