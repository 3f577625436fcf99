"""The store's sums done plainly in Python: what tests hold the SQL against, and fakes answer with."""

from __future__ import annotations

from typing import Any

from jollyscope.model.records import SpanRecord
from jollyscope.query.listing import TraceRow

LETTER = {"user_input": "u", "think": "t", "act": "a", "observe": "o", "response": "r"}


def trace_row(spans: list[SpanRecord]) -> TraceRow:
    """`ads_traces` of one trace's spans, by the contract's words."""
    ranked = sorted(spans, key=lambda r: (r.parent_span_id is not None, r.start_time, r.span_id))
    timed = sorted(spans, key=lambda r: (r.start_time, r.span_id))
    roots = [r for r in ranked if r.parent_span_id is None]

    def first(field: str, among: list[SpanRecord] = ranked) -> Any:
        return next((v for r in among if (v := getattr(r, field)) is not None), None)

    def spent(field: str) -> Any:
        own = [
            v for r in spans if r.step_type != "user_input" and (v := getattr(r, field)) is not None
        ]
        if own:
            return sum(own)
        return max((v for r in spans if (v := getattr(r, field)) is not None), default=None)

    def letter(r: SpanRecord) -> str:
        if r.step_type == "other":
            return "E" if r.status == "error" else ""
        return LETTER[r.step_type].upper() if r.status == "error" else LETTER[r.step_type]

    responses = [r for r in reversed(timed) if r.step_type == "response"]
    start = min(r.start_time for r in spans)
    end = max(max(r.start_time, r.end_time or 0) for r in spans)
    any_error = "error" if any(r.status == "error" for r in spans) else "unset"
    root_output = first("output", roots)
    return TraceRow(
        trace_id=spans[0].trace_id,
        session_id=first("session_id"),
        user_id=first("user_id"),
        service=first("service"),
        name=first("name"),
        input=first("input"),
        output=root_output if root_output is not None else first("output", responses),
        start_time=start,
        end_time=end,
        duration_ms=(end - start) / 1e6,
        state=next((s for s in ("open", "interrupted") if s in {r.state for r in spans}), "closed"),
        status=roots[0].status if roots else any_error,
        span_count=len(spans),
        step_count=sum(r.step_type != "other" for r in spans),
        error_count=sum(r.status == "error" for r in spans),
        tool_calls=sum(r.step_type == "act" for r in spans),
        tools=sorted({r.tool_name for r in spans if r.tool_name is not None}),
        models=sorted({r.model for r in spans if r.model is not None}),
        input_tokens=spent("input_tokens"),
        output_tokens=spent("output_tokens"),
        cost_usd=spent("cost_usd"),
        step_strip="".join(map(letter, timed))[:64],
    )
