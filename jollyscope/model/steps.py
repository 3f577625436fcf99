"""Spans seen as steps of the ReAct loop: their glyphs, their one-line text, their strip."""

from __future__ import annotations

from collections.abc import Iterable

from jollyscope.model.records import SpanRecord, StepType

__all__ = ["GLYPH", "content", "error_text", "glyph", "label", "strip"]

GLYPH: dict[StepType, str] = {
    "user_input": "▸",
    "think": "◆",
    "act": "●",
    "observe": "○",
    "response": "✔",
    "other": "·",
}
"""One cell wide each; shape tells them apart without colour."""

FAILED, RUNNING, INTERRUPTED = "✖", "◐", "↯"


def glyph(span: SpanRecord) -> str:
    """The step's sign; an error, a running and an interrupted span have their own."""
    if span.state == "open":
        return RUNNING
    if span.state == "interrupted":
        return INTERRUPTED
    return FAILED if span.status == "error" else GLYPH[span.step_type]


def content(span: SpanRecord) -> str | None:
    """What the step is about: what came in for input and act, what came out for the rest."""
    if span.step_type in ("user_input", "act"):
        return span.input if span.input is not None else span.output
    return span.output if span.output is not None else span.input


def error_text(span: SpanRecord) -> str | None:
    """`TimeoutError: took too long`, or None when the span did not fail."""
    if span.status != "error":
        return None
    return ": ".join(part for part in (span.error_type, span.error_message) if part) or "error"


def label(span: SpanRecord) -> str:
    """What a tree row says after the glyph, on one line: step, name and the gist.

    Not cut to any width; the drawer cuts by cells.
    """
    gist = error_text(span) or content(span) or ""
    head = span.name or span.tool_name or span.step_type
    if span.step_type == "user_input" and span.input:
        head, gist = first_line(span.input), error_text(span) or ""
    elif span.step_type == "act" and span.tool_name:
        head = f"act {span.tool_name}"
    elif span.step_type not in ("other", head) and not head.startswith(span.step_type):
        head = f"{span.step_type} {head}"
    return f"{first_line(head)}  {first_line(gist)}".rstrip()


def first_line(text: str, limit: int = 400) -> str:
    """The text on one line: white space folded, at most `limit` characters."""
    return " ".join(text.lstrip()[: limit * 2].split())[:limit]


def strip(spans: Iterable[SpanRecord], limit: int = 24) -> str:
    """A run as a strip of glyphs in time order (`▸◆●○✔`), steps only, `…` where cut."""
    steps = [s for s in spans if s.step_type != "other" or s.status == "error"]
    steps.sort(key=lambda s: (s.start_time, s.span_id))
    marks = "".join(glyph(step) for step in steps[:limit])
    return marks + ("…" if len(steps) > limit else "")
