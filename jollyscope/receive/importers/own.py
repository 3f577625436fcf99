"""JollyScope's own files: records as JSON lines, and the document that `show --json` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jollyscope.model.records import Record, RecordKind, SpanRecord
from jollyscope.model.wire import InvalidRecordError, decode
from jollyscope.receive.importers.form import Fit, Format, finish
from jollyscope.receive.importers.scan import Piece
from jollyscope.receive.importers.values import (
    decoded,
    digest,
    hex_id,
    items,
    mapping,
    nanos,
    number,
    text,
)  # fmt: skip

__all__ = ["Documents", "Records"]


def _kind(value: Any) -> RecordKind | None:
    found = mapping(value)
    if "schema" not in found:
        return None
    if "span_id" in found and "start_time" in found and "record_id" not in found:
        return "span"
    if "record_id" not in found or "time" not in found:
        return None
    plain = found.get("type") in (None, "log", "state", "alert", "audit", "file")
    # Both have a type, and leave it out where it is the usual one; what then tells them apart is what
    # a metric measures.
    event = plain and (found.get("type") is not None or not _METRIC & found.keys())
    return "event" if event else "metric"


_METRIC = {"value", "unit", "distribution", "temporality", "monotonic", "description"}


class Records(Format):
    """Records of any kind, as the spool and exports hold them; they go back as they are."""

    name = "jollyscope"
    title = "JollyScope records"

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        if _kind(value):
            return Fit()
        return Fit(("[]",)) if items(value) and _kind(items(value)[0]) else None

    def take(self, piece: Piece) -> Iterator[Record]:
        kind = _kind(decoded(piece))
        try:
            yield decode(piece.raw, kind or "span")
        except InvalidRecordError as error:
            raise piece.unreadable(error.message.rstrip(".")) from None


def _is_document(value: Any) -> bool:
    found = mapping(value)
    return isinstance(found.get("spans"), list) and {"timestamp", "session_id"} <= found.keys()


class Documents(Format):
    """One execution a document. It names no trace, so the trace's id is made from its spans' ids, unless it
    says `trace_id`.
    """

    name = "jollyscope-document"
    title = "JollyScope execution document"

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        if _is_document(value):
            return Fit()
        return Fit(("[]",)) if items(value) and _is_document(items(value)[0]) else None

    def take(self, piece: Piece) -> Iterator[Record]:
        document = mapping(decoded(piece))
        spans = [mapping(span) for span in items(document.get("spans"))]
        names = sorted(str(span.get("span_id")) for span in spans)
        trace_id = hex_id(document.get("trace_id"), 16) or digest(16, "document", names)
        for span in spans:
            span_id, start = hex_id(span.get("span_id"), 8), nanos(span.get("start_time"))
            if span_id is None or start is None:
                self.refuse(piece, "a span has no span_id or no start_time")
                continue
            yield _span(document, span, trace_id, span_id, start)


def _span(
    document: dict[str, Any], span: dict[str, Any], trace_id: str, span_id: str, start: int
) -> SpanRecord:
    said = mapping(span.get("attributes"))
    step, content = text(said.get("step_type")), said.get("content")
    what = "jollyscope.input" if step in ("user_input", "act") else "jollyscope.output"
    failed = said.get("status") == "error"
    record = SpanRecord(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=hex_id(span.get("parent_span_id"), 8),
        name=text(span.get("name")) or "",
        start_time=0,
        status="error" if failed else "unset",
        error_message=text(said.get("error_message")) if failed else None,
    )
    end = nanos(span.get("end_time"))
    length = number(span.get("duration_ms"))
    if end is None:
        record.state = "open"
    attributes = {
        "jollyscope.step.type": step,
        "gen_ai.tool.name": text(said.get("tool_name")),
        what: content if isinstance(content, str) else None,
        "session.id": text(document.get("session_id")),
        "gen_ai.conversation.id": text(document.get("conversation_id")),
        "user.id": text(document.get("user_id")),
    }
    made = finish(record, attributes=attributes, start=start, end=end)
    if length is not None and length >= 0 and made.state == "closed":
        made.duration_ms = length
    return made
