"""What a record says in one line of the tail. No Textual."""

from __future__ import annotations

from typing import Any

import msgspec

from jollyscope.model.format import count
from jollyscope.model.records import EventRecord, MetricRecord, Record, RecordKind, SpanRecord
from jollyscope.model.steps import first_line, glyph, label

__all__ = ["TailRow", "row_of"]

_MARKS = 300
"""Characters of a text that a row keeps: more than the widest terminal shows."""
_ERROR = 17
_WARN = 13


class TailRow(msgspec.Struct, gc=False):
    """One record; of a step that goes on, its start, and later its end in the same row."""

    kind: RecordKind
    key: tuple[str, str]
    """What tells it from all others: of a step the ids of trace and span."""
    line: bytes
    """As it was received."""
    time: int
    """Unix ns."""
    sign: str
    style: str
    text: str
    trace_id: str | None = None
    span_id: str | None = None
    session: str = ""
    about: str = ""
    """The model, or the service."""
    duration_ms: float | None = None
    tokens: int | None = None
    running: bool = False
    shown: bool = False
    """Whether it fits the filter that was in force when it came."""
    number: int = 0
    version: int = 0
    """How often it has changed."""

    def take(self, later: TailRow) -> None:
        """Be what `later` says of the same step, in the same place."""
        for name in _FIELDS:
            setattr(self, name, getattr(later, name))
        self.version += 1

    def has(self, needle: str) -> bool:
        """Whether it says `needle` (casefolded) in what a row shows."""
        return any(needle in said.casefold() for said in (self.text, self.session, self.about))


_FIELDS = tuple(
    name for name in TailRow.__struct_fields__ if name not in ("number", "version", "shown")
)


def row_of(record: Record, line: bytes) -> TailRow:
    """The row of a record."""
    if isinstance(record, SpanRecord):
        return _span(record, line)
    return _metric(record, line) if isinstance(record, MetricRecord) else _event(record, line)


def _span(span: SpanRecord, line: bytes) -> TailRow:
    running = span.state == "open"
    failed = span.status == "error"
    known = [number for number in (span.input_tokens, span.output_tokens) if number is not None]
    return TailRow(
        kind="span",
        key=(span.trace_id, span.span_id),
        line=line,
        time=span.start_time,
        sign=glyph(span),
        style="error" if failed else "running" if running else span.step_type,
        text=label(span)[:_MARKS],
        trace_id=span.trace_id,
        span_id=span.span_id,
        session=span.session_id or span.trace_id[:8],
        about=span.model or span.service or "",
        duration_ms=span.duration_ms,
        tokens=sum(known) if known else None,
        running=running,
    )


def _event(event: EventRecord, line: bytes) -> TailRow:
    severe = event.severity_number
    style = "error" if severe >= _ERROR else "warning" if severe >= _WARN else "muted"
    body: Any = event.body
    said = body if isinstance(body, str) else msgspec.json.encode(body).decode() if body else ""
    words = (event.severity or event.type, event.name or "", said)
    return TailRow(
        kind="event",
        key=("event", event.record_id),
        line=line,
        time=event.time,
        sign="!" if severe >= _WARN else "–",
        style=style,
        text=first_line("  ".join(word for word in words if word), _MARKS),
        trace_id=event.trace_id,
        span_id=event.span_id,
        session=event.session_id or (event.trace_id or "")[:8],
        about=event.service or "",
    )


def _metric(metric: MetricRecord, line: bytes) -> TailRow:
    value = metric.value
    if value is None:
        said = f"{count(metric.distribution.get('count'))} measured"
    else:
        said = f"{value:,.4g} {metric.unit or ''}".rstrip()
    return TailRow(
        kind="metric",
        key=("metric", metric.record_id),
        line=line,
        time=metric.time,
        sign="~",
        style="muted",
        text=first_line(f"{metric.name} = {said}", _MARKS),
        trace_id=metric.trace_id,
        span_id=metric.span_id,
        session=metric.session_id or "",
        about=metric.service or "",
    )
