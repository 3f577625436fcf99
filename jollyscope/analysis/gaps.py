"""Where a span's time goes that none of its children accounts for.

A span's own time is what is left of it when the time of its children is taken away, children that
overlap counted once and only as far as they lie within it (as in Dapper, Sigelman et al. 2010, and
in flame graphs' "self time"). In a span that has children, each stretch of own time is a gap: its
own work, or waiting that nobody recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jollyscope.model.tree import Node, TraceTree

__all__ = ["Gap", "OwnTime", "gaps", "own_time", "own_times", "slowest"]


class Gap(NamedTuple):
    """A stretch of `node` (a span with children) in which no child ran. Unix ns, never empty."""

    node: Node
    start: int
    end: int


class OwnTime(NamedTuple):
    """A span and its own time in ns."""

    node: Node
    time: int


def gaps(tree: TraceTree, now: int = 0, least: int = 1) -> list[Gap]:
    """Every gap of at least `least` ns, parents first, in the order of time within a span.

    Running spans end at `now` (Unix ns) or the last time heard of. Linear in the spans.
    """
    now = max(now, tree.end)
    found: list[Gap] = []
    for node in tree.walk():
        if node.span is not None and node.children:
            for start, end in _bare(node, now):
                if end - start >= least:
                    found.append(Gap(node, start, end))
    return found


def own_times(tree: TraceTree, now: int = 0) -> list[OwnTime]:
    """The own time of every span, parents first. Linear in the spans."""
    now = max(now, tree.end)
    return [OwnTime(node, own_time(node, now)) for node in tree.walk() if node.span is not None]


def own_time(node: Node, now: int = 0) -> int:
    """The own time of one span, ns; one that runs ends at `now`."""
    return sum(end - start for start, end in _bare(node, now))


def slowest(tree: TraceTree, count: int = 3, now: int = 0) -> list[OwnTime]:
    """The spans with the most own time, the most first; of equals the earlier one. None where the
    trace has no more than `count` spans that took time: they need no ranks.
    """
    timed = [own for own in own_times(tree, now) if own.time > 0]
    if len(timed) <= count:
        return []
    timed.sort(key=lambda own: (-own.time, own.node.start, own.node.span_id))
    # Where the next one took as long, being among the first means nothing.
    return [own for own in timed[:count] if own.time > timed[count].time]


def _bare(node: Node, now: int) -> Iterator[tuple[int, int]]:
    """The stretches of a node that no child covers. Its children are in the order of their starts."""
    end = now if node.end is None else node.end
    at = node.start
    for child in node.children:
        low, high = max(child.start, at), min(now if child.end is None else child.end, end)
        if low < high:
            if at < low:
                yield at, low
            at = high
    if at < end:
        yield at, end
