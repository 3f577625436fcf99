"""A trace's heading: what it was, how long, how much, how it ended."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from jollyscope.model.format import cost, count, duration
from jollyscope.query.loading import LoadedTrace
from jollyscope_tui.when import clock
from jollyscope_tui.widgets.cells import Paint

__all__ = ["Summary", "heading", "summarise"]


class Summary(NamedTuple):
    """Sums over a trace's spans; each model call carries its own tokens, so they add up."""

    trace_id: str
    session: str | None
    user: str | None
    start: int
    end: int
    steps: int
    tokens: int
    cost_usd: float | None
    errors: int
    state: str
    failed: bool


def summarise(trace: LoadedTrace) -> Summary:
    """The heading's facts."""
    spans = trace.spans
    costs = [span.cost_usd for span in spans if span.cost_usd is not None]
    roots = [node.span for node in trace.tree.roots if node.span]
    states = {span.state for span in spans}
    return Summary(
        trace_id=trace.trace_id,
        session=next((span.session_id for span in spans if span.session_id), None),
        user=next((span.user_id for span in spans if span.user_id), None),
        start=trace.tree.start,
        end=trace.tree.end,
        steps=sum(span.step_type != "other" for span in spans),
        tokens=sum((span.input_tokens or 0) + (span.output_tokens or 0) for span in spans),
        cost_usd=sum(costs) if costs else None,
        errors=sum(span.status == "error" for span in spans),
        state=next((s for s in ("open", "interrupted") if s in states), "closed"),
        failed=any(span.status == "error" for span in roots),
    )


def heading(summary: Summary, store: str, now: int, tz: tzinfo | None) -> Paint:
    """One line, the most telling first: what does not fit is cut at the right."""
    end = now if summary.state == "open" else summary.end
    paint: Paint = [(f" {summary.trace_id[:8]}… ", "strong"), *_ending(summary)]
    facts = [
        duration(max(0, end - summary.start) / 1e6),
        f"{count(summary.steps)} steps",
        f"{count(summary.tokens)} tokens" if summary.tokens else "",
        cost(summary.cost_usd) if summary.cost_usd is not None else "",
        clock(summary.start, tz),
        f"session {summary.session}" if summary.session else "",
        f"user {summary.user}" if summary.user else "",
        store,
    ]
    return [*paint, ("".join(f" · {fact}" for fact in facts if fact), "text")]


def _ending(summary: Summary) -> Paint:
    if summary.state == "open":
        return [("◐ running", "running")]
    if summary.state == "interrupted":
        return [("⚡ interrupted", "interrupted")]
    if summary.failed:
        return [("✖ error", "error")]
    if summary.errors:
        return [(f"✔ ok, {count(summary.errors)} failed inside", "warning")]
    return [("✔ ok", "ok")]
