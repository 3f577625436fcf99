"""What is worth knowing of a trace beyond its rows: modes, failures, the critical path, the slowest
spans, loops and gaps, by position in the outline. Worked out once, off the screen's thread.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import NamedTuple

from jollyscope.analysis.causes import root_cause
from jollyscope.analysis.critical_path import critical_path
from jollyscope.analysis.gaps import Gap, gaps, slowest
from jollyscope.analysis.loops import Repeat, loops, repeats
from jollyscope.model.tree import Node, TraceTree
from jollyscope_tui.widgets.minimap_paint import Density, measure
from jollyscope_tui.widgets.projection import Mode, Projection, project

__all__ = ["Gaps", "Insight", "learn", "near"]


class Gaps:
    """Stretches of time that a node's children leave bare, by position of the node."""

    def __init__(self, found: list[Gap], index: dict[str, int]) -> None:
        self.node = array("q", [index[gap.node.span_id] for gap in found])
        self.start = array("q", [gap.start for gap in found])
        self.end = array("q", [gap.end for gap in found])

    def of(self, at: int) -> list[tuple[int, int]]:
        """Those of a position, Unix ns."""
        first, last = bisect_left(self.node, at), bisect_right(self.node, at)
        return [(self.start[n], self.end[n]) for n in range(first, last)]


class Insight(NamedTuple):
    """`errors` and `repeated` (calls made before with the same arguments) are in the order of time;
    `cause` is the failure to look at first, -1 without any. `critical` is 1 on the critical path,
    `share` the part of it (0 to 1) that is a node's own time. `rank` is 1 for the slowest.
    """

    projections: dict[Mode, Projection]
    errors: array[int]
    cause: int
    critical: bytearray
    share: dict[int, float]
    rank: dict[int, int]
    repeats: dict[int, Repeat]
    repeated: array[int]
    gaps: Gaps
    density: Density


def learn(
    tree: TraceTree, nodes: list[Node], index: dict[str, int], whole: Projection, now: int
) -> Insight:
    """The insight into a trace laid flat; running spans end at `now` (Unix ns)."""
    failed = bytearray([n.span is not None and n.span.status == "error" for n in nodes])
    steps = bytearray([n.span is not None and n.span.step_type != "other" for n in nodes])
    errors = [at for at, bad in enumerate(failed) if bad]
    for at in errors:
        steps[at] = 1
    start = array("q", [node.start for node in nodes])
    end = array("q", [-1 if node.end is None else node.end for node in nodes])
    cause = root_cause(tree)
    path = critical_path(tree, now)
    critical = bytearray(len(nodes))
    for span_id in path.nodes:
        critical[index[span_id]] = 1
    again = repeats(loops(node.span for node in nodes if node.span is not None))
    return Insight(
        projections={
            "steps": project(steps, whole),
            "errors": project(_with_ancestors(failed, errors, whole), whole, opened=True),
            "critical": project(critical, whole),
        },
        errors=_timed(errors, nodes),
        cause=-1 if cause is None else index[cause.span_id],
        critical=critical,
        share={index[s.node.span_id]: s.share for s in path.shares() if s.node is not None},
        rank={index[own.node.span_id]: n for n, own in enumerate(slowest(tree, 3, now), 1)},
        repeats={index[span_id]: repeat for span_id, repeat in again.items()},
        repeated=_timed((index[i] for i, repeat in again.items() if repeat.number > 1), nodes),
        gaps=Gaps(gaps(tree, now), index),
        density=measure(tree.start, tree.end, start, end, errors),
    )


def _timed(positions: Iterable[int], nodes: list[Node]) -> array[int]:
    return array("q", sorted(positions, key=lambda at: (nodes[at].start, at)))


def _with_ancestors(failed: bytearray, errors: list[int], whole: Projection) -> bytearray:
    keep = bytearray(failed)
    for at in errors:
        up = whole.parent[at]
        while up >= 0 and not keep[up]:
            keep[up] = 1
            up = whole.parent[up]
    return keep


def near(order: array[int], nodes: list[Node], at: int, step: int) -> int | None:
    """The position in `order` (by time) that comes next (`step` 1) or before (-1) the node at `at`,
    going round; None where there are none.
    """
    if not order:
        return None
    here = (nodes[at].start, at)
    find = bisect_right if step > 0 else bisect_left
    place = find(order, here, key=lambda other: (nodes[other].start, other))
    return order[(place if step > 0 else place - 1) % len(order)]
