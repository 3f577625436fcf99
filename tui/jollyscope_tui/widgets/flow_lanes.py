"""The ways of a flow that run beside its states: which share a lane, and which lane is where."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from jollyscope.analysis.flow import FlowEdge, State

__all__ = ["Lane", "lanes_of", "tracks_of"]


class Lane(NamedTuple):
    """Edges that share a way beside the states, since all of them lead to the state `home` (`joins`) or
    all begin there.
    """

    home: int
    joins: bool
    edges: list[tuple[int, FlowEdge]]
    """The state at the other end, and the edge."""

    @property
    def reach(self) -> tuple[int, int]:
        """The first and the last state along it."""
        ends = [self.home, *(other for other, _ in self.edges)]
        return min(ends), max(ends)

    @property
    def weight(self) -> int:
        """How often it was gone."""
        return sum(edge.count for _, edge in self.edges)


def lanes_of(edges: list[FlowEdge], order: dict[State, int], *, back: bool) -> list[Lane]:
    """What leads back, or skips states, on as few lanes as large groups first make it."""
    left: list[tuple[int, int, FlowEdge]] = [
        (order[e.source], order[e.target], e)
        for e in edges
        if (order[e.target] < order[e.source] if back else order[e.target] > order[e.source] + 1)
    ]
    found: list[Lane] = []
    while left:
        ends = Counter((source, False) for source, _, _ in left)
        ends.update((target, True) for _, target, _ in left)
        home, joins = min(ends, key=lambda end: (-ends[end], not end[1], end[0]))
        mine = [way for way in left if (way[1] if joins else way[0]) == home]
        left = [way for way in left if way not in mine]
        others = sorted(((s if joins else t, e) for s, t, e in mine), key=lambda pair: pair[0])
        found.append(Lane(home, joins, others))
    return found


def tracks_of(lanes: list[Lane]) -> list[int]:
    """A track for each lane, short ones next to the states; no two on one track overlap."""
    tracks = [0] * len(lanes)
    taken: list[list[tuple[int, int]]] = []
    for at in sorted(range(len(lanes)), key=lambda n: lanes[n].reach[1] - lanes[n].reach[0]):
        first, last = lanes[at].reach
        track = next(
            (n for n, held in enumerate(taken) if all(last < a or first > b for a, b in held)),
            len(taken),
        )
        if track == len(taken):
            taken.append([])
        taken[track].append((first, last))
        tracks[at] = track
    return tracks
