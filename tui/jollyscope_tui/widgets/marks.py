"""What a row of a trace is marked with: ranks, repeats, where a search hit, when it was last heard
of. No Textual.
"""

from __future__ import annotations

from datetime import tzinfo

from jollyscope.model.tree import Node
from jollyscope_tui.when import clock
from jollyscope_tui.widgets.cells import Paint
from jollyscope_tui.widgets.insight import Insight
from jollyscope_tui.widgets.matches import Matches

__all__ = ["end_mark", "heard_mark", "path_mark", "row_marks"]

_SLOW = {1: "slowest", 2: "slow #2", 3: "slow #3"}


def row_marks(
    node: Node,
    at: int,
    label: str,
    insight: Insight | None,
    matches: Matches | None,
) -> Paint:
    """Words at the right of a tree row, the most telling first. Where what a search found is not in
    the row's `label`, they say in what it is.
    """
    marks: Paint = []
    if matches is not None and at in matches and not matches.needle.inside(label):
        place = matches.needle.place(node.span) if node.span else "name"
        marks.append((f"in {place}", "match"))
    if insight is not None and at in insight.repeats:
        repeat = insight.repeats[at]
        marks.append((f"↻{repeat.number}/{repeat.total}", "warning"))
    if insight is not None and at in insight.rank:
        marks.append((_SLOW[insight.rank[at]], "strong"))
    span = node.span
    if span is not None and span.state == "interrupted":
        marks.append(("interrupted", "interrupted"))
    return marks


def path_mark(at: int, insight: Insight | None) -> str:
    """What stands behind the bar of a span on the critical path: `←`, and how much of the path is the
    span's own time.
    """
    if insight is None or not insight.critical[at]:
        return ""
    share = insight.share.get(at, 0.0)
    return f"← {share * 100:.0f}%" if share >= 0.005 else "←"


def heard_mark(node: Node, tz: tzinfo | None) -> str:
    """When a span that was broken off was last heard of: its bar ends there."""
    span = node.span
    if span is None or span.state != "interrupted" or span.end_time is None:
        return ""
    return f"last heard {clock(span.end_time, tz)}"


def end_mark(node: Node) -> str:
    """What stands at the end of a bar that did not just end."""
    span = node.span
    if span is None:
        return ""
    if span.state == "open":
        return "▸"
    if span.state == "interrupted":
        return "↯"
    return "✖" if span.status == "error" else ""
