"""A trace's tree laid flat, once, off the screen's thread: what rows are made of.

Everything a key press needs is in arrays by position in the tree's order (parents first), so that
folding, filtering and jumping in 100,000 spans touch no span.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Literal

from jollyscope.model.steps import label
from jollyscope.model.tree import Node, TraceTree

__all__ = ["MODES", "Mode", "Outline", "Projection"]

Mode = Literal["all", "steps", "errors"]
MODES: tuple[Mode, ...] = ("all", "steps", "errors")


class Projection:
    """The rows that a mode keeps, as a tree of its own. Positions are into this projection.

    `node[p]` is the outline's position; `size[p]` counts `p` and all below it; `parent[p]` is -1
    for a root. What is kept below something left out hangs below its nearest kept ancestor.
    """

    def __init__(self, node: Sequence[int], size: array[int]) -> None:
        self.node = node
        self.size = size
        self.depth = array("q", bytes(8 * len(size)))
        self.parent = array("q", [-1]) * len(size)
        self._place()

    def __len__(self) -> int:
        return len(self.size)

    def _place(self) -> None:
        size, depth, parent = self.size, self.depth, self.parent
        stack: list[int] = []
        for at in range(len(size)):
            while stack and stack[-1] + size[stack[-1]] <= at:
                stack.pop()
            if stack:
                parent[at] = stack[-1]
                depth[at] = len(stack)
            if size[at] > 1:
                stack.append(at)

    def find(self, node: int) -> int | None:
        """Where an outline position stands here, or None where it was left out."""
        at = bisect_left(self.node, node)
        return at if at < len(self.node) and self.node[at] == node else None


class Outline:
    """The tree's nodes in order, with what drawing, filtering and searching need of each.

    `start` and `end` are Unix ns; `end` is -1 while running.
    """

    def __init__(self, tree: TraceTree) -> None:
        self.tree = tree
        self.nodes: list[Node] = list(tree.walk())
        self.index = {node.span_id: at for at, node in enumerate(self.nodes)}
        self.size = _sizes(self.nodes, self.index)
        self.start = array("q", [node.start for node in self.nodes])
        self.end = array("q", [-1 if (end := node.end) is None else end for node in self.nodes])
        self.errors = array("q", [at for at, node in enumerate(self.nodes) if _failed(node)])
        self.labels = [_label(node) for node in self.nodes]
        self._offsets, self._haystack = _haystack(self.nodes, self.labels)
        self.projections: dict[Mode, Projection] = {
            "all": Projection(range(len(self.nodes)), self.size),
            "steps": self._project(_is_step),
            "errors": self._project(_failed, ancestors=True),
        }

    def __len__(self) -> int:
        return len(self.nodes)

    def release(self) -> None:
        """Break the tree's cycles, so that its memory goes with the last reference to it."""
        for node in self.nodes:
            node.parent = None
            node.children = []

    def _project(self, wanted: Callable[[Node], bool], *, ancestors: bool = False) -> Projection:
        keep = bytearray(map(wanted, self.nodes))
        if ancestors:
            for node in self.nodes:
                up = node.parent if wanted(node) else None
                while up is not None and not keep[at := self.index[up.span_id]]:
                    keep[at] = 1
                    up = up.parent
        node_at = array("q", [at for at in range(len(keep)) if keep[at]])
        size = array(
            "l", [bisect_left(node_at, at + self.size[at]) - p for p, at in enumerate(node_at)]
        )
        return Projection(node_at, size)

    def search(self, needle: str, start: int, *, backwards: bool = False) -> int | None:
        """The nearest node from position `start` on (inclusive) whose label, model or id holds
        `needle`, letter case aside; None when there is none that way.
        """
        needle = needle.casefold()
        if not needle or not self.nodes:
            return None
        if backwards:
            end = self._offsets[min(start + 1, len(self.nodes))]
            found = self._haystack.rfind(needle, 0, end)
        else:
            found = self._haystack.find(needle, self._offsets[min(start, len(self.nodes))])
        return None if found < 0 else bisect_right(self._offsets, found) - 1

    def count(self, needle: str, limit: int = 10_000) -> int:
        """How many nodes match, counting no further than `limit`."""
        found, at = 0, self.search(needle, 0)
        while at is not None and found < limit:
            found += 1
            at = self.search(needle, at + 1) if at + 1 < len(self.nodes) else None
        return found


def _sizes(nodes: list[Node], index: dict[str, int]) -> array[int]:
    size = array("q", [1]) * len(nodes)
    for at in range(len(nodes) - 1, 0, -1):
        parent = nodes[at].parent
        if parent is not None:
            size[index[parent.span_id]] += size[at]
    return size


def _failed(node: Node) -> bool:
    return node.span is not None and node.span.status == "error"


def _is_step(node: Node) -> bool:
    return node.span is not None and (node.span.step_type != "other" or node.span.status == "error")


def _label(node: Node) -> str:
    return label(node.span, observed=node.observed) if node.span else node.name


def _haystack(nodes: list[Node], labels: list[str]) -> tuple[array[int], str]:
    """All that can be searched as one string, a line a node, and where each line begins: one
    `str.find` over 100,000 spans takes a few milliseconds, a loop over them a hundred.
    """
    offsets = array("q", [0])
    lines: list[str] = []
    at = 0
    for node, text in zip(nodes, labels, strict=True):
        model = node.span.model or "" if node.span else ""
        line = f"{text} {model} {node.span_id}".replace("\n", " ").casefold()
        lines.append(line)
        at += len(line) + 1
        offsets.append(at)
    lines.append("")
    return offsets, "\n".join(lines)
