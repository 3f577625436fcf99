"""One record of a stream, and what a line says of it."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any, NamedTuple

from jollyscope.model.messages import Conversation
from jollyscope.model.records import EventRecord, MetricRecord, Record, RecordKind, SpanRecord
from jollyscope.model.steps import content, error_text, first_line, glyph
from jollyscope.model.wire import InvalidRecordError, decode
from jollyscope.semconv.messages import conversation, messages_of
from jollyscope.semconv.said import question
from jollyscope.transport.following import Heard

__all__ = ["Item", "Row"]

_TEXT = 200
"""Characters of the first words; a line of a wide terminal shows fewer."""


class Row(NamedTuple):
    """What a line says. Texts are on one line, not cut to any width; what is not known is empty."""

    time: int
    """Unix ns: when it ended, of what runs when it began."""
    session: str
    sign: str
    style: str
    """The step's type, or `error`, `running`, `interrupted`, `event`, `metric`."""
    name: str
    of: str
    """The tool, where it is not the name, or the model; of other records the service."""
    duration_ms: float | None
    tokens: int | None
    text: str
    """The error, or the first words of what the step is about."""


class Item:
    """A record as heard; it is decoded when it is asked for."""

    def __init__(self, heard: Heard) -> None:
        self.kind: RecordKind = heard.kind
        self.line = heard.line
        self.written = heard.written

    @cached_property
    def record(self) -> Record | None:
        """The record, or None where the line is none."""
        try:
            return decode(self.line, self.kind)
        except InvalidRecordError:
            return None

    @property
    def running(self) -> bool:
        """Whether it says that a step has begun."""
        record = self.record
        return isinstance(record, SpanRecord) and record.state == "open"

    @property
    def key(self) -> tuple[str, str] | None:
        """Trace and span of a span: equal for the record of its start and that of its end."""
        record = self.record
        return (record.trace_id, record.span_id) if isinstance(record, SpanRecord) else None

    @cached_property
    def row(self) -> Row:
        """What its line says; of what is no record the line itself."""
        record = self.record
        if isinstance(record, SpanRecord):
            return _of_span(record)
        if isinstance(record, EventRecord):
            return _of_event(record)
        if isinstance(record, MetricRecord):
            return _of_metric(record)
        text = first_line(self.line[: _TEXT * 4].decode(errors="replace"), _TEXT)
        return Row(self.written, "", "?", "missing", "no record", "", None, None, text)


def _of_span(span: SpanRecord) -> Row:
    spent = [n for n in (span.input_tokens, span.output_tokens) if n is not None]
    style = {"open": "running", "interrupted": "interrupted"}.get(span.state, span.step_type)
    named = span.name or span.tool_name or ""
    step = span.step_type
    # A name that says the step already says it once.
    name = named if step == "other" or named.startswith(step) else f"{step} {named}"
    return Row(
        span.end_time if span.end_time is not None else span.start_time,
        span.session_id or "",
        glyph(span),
        "error" if span.status == "error" else style,
        first_line(name),
        first_line(_of(span, name)),
        span.duration_ms,
        sum(spent) if spent else None,
        first_line(error_text(span) or _about(span), _TEXT),
    )


def _of(span: SpanRecord, name: str) -> str:
    """The tool, where the name does not say it already, else the model."""
    if span.tool_name and not name.endswith(span.tool_name):
        return span.tool_name
    return span.model or ""


def _about(span: SpanRecord) -> str:
    """What the step is about. A thought that has not said anything is about what it was told last, not
    about the whole conversation as JSON, which begins alike every time.
    """
    if span.step_type == "think" and span.output is None:
        told = conversation(span.attributes, span.events) or Conversation(
            input=messages_of(span.input)
        )
        return question(told) or span.input or ""
    return content(span) or ""


SEVERE = 17
"""From here on OpenTelemetry's severity is an error."""


def _of_event(event: EventRecord) -> Row:
    severe = event.severity_number >= SEVERE
    name = event.name or event.severity or event.type
    sign = "!" if severe or event.type == "alert" else "·"
    style = "error" if severe else "event"
    text = first_line(body_text(event.body), _TEXT)
    return Row(event.time, event.session_id or "", sign, style, first_line(name),
               event.service or "", None, None, text)  # fmt: skip


def body_text(body: Any) -> str:
    """An event's body as text; what is no text is JSON."""
    if body is None:
        return ""
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)


def _of_metric(sample: MetricRecord) -> Row:
    unit = f" {sample.unit}" if sample.unit else ""
    text = "" if sample.value is None else f"{sample.value:g}{unit}"
    return Row(sample.time, sample.session_id or "", "~", "metric", first_line(sample.name),
               sample.service or "", None, None, text)  # fmt: skip
