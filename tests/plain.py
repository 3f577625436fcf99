"""The store's sums done plainly in Python: what tests hold the SQL against, and fakes answer with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import seen_twice, steps_of
from jollyscope.query.listing import TraceRow

LETTER = {"user_input": "u", "think": "t", "act": "a", "observe": "o", "response": "r"}


def step_strip(spans: list[SpanRecord]) -> str:
    """A letter a step; a failed step's is a capital, and a failed span that is no step is E."""
    placed = [
        ((s.time, s.span.start_time, s.span.span_id, s.derived), s.type, s.span, s.derived)
        for s in steps_of(spans)
    ]
    asks = [p for p in placed if p[3] and p[1] == "user_input"]
    answers = [p for p in placed if p[3] and p[1] == "response"]
    between = [p for p in placed if p not in asks and p not in answers]
    between += [
        ((r.start_time, r.start_time, r.span_id, False), "other", r, False)
        for r in spans
        if r.step_type == "other" and r.status == "error"
    ]
    letters = ""
    for _, step_type, span, derived in [*asks, *sorted(between, key=lambda p: p[0]), *answers]:
        letter = LETTER.get(step_type, "e")
        letters += letter.upper() if span.status == "error" and not derived else letter
    return letters[:64]


def trace_row(spans: list[SpanRecord]) -> TraceRow:
    """`ads_traces` of one trace's spans, by the contract's words."""
    ranked = sorted(spans, key=lambda r: (r.parent_span_id is not None, r.start_time, r.span_id))
    timed = sorted(spans, key=lambda r: (r.start_time, r.span_id))
    roots = [r for r in ranked if r.parent_span_id is None]

    def first(field: str, among: list[SpanRecord] = ranked) -> Any:
        return next((v for r in among if (v := getattr(r, field)) is not None), None)

    twice = seen_twice(spans)

    def counts(r: SpanRecord, field: str) -> bool:
        outer = twice.get(r.span_id)
        return outer is None or getattr(outer, field) is None

    def spent(field: str) -> Any:
        said = [r for r in spans if getattr(r, field) is not None]
        own = [getattr(r, field) for r in said if r.step_type != "user_input" and counts(r, field)]
        return sum(own) if own else max((getattr(r, field) for r in said), default=None)

    last = [r for kind in ("response", "think") for r in reversed(timed) if r.step_type == kind]
    start = min(r.start_time for r in spans)
    end = max(max(r.start_time, r.end_time or 0) for r in spans)
    any_error = "error" if any(r.status == "error" for r in spans) else "unset"
    root_output = first("output", roots)
    asked = [r for r in ranked if r.step_type in ("user_input", "think")]
    inputs = [first("input", roots), first("input", asked), first("input")]
    return TraceRow(
        trace_id=spans[0].trace_id,
        session_id=first("session_id"),
        user_id=first("user_id"),
        service=first("service"),
        name=first("name"),
        input=next((text for text in inputs if text is not None), None),
        output=root_output if root_output is not None else first("output", last),
        start_time=start,
        end_time=end,
        duration_ms=(end - start) / 1e6,
        state=next((s for s in ("open", "interrupted") if s in {r.state for r in spans}), "closed"),
        status=roots[0].status if roots else any_error,
        span_count=len(spans),
        step_count=len(steps_of(spans)),
        error_count=sum(r.status == "error" for r in spans),
        tool_calls=sum(r.step_type == "act" and r.span_id not in twice for r in spans),
        tools=sorted({r.tool_name for r in spans if r.tool_name is not None}),
        models=sorted({r.model for r in spans if r.model is not None}),
        input_tokens=spent("input_tokens"),
        output_tokens=spent("output_tokens"),
        cost_usd=spent("cost_usd"),
        step_strip=step_strip(spans),
    )


def calls_model(span: SpanRecord) -> bool:
    """Whether a span is a call of a model: a wrapper or agent that names its model is none."""
    spent = span.input_tokens is not None or span.output_tokens is not None
    return span.model is not None and (span.step_type == "think" or spent)


def sums(traces: Iterable[list[SpanRecord]], by: str) -> dict[str | None, tuple[Any, ...]]:
    """Calls, failed ones, their total ms, input tokens and cost over all ended spans `by` step, tool,
    model or service; a call that two libraries recorded counts once, as the outer one says.
    """
    found: dict[str | None, list[Any]] = {}
    for spans in traces:
        twice = seen_twice(spans)
        for span in spans:
            outer = twice.get(span.span_id)
            taken = outer is not None and {
                "step": True,
                "tool": outer.tool_name is not None,
                "model": calls_model(outer),
            }.get(by, False)
            named = outer if outer is not None and taken else span
            among = {
                "tool": span.step_type == "act" and named.tool_name is not None,
                "model": span.step_type != "user_input" and calls_model(named),
            }.get(by, True)
            if span.state == "open" or not among:
                continue
            column = {"step": "step_type", "tool": "tool_name"}.get(by, by)
            row = found.setdefault(getattr(named, column), [0, 0, 0.0, None, None])
            if not taken:
                row[:3] = row[0] + 1, row[1] + (span.status == "error"), row[2] + span.duration_ms
            again = outer if taken or by == "service" else None
            for at, field in ((3, "input_tokens"), (4, "cost_usd")):
                value = getattr(span, field)
                said = again is not None and getattr(again, field) is not None
                if value is not None and span.step_type != "user_input" and not said:
                    row[at] = (row[at] or 0) + value
    return {key: tuple(row) for key, row in found.items() if row[0]}
