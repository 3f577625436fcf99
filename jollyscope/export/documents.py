"""Traces as JSON documents, as JSON lines of records, and as OTLP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

import msgspec

from jollyscope.export.forms import Out, Traced
from jollyscope.export.otlp import write_otlp
from jollyscope.model.document import execution_document
from jollyscope.model.records import EventRecord, SpanRecord
from jollyscope.model.wire import encode
from jollyscope.store.state import Annotation

__all__ = ["LABEL", "NOTE", "write_documents", "write_otlp_document", "write_records"]

LABEL, NOTE = "jollyscope.label", "jollyscope.note"
"""Names of events in JSON lines and of attributes in OTLP."""


def write_documents(traces: Iterable[Traced], out: Out) -> None:
    """The document of one trace, an array of those of several, an empty array of none."""
    first: bytes | None = None
    many = False
    for trace in traces:
        document = msgspec.json.encode(execution_document(trace.spans, trace.annotations))
        if first is None:
            first = document
            continue
        if not many:
            out.write(b"[" + first)
            many = True
        out.write(b",\n" + document)
    out.write(b"]\n" if many else (first or b"[]") + b"\n")


def write_records(traces: Iterable[Traced], out: Out) -> None:
    """A span record a line; behind a trace's spans an event for each label and note."""
    for trace in traces:
        for span in trace.spans:
            out.write(encode(span) + b"\n")
        for one in trace.annotations:
            out.write(encode(_event(one)) + b"\n")


def _event(one: Annotation) -> EventRecord:
    return EventRecord(
        record_id=one.id,
        time=one.time,
        type="audit",
        name=_name(one),
        body=one.text,
        trace_id=one.trace_id,
        span_id=one.span_id,
        attributes={"author": one.author} if one.author else {},
    )


def write_otlp_document(traces: Iterable[Traced], out: Out) -> None:
    """One `TracesData`. Labels and notes are attributes of their span, those of a trace of its root:
    lists of texts.
    """
    spans = (span for trace in traces for span in _annotated(trace))
    write_otlp(spans, cast("BinaryIO", out))


def _annotated(trace: Traced) -> Iterator[SpanRecord]:
    if not trace.annotations:
        yield from trace.spans
        return
    root = next((s for s in trace.spans if s.parent_span_id is None), trace.spans[0])
    added: dict[str, dict[str, Any]] = {}
    for one in trace.annotations:
        on = added.setdefault(one.span_id or root.span_id, {})
        on.setdefault(_name(one), []).append(one.text)
    for span in trace.spans:
        more = added.get(span.span_id)
        yield msgspec.structs.replace(span, attributes=span.attributes | more) if more else span


def _name(one: Annotation) -> str:
    return LABEL if one.kind == "label" else NOTE
