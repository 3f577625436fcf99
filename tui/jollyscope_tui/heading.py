"""A trace's heading: what it was, how long, how much, how it ended."""

from __future__ import annotations

from datetime import tzinfo

from jollyscope.model.format import cost, count, duration
from jollyscope.query.listing import TraceRow
from jollyscope_tui.when import clock
from jollyscope_tui.widgets.cells import Paint

__all__ = ["heading"]


def heading(row: TraceRow, store: str, now: int, tz: tzinfo | None) -> Paint:
    """One line, the most telling first: what does not fit is cut at the right."""
    end = now if row.state == "open" else row.end_time
    tokens = (row.input_tokens or 0) + (row.output_tokens or 0)
    paint: Paint = [(f" {row.trace_id[:8]}… ", "strong"), *_ending(row)]
    facts = [
        duration(max(0, end - row.start_time) / 1e6),
        f"{count(row.step_count)} steps",
        f"{count(tokens)} tokens" if tokens else "",
        cost(row.cost_usd) if row.cost_usd is not None else "",
        clock(row.start_time, tz),
        f"session {row.session_id}" if row.session_id else "",
        f"user {row.user_id}" if row.user_id else "",
        store,
    ]
    return [*paint, ("".join(f" · {fact}" for fact in facts if fact), "text")]


def _ending(row: TraceRow) -> Paint:
    if row.state == "open":
        return [("◐ running", "running")]
    if row.state == "interrupted":
        return [("↯ interrupted", "interrupted")]
    if row.status == "error":
        return [("✖ error", "error"), (f" · {_failed(row)}", "text")]
    if row.error_count:
        return [("✔ ok", "ok"), (f" · {_failed(row)}", "warning")]
    return [("✔ ok", "ok")]


def _failed(row: TraceRow) -> str:
    return f"{count(row.error_count)} failed, ] goes there"
