"""Which of a trace's failures the others come from."""

from __future__ import annotations

from jollyscope.model.tree import Node, TraceTree

__all__ = ["root_cause"]


def root_cause(tree: TraceTree) -> Node | None:
    """The failed span that a person wants to see first, or None where nothing failed.

    A failure that passed from child to parent up to a root explains why the trace failed; one that
    some parent did not fail from was survived. So it is the lowest failed span of such a chain; of
    several the one that began first, then the deepest. Where no failure reached a root, the same is
    asked of all failures. Linear in the spans.
    """
    reached: list[Node] = []
    survived: list[Node] = []
    inherited: set[str] = set()
    for node in tree.walk():
        if not _failed(node):
            continue
        up = node.parent
        through = up is None or up.missing or up.span_id in inherited
        if through:
            inherited.add(node.span_id)
        if not any(_failed(child) for child in node.children):
            (reached if through else survived).append(node)
    found = reached or survived
    return min(found, key=lambda node: (node.start, -node.depth, node.span_id), default=None)


def _failed(node: Node) -> bool:
    return node.span is not None and node.span.status == "error"
