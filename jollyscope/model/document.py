"""The JSON document of one execution, as `show --json` prints it and exports write it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import content
from jollyscope.model.tree import settle

__all__ = ["execution_document", "iso"]


class Said(Protocol):
    """A label or a note (`store.state.Annotation`): this layer lies below the store's."""

    @property
    def span_id(self) -> str | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def time(self) -> int: ...


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(nanos: int) -> str:
    """Unix ns as ISO 8601 in UTC with microseconds, `2026-11-20T14:03:11.000250Z`."""
    moment = _EPOCH + timedelta(microseconds=nanos // 1000)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def execution_document(
    spans: Iterable[SpanRecord], annotations: Iterable[Said] = ()
) -> dict[str, Any]:
    """The document of one trace's spans. `start_time` and `end_time` are ISO 8601, `end_time` and
    `duration_ms` null while a span runs; `status` is `error` or `success`. `annotations`, where there
    are any, has labels and notes; `span_id` is null of those on the trace as a whole.
    """
    ordered = sorted(settle(spans).values(), key=lambda s: (s.start_time, s.span_id))
    document: dict[str, Any] = {
        "session_id": _first(ordered, "session_id"),
        "conversation_id": _first(ordered, "conversation_id"),
        "user_id": _first(ordered, "user_id"),
        "timestamp": iso(ordered[0].start_time) if ordered else None,
        "spans": [_span(span) for span in ordered],
    }
    added = [_annotation(one) for one in annotations]
    return document | {"annotations": added} if added else document


def _annotation(one: Said) -> dict[str, Any]:
    return {
        "span_id": one.span_id,
        "kind": one.kind,
        "text": one.text,
        "author": one.author,
        "time": iso(one.time),
    }


def _first(spans: list[SpanRecord], field: str) -> Any:
    return next((value for s in spans if (value := getattr(s, field)) is not None), None)


def _span(span: SpanRecord) -> dict[str, Any]:
    return {
        "span_id": span.span_id,
        "parent_span_id": span.parent_span_id,
        "name": span.name,
        "start_time": iso(span.start_time),
        "end_time": None if span.end_time is None else iso(span.end_time),
        "duration_ms": span.duration_ms,
        "attributes": {
            "step_type": span.step_type,
            "content": content(span),
            "tool_name": span.tool_name,
            "status": "error" if span.status == "error" else "success",
            "error_message": span.error_message,
        },
    }
