"""Why a span failed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from jollyscope.model.records import SpanEvent, SpanRecord
from jollyscope.semconv import explain, interpret

RAISED = {
    "exception.type": "TimeoutError",
    "exception.message": "took too long",
    "exception.stacktrace": "Traceback …",
}


def failed(attributes: dict[str, Any] | None = None, **more: Any) -> SpanRecord:
    return SpanRecord(
        trace_id="1" * 32,
        span_id="2" * 16,
        start_time=1,
        status=more.pop("status", "error"),
        attributes=attributes or {},
        **more,
    )


def told(record: SpanRecord) -> tuple[str | None, str | None, str | None]:
    interpret(record)
    return record.error_type, record.error_message, record.stack_trace


def test_the_last_exception_tells():
    events = [
        SpanEvent(name="exception", attributes={"exception.type": "ValueError"}),
        SpanEvent(name="retry"),
        SpanEvent(name="exception", attributes=RAISED),
        SpanEvent(name="end"),
    ]
    record = failed({"error.type": "timeout"}, events=events, scope={"status_message": "failed"})
    assert told(record) == ("TimeoutError", "took too long", "Traceback …")


@pytest.mark.parametrize(
    ("attributes", "more", "expected"),
    [
        ({"error.type": "timeout"}, {}, ("timeout", None, None)),
        ({"error.type": "500"}, {"scope": {"status_message": "no"}}, ("500", "no", None)),
        ({}, {"error_message": "said already"}, (None, "said already", None)),
        ({"error.message": "attribute"}, {"scope": {"status_message": "status"}},
         (None, "status", None)),
        ({"error.type": "_OTHER", "error.message": "why"}, {}, ("_OTHER", "why", None)),
        ({"error.type": "_OTHER", "exception.type": "E"}, {}, ("E", None, None)),
        (RAISED, {}, ("TimeoutError", "took too long", "Traceback …")),
        ({"langfuse.observation.level": "ERROR", "langfuse.observation.status_message": "bad"},
         {"status": "unset"}, (None, "bad", None)),
        ({"error.type": "timeout"}, {"status": "ok"}, (None, None, None)),
        ({"error.type": {"@bytes": "AA=="}}, {}, (None, None, None)),
    ],
)  # fmt: skip
def test_without_an_exception_the_attributes_and_the_status_tell(
    attributes: dict[str, Any], more: dict[str, Any], expected: tuple[str | None, ...]
):
    assert told(failed(attributes, **more)) == expected


def test_a_scope_that_is_encoded_already_says_nothing():
    record = failed({"error.type": "timeout"})
    record.scope = msgspec.Raw(b"{}")  # type: ignore[assignment] - as the SDK shares it
    explain(record)
    assert record.error_type == "timeout"
