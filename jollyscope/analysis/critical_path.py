"""The chain of spans that bounds how long a trace took.

Walked backwards from the end, as CRISP does (Zhang et al., "CRISP: Critical Path Analysis of
Large-Scale Microservice Architectures", USENIX ATC 2022) and Jaeger after it: a span waits for the
child that ended last; before that child began, for the one that had ended last by then; and so on.
What lies between is the span's own time. Making anything on the path faster makes the trace faster;
anything else does not.

Nobody waits for a child of kind `producer` or `consumer`, nor for what stands below it: a message is
left for whoever takes it (as Jaeger has it). In one thing this differs from Jaeger on purpose: a child
that ended at the very moment the next one began was waited for too, where Jaeger asks that it ended before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jollyscope.model.tree import Node, TraceTree

__all__ = ["CriticalPath", "Segment", "Share", "critical_path"]


_LEFT = ("producer", "consumer")


class Segment(NamedTuple):
    """A stretch of a node's own time on the path, Unix ns, never empty. `node` is None where a trace
    has several roots and none of them was at work.
    """

    node: Node | None
    start: int
    end: int


class Share(NamedTuple):
    """How much of the path is a node's own time, in ns and of the whole (0 to 1)."""

    node: Node | None
    time: int
    share: float


class CriticalPath(NamedTuple):
    """Segments in the order of time, each beginning where the one before ended; together they are
    `[start, end]`, the trace from the root's start to its end.
    """

    start: int
    end: int
    segments: list[Segment]

    @property
    def nodes(self) -> set[str]:
        """Ids of the spans on the path: those with segments, and all that they stand in."""
        found: set[str] = set()
        for segment in self.segments:
            node = segment.node
            while node is not None and node.span_id not in found:
                found.add(node.span_id)
                node = node.parent
        return found

    def shares(self) -> list[Share]:
        """Every node with own time on the path, the most first; the shares add up to 1."""
        times: dict[str, int] = {}
        nodes: dict[str, Node | None] = {}
        for segment in self.segments:
            key = segment.node.span_id if segment.node else ""
            nodes[key] = segment.node
            times[key] = times.get(key, 0) + segment.end - segment.start
        whole = max(1, self.end - self.start)
        ordered = sorted(times, key=lambda key: (-times[key], key))
        return [Share(nodes[key], times[key], times[key] / whole) for key in ordered]


def critical_path(tree: TraceTree, now: int = 0) -> CriticalPath:
    """The critical path of a trace; running spans end at `now` (Unix ns) or the last time heard of.

    A trace with several roots is looked at as if one span, from the earliest start to the latest
    end, had called them. A child counts as far as it lies within its parent. Two that end at once
    are told apart by which began first. Linear in the spans but for sorting them; nothing recurses.
    """
    now = max(now, tree.end)
    if len(tree.roots) == 1:
        root = tree.roots[0]
        low, high = root.start, max(root.start, _end(root, now))
        backwards = _walk(_Frame(root, low, high, _inside(_awaited(root), low, high, now)), now)
    else:
        low = min((root.start for root in tree.roots), default=tree.start)
        high = max([low, *(_end(root, now) for root in tree.roots)])
        backwards = _walk(_Frame(None, low, high, _inside(tree.roots, low, high, now)), now)
    segments = list(backwards)
    segments.reverse()
    return CriticalPath(low, high, segments)


class _Part(NamedTuple):
    """A child, as far as it lies within its parent."""

    end: int
    start: int
    node: Node


class _Frame:
    """A node on the path, walked back from `at`; `parts` are what is left of its children, the one
    that ended last at the end.
    """

    __slots__ = ("at", "low", "node", "parts")

    def __init__(self, node: Node | None, low: int, at: int, parts: list[_Part]) -> None:
        self.node, self.low, self.at, self.parts = node, low, at, parts


def _end(node: Node, now: int) -> int:
    return now if node.end is None else node.end


def _awaited(node: Node) -> list[Node]:
    """The children that a node waits for; of one that was never recorded, all."""
    if node.span is None:
        return node.children
    return [c for c in node.children if c.span is None or c.span.kind not in _LEFT]


def _inside(children: list[Node], low: int, high: int, now: int) -> list[_Part]:
    """Children clipped to `[low, high]`, those without time left out, by end."""
    if not children:
        return []
    parts = [_Part(min(_end(child, now), high), max(child.start, low), child) for child in children]
    found = [part for part in parts if part.end > part.start]
    found.sort(key=lambda part: (part.end, -part.start, part.node.span_id))
    return found


def _walk(root: _Frame, now: int) -> Iterator[Segment]:
    """Segments from the last to the first."""
    stack = [root]
    while stack:
        frame = stack[-1]
        # One that ran on while the path's next child had begun already kept nobody waiting.
        while frame.parts and frame.parts[-1].end > frame.at:
            frame.parts.pop()
        if not frame.parts:
            if frame.at > frame.low:
                yield Segment(frame.node, frame.low, frame.at)
            stack.pop()
            continue
        part = frame.parts.pop()
        if frame.at > part.end:
            yield Segment(frame.node, part.end, frame.at)
        frame.at = part.start
        below = _inside(_awaited(part.node), part.start, part.end, now)
        if below:
            stack.append(_Frame(part.node, part.start, part.end, below))
        else:  # Most spans: a frame of their own each would make it all take a sixth longer.
            yield Segment(part.node, part.start, part.end)
