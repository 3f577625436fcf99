"""The rows of a tree that are drawn, when not all of them are."""

from __future__ import annotations

from typing import NamedTuple

from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import Node, TraceTree

__all__ = ["Outline", "OutlineRow", "failures", "outline"]


class OutlineRow(NamedTuple):
    """A node to draw. `last` of its siblings; `hidden` nodes below it are left out by the depth."""

    node: Node
    last: bool
    hidden: int


class Outline(NamedTuple):
    """Rows in tree order. `total` is the tree's nodes; what is not in `rows` is left out by
    `by_depth` (too deep) or `by_limit` (too many): the three add up.
    """

    rows: list[OutlineRow]
    total: int
    by_depth: int
    by_limit: int


def outline(tree: TraceTree, *, depth: int | None = None, limit: int = 0) -> Outline:
    """The first `limit` rows (0: all) down to `depth` levels (None: all), roots being level 1.

    Linear in the size of the tree, whatever its shape.
    """
    rows: list[OutlineRow] = []
    by_depth = 0
    stack = [(root, place == 0) for place, root in enumerate(reversed(tree.roots))]
    while stack and not (limit and len(rows) >= limit):
        node, last = stack.pop()
        hidden = 0
        if depth is not None and node.depth + 1 >= depth:
            hidden = sum(1 for _ in node.walk()) - 1
            by_depth += hidden
        else:
            children = reversed(node.children)
            stack.extend((child, place == 0) for place, child in enumerate(children))
        rows.append(OutlineRow(node, last, hidden))
    return Outline(rows, len(tree), by_depth, len(tree) - len(rows) - by_depth)


def failures(tree: TraceTree) -> list[SpanRecord]:
    """Every span that failed, by start time."""
    failed = [n.span for n in tree.by_id.values() if n.span and n.span.status == "error"]
    return sorted(failed, key=lambda span: (span.start_time, span.span_id))
