"""A series cut where its level changes for good."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from jollyscope.analysis.groups.ranks import Split, pettitt

__all__ = ["LEAST", "parts", "segments"]

LEAST = 5
"""Points on either side of a change."""


def segments(values: Sequence[float], level: float) -> list[Split]:
    """Changes of level, by place: binary segmentation (Scott and Knott 1974; Vostrikova 1981) with
    Pettitt's rank test, at a chance of `level` to find any where there is none.

    Each one found is placed and tested again between its neighbours, as in Bai's repartition (1997):
    the first was placed while others were in the way.
    """
    places = _halved(values, 0, len(values), level)
    for _ in range(2):
        places = [split.at for split in _again(values, places, level)]
    return _again(values, places, level)


def _again(values: Sequence[float], places: Sequence[int], level: float) -> list[Split]:
    """Each change as it is between its neighbours, where it then still is one."""
    bounds = [0, *places, len(values)]
    tested = (_within(values, a, b) for a, b in zip(bounds, bounds[2:], strict=False))
    found = {split.at: split for split in tested if split is not None and split.p <= level}
    return [found[at] for at in sorted(found)]


def _halved(values: Sequence[float], start: int, end: int, level: float) -> list[int]:
    split = _within(values, start, end)
    if split is None or split.p > level:
        return []
    return [
        *_halved(values, start, split.at, level),
        split.at,
        *_halved(values, split.at, end, level),
    ]


def _within(values: Sequence[float], start: int, end: int) -> Split | None:
    split = pettitt(values[start:end], LEAST)
    return None if split is None else Split(start + split.at, split.p)


def parts(length: int, splits: Sequence[Split]) -> list[tuple[int, int]]:
    """The stretches that lie between the changes."""
    return list(pairwise([0, *(split.at for split in splits), length]))
