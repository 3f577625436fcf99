"""How much shorter a run would be without one of its steps.

A step on the critical path bounds the run only as long as nothing runs beside it: of two calls at
once, the longer one can be shortened as far as the shorter one allows, and no further. So what a
step would save is its time on the path during which nothing was at work but itself, what it stands
in and what it called: a virtual speedup to zero (Curtsinger and Berger, "Coz: Finding Code that
Counts with Causal Profiling", SOSP 2015), computed instead of measured. Where several steps below
it ran at once it is less than the truth, never more.
"""

from __future__ import annotations

from collections.abc import Iterator

from jollyscope.analysis.critical_path import CriticalPath
from jollyscope.model.tree import TraceTree

__all__ = ["alone", "savings"]


def savings(tree: TraceTree, path: CriticalPath) -> dict[str, int]:
    """By span id, ns that the run would be shorter without the span and all below it. Spans that
    would save nothing are left out. Takes time as sorting the spans does.
    """
    found = alone(tree, path)
    for node in reversed(list(tree.walk())):
        mine = found.get(node.span_id, 0)
        if mine and node.parent is not None:
            above = node.parent.span_id
            found[above] = found.get(above, 0) + mine
    return found


def alone(tree: TraceTree, path: CriticalPath) -> dict[str, int]:
    """By span id, ns of its own time on the path while nothing but it and its ancestors ran."""
    levels = _levels(tree)
    active = list(_active(tree, path.end))
    found: dict[str, int] = {}
    at = 0
    for segment in path.segments:
        if segment.node is None:
            continue
        while at + 1 < len(active) and active[at + 1][0] <= segment.start:
            at += 1
        here = at
        time = 0
        while here < len(active) and active[here][0] < segment.end:
            began, running = active[here]
            ended = active[here + 1][0] if here + 1 < len(active) else segment.end
            if running == levels[segment.node.span_id]:
                time += min(ended, segment.end) - max(began, segment.start)
            here += 1
        if time > 0:
            found[segment.node.span_id] = found.get(segment.node.span_id, 0) + time
    return found


def _levels(tree: TraceTree) -> dict[str, int]:
    """By span id, how many spans it and its ancestors are; stand-ins are none."""
    levels: dict[str, int] = {}
    for node in tree.walk():
        above = levels[node.parent.span_id] if node.parent is not None else 0
        levels[node.span_id] = above + (node.span is not None)
    return levels


def _active(tree: TraceTree, now: int) -> Iterator[tuple[int, int]]:
    """Moments, ascending, and how many spans ran from each to the next."""
    changes: dict[int, int] = {}
    for node in tree.walk():
        end = now if node.end is None else node.end
        if node.span is not None and end > node.start:
            changes[node.start] = changes.get(node.start, 0) + 1
            changes[end] = changes.get(end, 0) - 1
    running = 0
    for moment in sorted(changes):
        running += changes[moment]
        yield moment, running
