"""What the trace as a whole says of one of its spans: critical path, rank, repeats, cause."""

from __future__ import annotations

from collections.abc import Iterator

from jollyscope.model.tree import Node
from jollyscope_tui.widgets.context import Remark
from jollyscope_tui.widgets.outline import Outline

__all__ = ["remarks"]


def remarks(outline: Outline, node: Node) -> list[Remark]:
    """For the Overview tab; nothing before the trace has been studied."""
    return list(_remarks(outline, node))


def _remarks(outline: Outline, node: Node) -> Iterator[Remark]:
    known, at = outline.insight, outline.index.get(node.span_id)
    if known is None or at is None:
        return
    if at == known.cause:
        yield "cause", "the failure to look at first", "error"
    if known.critical[at]:
        share = known.share.get(at, 0.0)
        own = f"; its own time is {100 * share:.0f} % of it" if share >= 0.005 else ""
        yield "path", f"on the critical path{own}", "warning"
    else:
        yield "path", "not on the critical path: faster, it would gain nothing", "muted"
    if at in known.rank:
        rank = known.rank[at]
        said = "the most" if rank == 1 else f"number {rank} by"
        yield "slow", f"{said} own time of all spans", "warning"
    if at in known.repeats:
        repeat = known.repeats[at]
        said = f"call {repeat.number} of {repeat.total} with the same arguments"
        yield "repeated", said, "warning" if repeat.number > 1 else "text"
