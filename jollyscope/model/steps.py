"""Spans seen as steps of the ReAct loop: which there are, their glyphs, their one-line text."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from jollyscope.model.records import SpanRecord, StepType

__all__ = [
    "GLYPH", "Step", "content", "error_text", "glyph", "label", "seen_twice", "steps_of",
]  # fmt: skip

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


def label(span: SpanRecord, *, observed: bool = False) -> str:
    """What a tree row says after the glyph, on one line: step, name and the gist; of a call that is
    `observed` also what it returned: `act search  {"q": 1} → 3 results`.

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
    if observed and _answered(span) and span.input is not None:
        gist = f"{first_line(gist, 120)} → {first_line(span.output or '')}"
    return f"{first_line(head)}  {first_line(gist)}".rstrip()


def first_line(text: str, limit: int = 400) -> str:
    """The text on one line: white space folded, at most `limit` characters."""
    return " ".join(text.lstrip()[: limit * 2].split())[:limit]


class Step(NamedTuple):
    """One step of a run, at the moment it begins. `time` in Unix ns.

    `derived`: no span of its own stands for it; `span` is the one that it was seen in.
    """

    type: StepType
    time: int
    span: SpanRecord
    derived: bool = False


def steps_of(spans: Iterable[SpanRecord]) -> list[Step]:
    """The ReAct steps of one trace's settled spans, in time order.

    Most libraries record a tool call and what it returned, or a whole run, as one span, so some steps
    are read out of other steps' spans:

    - a call that stands in a span of the same call (two libraries recorded it; at most one other span
      between) is that step and no second one;
    - `observe` begins where an `act` that returned something ends, in traces without `observe` spans;
    - `user_input` begins with the first step where a model was given an input and no span is the
      user's input;
    - `response` begins where the run ends that gave an output, else where the last step ends if that is
      a thought which said something; in traces that are over, did not fail and have no `response` span.
    """
    found = list(spans)
    twice = seen_twice(found)
    types = {span.step_type for span in found}
    own = [s for s in found if s.step_type != "other" and s.span_id not in twice]
    placed = [
        ((s.start_time, s.start_time, s.span_id, 0), Step(s.step_type, s.start_time, s))
        for s in own
    ]
    if "observe" not in types:
        placed += [
            ((s.end_time, s.start_time, s.span_id, 1), Step("observe", s.end_time, s, derived=True))
            for s in own
            if s.step_type == "act" and s.end_time is not None and _answered(s)
        ]
    steps = [step for _, step in sorted(placed, key=itemgetter(0))]
    answer = None if "response" in types else _answer(found, steps)
    asked = any(s.step_type == "think" and s.input is not None for s in own)
    if "user_input" not in types and asked:
        steps.insert(0, Step("user_input", steps[0].time, steps[0].span, derived=True))
    if answer is not None and answer.end_time is not None:
        steps.append(Step("response", answer.end_time, answer, derived=True))
    return steps


def _answered(span: SpanRecord) -> bool:
    return span.output is not None and span.status != "error" and span.state == "closed"


def _answer(spans: list[SpanRecord], steps: list[Step]) -> SpanRecord | None:
    """The span at whose end a response is to be seen."""
    if any(span.state != "closed" for span in spans) or _failed(spans):
        return None
    runs = [s for s in spans if s.step_type == "user_input" and _answered(s)]
    if runs:
        return min(runs, key=lambda s: (s.start_time, s.span_id))
    # The letters of failed spans stand in a strip too, so that nothing follows them unseen.
    last = max(
        [(step.time, step.span.start_time, step.span.span_id, step.derived, step) for step in steps]
        + [(s.start_time, s.start_time, s.span_id, False, None) for s in spans if _is_failure(s)],
        key=itemgetter(0, 1, 2, 3),
        default=None,
    )
    step = last[4] if last else None
    if step is None or step.type != "think" or step.derived or not _answered(step.span):
        return None
    return step.span


def _is_failure(span: SpanRecord) -> bool:
    return span.step_type == "other" and span.status == "error"


def _failed(spans: list[SpanRecord]) -> bool:
    """Whether the trace failed: its earliest root, or without a root any span."""
    roots = [s for s in spans if s.parent_span_id is None]
    if not roots:
        return any(s.status == "error" for s in spans)
    return min(roots, key=lambda s: (s.start_time, s.span_id)).status == "error"


def seen_twice(spans: Iterable[SpanRecord]) -> dict[str, SpanRecord]:
    """Model and tool calls recorded by two libraries, one span within the other: the inner span's id,
    and the outer span.
    """
    by_id = {span.span_id: span for span in spans}
    found: dict[str, SpanRecord] = {}
    for span in by_id.values():
        if span.step_type not in ("think", "act"):
            continue
        outer = _above(span, by_id)
        if outer is not None and outer.step_type == "other":
            outer = _above(outer, by_id)
        if outer is not None and _same_call(outer, span):
            found[span.span_id] = outer
    return found


def _above(span: SpanRecord, by_id: dict[str, SpanRecord]) -> SpanRecord | None:
    parent = by_id.get(span.parent_span_id or "")
    # Ordered by place, so that of a cycle one span is left.
    return parent if parent is not None and _place(parent) < _place(span) else None


def _place(span: SpanRecord) -> tuple[int, int, str]:
    return span.start_time, -(span.end_time or 0), span.span_id


def _same_call(outer: SpanRecord, inner: SpanRecord) -> bool:
    if outer.step_type != inner.step_type:
        return False
    names = {outer.tool_name, inner.tool_name} - {None}
    return len(names) <= 1
