"""Two executions side by side."""

from __future__ import annotations

from typing import NamedTuple

from jollyscope.analysis.diff import diff_traces
from jollyscope.analysis.diff_result import TraceDiff
from jollyscope.query.listing import TraceRow
from jollyscope_tui.sources.traces import TraceSource

__all__ = ["Comparison", "compare"]


class Comparison(NamedTuple):
    """What differs, and both traces as lists show them."""

    diff: TraceDiff
    left: TraceRow
    right: TraceRow

    @property
    def running(self) -> bool:
        """Whether either trace goes on."""
        return "open" in (self.left.state, self.right.state)


def compare(source: TraceSource, left: str, right: str, now: int) -> Comparison:
    """Load the traces that two ids or prefixes mean, and compare them. Running spans have lasted until
    `now` (Unix ns).
    """
    ours, theirs = source.load_trace(left), source.load_trace(right)
    return Comparison(diff_traces(ours, theirs, now), ours.row, theirs.row)
