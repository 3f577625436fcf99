"""A trace as a tree, from any set of spans: late, doubled, orphaned, skewed or cyclic.

Nothing here recurses, so depth is bounded by memory only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode

__all__ = ["Node", "TraceTree", "build_tree", "settle"]


class Node:
    """One row of the tree: a span, or the stand-in for a parent that never arrived.

    `span` is None for a stand-in, whose `span_id` is the missing parent's. `start` and `end` are
    Unix ns; for a stand-in, which is always a root, they span its children; for a running span, and
    a stand-in above one, `end` is None.
    """

    __slots__ = (
        "children", "cycle", "depth", "end", "observed", "parent", "skewed", "span", "span_id", "start",
    )  # fmt: skip

    def __init__(self, span_id: str, span: SpanRecord | None = None) -> None:
        self.span_id = span_id
        self.span = span
        self.parent: Node | None = None
        self.children: list[Node] = []
        self.start: int = span.start_time if span else 0
        self.end: int | None = span.end_time if span and span.state != "open" else None
        self.depth = 0
        self.skewed = False
        """The span starts before its parent or ends after it."""
        self.cycle = False
        """The span's ancestors led back to it; it was cut loose and made a root."""
        self.observed = False
        """A tool call whose result no span of its own observes: its row shows both."""

    @property
    def missing(self) -> bool:
        """A stand-in for a parent that was named but never arrived."""
        return self.span is None

    @property
    def name(self) -> str:
        """The span's name, or `missing parent 0123abcd…`."""
        return self.span.name if self.span else f"missing parent {self.span_id[:8]}…"

    def ancestors(self) -> Iterator[Node]:
        """The parent, its parent, and so on."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def walk(self) -> Iterator[Node]:
        """This node and all below it, parents first, siblings by start time."""
        stack: list[Node] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


class TraceTree:
    """The whole tree. `roots` are ordered by start time; `by_id` has every node."""

    def __init__(self, roots: list[Node], by_id: dict[str, Node]) -> None:
        self.roots = roots
        self.by_id = by_id
        starts = [node.span.start_time for node in by_id.values() if node.span]
        ends = [
            node.span.end_time
            for node in by_id.values()
            if node.span and node.span.end_time is not None
        ]
        self.start: int = min(starts, default=0)
        """Unix ns of the earliest start; 0 when empty."""
        self.end: int = max([*ends, *starts], default=0)
        """Unix ns of the latest time heard of."""
        self.running = any(n.span is not None and n.span.state == "open" for n in by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    def walk(self) -> Iterator[Node]:
        """Every node, parents first, siblings by start time."""
        for root in self.roots:
            yield from root.walk()


_RANK = {"open": 0, "interrupted": 1, "closed": 2}


def settle(spans: Iterable[SpanRecord]) -> dict[str, SpanRecord]:
    """One record a span id: closed wins over interrupted over open, then the later end, so that
    the order of delivery does not matter.
    """
    best: dict[str, SpanRecord] = {}
    for span in spans:
        known = best.get(span.span_id)
        if known is None or _wins(span, known):
            best[span.span_id] = span
    return best


def _wins(span: SpanRecord, known: SpanRecord) -> bool:
    worth, beaten = _worth(span), _worth(known)
    if worth == beaten and span != known:
        # As good as each other, and different: any rule will do that is always the same.
        return encode(span) > encode(known)
    return worth > beaten


def _worth(span: SpanRecord) -> tuple[int, int, int]:
    return _RANK[span.state], span.end_time or 0, span.start_time


def build_tree(spans: Iterable[SpanRecord]) -> TraceTree:
    """The tree of one trace's spans, in any order and any state of disrepair.

    A parent that is not there becomes a named stand-in node; a cycle is cut at its earliest span.
    """
    settled = settle(spans)
    by_id = {span_id: Node(span_id, span) for span_id, span in settled.items()}
    _link(by_id)
    roots = [node for node in by_id.values() if node.parent is None]
    roots += _cut_cycles(by_id, roots)
    for node in by_id.values():
        if len(node.children) > 1:
            node.children.sort(key=_order)
    _measure(roots)
    _observe(by_id)
    roots.sort(key=_order)
    return TraceTree(roots, by_id)


def _order(node: Node) -> tuple[int, str]:
    return node.start, node.span_id


def _link(by_id: dict[str, Node]) -> None:
    for node in list(by_id.values()):
        assert node.span is not None
        parent_id = node.span.parent_span_id
        if not parent_id:
            continue
        parent = by_id.get(parent_id)
        if parent is None:
            parent = by_id[parent_id] = Node(parent_id)
        node.parent = parent
        parent.children.append(node)
    for node in by_id.values():
        if node.span is None:
            ends = [child.end for child in node.children]
            node.start = min(child.start for child in node.children)
            node.end = None if None in ends else max(end for end in ends if end is not None)


def _cut_cycles(by_id: dict[str, Node], roots: list[Node]) -> list[Node]:
    """Every node out of the roots' reach hangs below a cycle: cut each at its earliest span."""
    reached = {node.span_id for root in roots for node in root.walk()}
    if len(reached) == len(by_id):
        return []
    cut: list[Node] = []
    for candidate in sorted(by_id.values(), key=_order):
        if candidate.span_id in reached:
            continue
        # Walk up until a node repeats: that one is on the cycle.
        seen: set[str] = set()
        node = candidate
        while node.span_id not in seen:
            seen.add(node.span_id)
            assert node.parent is not None
            node = node.parent
        ring = [node]
        while (nxt := ring[-1].parent) is not None and nxt is not node:
            ring.append(nxt)
        head = min(ring, key=_order)
        assert head.parent is not None
        head.parent.children.remove(head)
        head.parent, head.cycle = None, True
        cut.append(head)
        reached.update(below.span_id for below in head.walk())
    return cut


def _measure(roots: list[Node]) -> None:
    """Depth of every node, and whether it sticks out of its parent's time."""
    for root in roots:
        stack = [root]
        while stack:
            node = stack.pop()
            for child in node.children:
                child.depth = node.depth + 1
                child.skewed = _sticks_out(child, node)
                stack.append(child)


def _observe(by_id: dict[str, Node]) -> None:
    spans = [(node, node.span) for node in by_id.values() if node.span is not None]
    if not any(span.step_type == "observe" for _, span in spans):
        for node, span in spans:
            node.observed = span.step_type == "act"


def _sticks_out(child: Node, parent: Node) -> bool:
    if child.span is None or parent.span is None:
        return False
    if child.span.start_time < parent.span.start_time:
        return True
    end, bound = child.end, parent.end
    return end is not None and bound is not None and end > bound
