"""The rows that a mode keeps of a trace, as a tree of its own in arrays. No Textual."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

__all__ = ["MANY_CHILDREN", "MANY_SPANS", "MODES", "Mode", "Projection", "project"]

Mode = Literal["all", "steps", "errors", "critical"]
MODES: tuple[Mode, ...] = ("all", "steps", "errors", "critical")

MANY_SPANS = 2_000
"""A trace opens down to the deepest level at which no more rows than this are on show."""
MANY_CHILDREN = 200
"""A node other than a root with more children than this starts folded."""

_SHUT = bytes([0, 1, 0])
_FOLDED = _SHUT + bytes(256 - len(_SHUT))


class Projection:
    """Positions are into this projection, in the tree's order.

    `node[p]` is the outline's position; `size[p]` counts `p` and all below it; `parent[p]` is -1
    for a root. What is kept below something left out hangs below its nearest kept ancestor.
    `folds[p]` is how a trace opens: 0 folded, 1 a leaf, 2 open. `positions` is every `p` in order: a
    stretch of rows is copied from it.
    """

    def __init__(self, node: Sequence[int], size: array[int], *, opened: bool = False) -> None:
        self.node = node
        self.size = size
        self.depth = array("q", bytes(8 * len(size)))
        self.parent = array("q", [-1]) * len(size)
        self.positions = array("q", range(len(size)))
        self._opened = bytearray(b"\1") * len(size)
        self._place()
        self.folds = self.all_folds(opened=True) if opened else _first_folds(self)

    def __len__(self) -> int:
        return len(self.size)

    def _place(self) -> None:
        depth, parent = self.depth, self.parent
        stack: list[int] = []
        ends: list[int] = []
        for at, size in enumerate(self.size):
            while ends and ends[-1] <= at:
                stack.pop()
                ends.pop()
            if stack:
                parent[at] = stack[-1]
                depth[at] = len(stack)
            if size > 1:
                self._opened[at] = 2
                stack.append(at)
                ends.append(at + size)

    def all_folds(self, *, opened: bool) -> bytearray:
        """Every node open, or every node folded."""
        return bytearray(self._opened) if opened else self._opened.translate(_FOLDED)

    @cached_property
    def levels(self) -> list[array[int]]:
        """By depth, what has something below it."""
        levels = [array("q") for _ in range(max(self.depth, default=-1) + 1)]
        at = self._opened.find(2)
        while at >= 0:
            levels[self.depth[at]].append(at)
            at = self._opened.find(2, at + 1)
        return levels

    def find(self, node: int) -> int | None:
        """Where an outline position stands here, or None where it was left out."""
        at = bisect_left(self.node, node)
        return at if at < len(self.node) and self.node[at] == node else None


def project(keep: bytearray, whole: Projection, *, opened: bool = False) -> Projection:
    """What is left of `whole` (every position) where `keep` is 1."""
    node = array("q", [at for at, kept in enumerate(keep) if kept])
    sizes = [bisect_left(node, at + whole.size[at]) - p for p, at in enumerate(node)]
    return Projection(node, array("q", sizes), opened=opened)


def _first_folds(tree: Projection) -> bytearray:
    """Open as deep as `MANY_SPANS` rows reach, at least the roots; wide nodes stay folded."""
    depth, bound = tree.depth, len(tree)
    if len(tree) > MANY_SPANS:
        counts = array("q", [0]) * (max(depth) + 1)
        for level in depth:
            counts[level] += 1
        total = 0
        for level, more in enumerate(counts):
            total += more
            if total > MANY_SPANS:
                break
            bound = level
        bound = 1 if bound == len(tree) else max(1, bound)
    folds = bytearray(
        1 if size == 1 else 2 if level < bound else 0
        for size, level in zip(tree.size, depth, strict=True)
    )
    children = array("q", bytes(8 * len(tree)))
    for parent in tree.parent:
        if parent >= 0:
            children[parent] += 1
    for at, many in enumerate(children):
        if many > MANY_CHILDREN and depth[at]:
            folds[at] = 0
    return folds
