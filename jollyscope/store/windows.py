"""Where to cut a store by time, so that who wants the newest rows need not read the oldest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["FIRST", "GROWTH", "Stretch", "windows"]

FIRST = 50_000
"""Spans in the newest window: two or three row groups, 20 ms with their texts."""
GROWTH = 4
"""How many times the one before a window is: at ten million spans there are five of them."""


class Stretch(NamedTuple):
    """Rows that start between two times, both included. Unix ns."""

    row_count: int
    min_time: int
    max_time: int


def windows(stretches: Iterable[Stretch]) -> list[int]:
    """Moments, newest first, with about `FIRST * GROWTH**n` rows that start after the n-th.

    From each stretch's rows and times alone: as if its rows stood evenly between the two.
    """
    parts = list(stretches)
    total = sum(part.row_count for part in parts)
    if total < 2 * FIRST:
        return []
    # Going back in time, a part joins at its newest row and leaves at its oldest.
    edges: list[tuple[int, float]] = []
    for part in parts:
        density = part.row_count / (part.max_time - part.min_time + 1)
        edges += [(part.max_time + 1, density), (part.min_time, -density)]
    edges.sort(reverse=True)
    found: list[int] = []
    wanted, passed, density, at = float(FIRST), 0.0, 0.0, edges[0][0]
    for edge, change in edges:
        rows = density * (at - edge)
        while passed + rows >= wanted and wanted < total:
            found.append(at - int((wanted - passed) / density))
            wanted *= GROWTH
        passed, at = passed + rows, edge
        density += change
    return found
