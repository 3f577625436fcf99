"""A trace's tree laid flat, once, off the screen's thread: what rows are made of.

Everything a key press needs is in arrays by position in the tree's order (parents first), so that
folding, filtering and jumping in 100,000 spans touch no span.
"""

from __future__ import annotations

from array import array
from itertools import count

from jollyscope.model.steps import label
from jollyscope.model.tree import Node, TraceTree
from jollyscope_tui.widgets.insight import Insight, learn
from jollyscope_tui.widgets.projection import Mode, Projection

__all__ = ["Outline"]


class Outline:
    """The tree's nodes in order, with what drawing and folding need of each.

    `start` and `end` are Unix ns; `end` is -1 while running. What takes longer to work out of a large
    trace is in `insight`, and there only after `study`.
    """

    def __init__(self, tree: TraceTree) -> None:
        self.tree = tree
        self.nodes: list[Node] = list(tree.walk())
        self.index = dict(zip([node.span_id for node in self.nodes], count(), strict=False))
        self.start = array("q", [node.start for node in self.nodes])
        self.end = array("q", [-1 if (end := node.end) is None else end for node in self.nodes])
        self.projections: dict[Mode, Projection] = {
            "all": Projection(range(len(self.nodes)), _sizes(self.nodes))
        }
        self.insight: Insight | None = None

    def __len__(self) -> int:
        return len(self.nodes)

    def label(self, at: int) -> str:
        """What the row of a position says."""
        node = self.nodes[at]
        return label(node.span, observed=node.observed) if node.span else node.name

    def study(self, now: int) -> Insight:
        """Work out the insight, where running spans end at `now` (Unix ns). Nothing is changed: a
        worker studies, the screen's thread takes it up (`take`).
        """
        insight = learn(self.tree, self.nodes, self.index, self.projections["all"], now)
        for projection in (self.projections["all"], *insight.projections.values()):
            _ = projection.levels  # here, so that the first fold does not wait for it
        return insight

    def take(self, insight: Insight) -> None:
        """Take up what was studied."""
        self.insight = insight
        self.projections |= insight.projections

    def release(self) -> None:
        """Break the tree's cycles, so that its memory goes with the last reference to it."""
        for node in self.nodes:
            node.parent = None
            node.children = []


def _sizes(nodes: list[Node]) -> array[int]:
    """How many nodes each has below it, and itself: where the next one no deeper begins."""
    size = array("q", [1]) * len(nodes)
    open_at: list[int] = []
    for at, node in enumerate(nodes):
        depth = node.depth
        while len(open_at) > depth:
            before = open_at.pop()
            size[before] = at - before
        open_at.append(at)
    for before in open_at:
        size[before] = len(nodes) - before
    return size
