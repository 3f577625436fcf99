"""Which steps of two lists belong together, in order.

Identical steps that either list has once are paired first, as in patience diff (Bram Cohen's, of
Bazaar and Git): the longest run of them that is in order in both. What lies between is lined up by
Needleman and Wunsch's algorithm ("A general method applicable to the search for similarities in the
amino acid sequence of two proteins", 1970) over `Likeness`, gaps for free: the pairs with the highest
sum. Where that would take too long it looks only along the diagonal (a band), and says so.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from jollyscope.analysis.diff_items import Item
from jollyscope.analysis.diff_words import Likeness

__all__ = ["Aligned", "Aligner"]

CELLS = 300_000
"""Pairs scored in all, about: 1 to 2 µs each."""

LEAST = 16
"""Pairs scored a step at least: 0.6 million for 20,000 steps against as many."""


class Aligned(NamedTuple):
    """Pairs in the order of both lists; and identical pairs that stand in another order."""

    pairs: list[tuple[Item, Item]]
    crossing: list[tuple[Item, Item]]


class _Gap(NamedTuple):
    """Steps `[left, left_end)` of one list and `[right, right_end)` of the other. `level`: 0 where
    identical steps are still looked for, 1 where equal inputs are.
    """

    left: int
    left_end: int
    right: int
    right_end: int
    level: int


_KEYS: tuple[Callable[[Item], Hashable], ...] = (
    lambda item: item.signature,
    lambda item: item.signature[:3],
)


class Aligner:
    """Lines up lists of siblings; `total` is how many steps both traces have together."""

    def __init__(self, total: int) -> None:
        self.approximate = False
        """Some lists were so long that only pairs near the diagonal were looked at."""
        self._likeness = Likeness()
        self._cells = max(LEAST, CELLS // max(1, total))

    def align(self, left: Sequence[Item], right: Sequence[Item]) -> Aligned:
        """Line up two lists."""
        crossing = _crossing(left, right)
        if crossing:
            taken = {item for pair in crossing for item in pair}
            left = [item for item in left if item not in taken]
            right = [item for item in right if item not in taken]
        pairs = self._pairs(left, right)
        return Aligned([(left[i], right[j]) for i, j in pairs], crossing)

    def _pairs(self, left: Sequence[Item], right: Sequence[Item]) -> list[tuple[int, int]]:
        pairs: list[tuple[int, int]] = []
        gaps = [_Gap(0, len(left), 0, len(right), 0)]
        while gaps:
            gap, trimmed = _trim(gaps.pop(), left, right)
            pairs += trimmed
            if gap.left == gap.left_end or gap.right == gap.right_end:
                continue
            anchors = _anchors(gap, left, right)
            if anchors:
                pairs += anchors
                gaps += _between(gap, anchors)
            elif gap.level + 1 < len(_KEYS):
                gaps.append(gap._replace(level=gap.level + 1))
            else:
                pairs += self._line_up(gap, left, right)
        return sorted(pairs)

    def _line_up(
        self, gap: _Gap, left: Sequence[Item], right: Sequence[Item]
    ) -> list[tuple[int, int]]:
        ours, theirs = left[gap.left : gap.left_end], right[gap.right : gap.right_end]
        rows, columns = len(ours), len(theirs)
        half = columns
        if rows * columns > self._cells * (rows + columns):
            half = max(1, self._cells * (rows + columns) // (2 * rows))
            self.approximate = True
        moves = _score(ours, theirs, half, self._likeness)
        return [(gap.left + i, gap.right + j) for i, j in _trace_back(moves, rows, columns)]


def _trim(
    gap: _Gap, left: Sequence[Item], right: Sequence[Item]
) -> tuple[_Gap, list[tuple[int, int]]]:
    """The gap without what is equal at its ends, and the pairs that this makes."""
    key = _KEYS[gap.level]
    i, i_end, j, j_end, level = gap
    pairs: list[tuple[int, int]] = []
    while i < i_end and j < j_end and key(left[i]) == key(right[j]):
        pairs.append((i, j))
        i, j = i + 1, j + 1
    while i < i_end and j < j_end and key(left[i_end - 1]) == key(right[j_end - 1]):
        i_end, j_end = i_end - 1, j_end - 1
        pairs.append((i_end, j_end))
    return _Gap(i, i_end, j, j_end, level), pairs


def _anchors(gap: _Gap, left: Sequence[Item], right: Sequence[Item]) -> list[tuple[int, int]]:
    """Steps that either side has once: the longest chain of them in order."""
    key = _KEYS[gap.level]
    ours = [key(left[i]) for i in range(gap.left, gap.left_end)]
    theirs = [key(right[j]) for j in range(gap.right, gap.right_end)]
    return [(gap.left + i, gap.right + j) for i, j in _increasing(_both(ours, theirs))]


def _crossing(left: Sequence[Item], right: Sequence[Item]) -> list[tuple[Item, Item]]:
    """Identical steps that say something, and that stand in another order than most."""
    both = _both([item.signature for item in left], [item.signature for item in right])
    straight = set(_increasing(both))
    return [(left[i], right[j]) for i, j in both
            if (i, j) not in straight and any(left[i].signature[2:])]  # fmt: skip


def _both(ours: Sequence[Hashable], theirs: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Where the keys stand that either list has once, in the order of the first."""
    once = _once(theirs)
    return [(i, once[key]) for key, i in _once(ours).items() if key in once]


def _once(keys: Sequence[Hashable]) -> dict[Hashable, int]:
    places: dict[Hashable, int] = {}
    again: set[Hashable] = set()
    for at, key in enumerate(keys):
        if key in places:
            again.add(key)
        places[key] = at
    return {key: at for key, at in places.items() if key not in again}


def _increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence whose second numbers rise too (Schensted 1961), by patience sorting."""
    tops: list[int] = []
    at: list[int] = []
    before: list[int] = []
    for index, (_, value) in enumerate(pairs):
        place = bisect_left(tops, value)
        tops[place : place + 1] = [value]
        at[place : place + 1] = [index]
        before.append(at[place - 1] if place else -1)
    chain: list[tuple[int, int]] = []
    index = at[-1] if at else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _between(gap: _Gap, anchors: list[tuple[int, int]]) -> list[_Gap]:
    ends = [*anchors, (gap.left_end, gap.right_end)]
    starts = [(gap.left, gap.right), *((i + 1, j + 1) for i, j in anchors)]
    return [
        _Gap(i, i_end, j, j_end, gap.level)
        for (i, j), (i_end, j_end) in zip(starts, ends, strict=True)
        if i < i_end and j < j_end
    ]


_PAIR, _SKIP_LEFT, _SKIP_RIGHT = 0, 1, 2
_Moves = list[tuple[int, bytearray]]
"""A row of choices for each left step, and the column that it begins with."""


def _score(left: Sequence[Item], right: Sequence[Item], half: int, likeness: Likeness) -> _Moves:
    """The best way to each pair, `half` columns to both sides of the diagonal. One row of sums is
    kept: what lies outside the band keeps the last sum that was known there, never one too high.
    """
    rows, columns = len(left), len(right)
    sums = [0.0] * (columns + 1)
    moves: _Moves = []
    score = likeness.score
    for i in range(rows):
        middle = (i + 1) * columns // rows
        first, last = max(1, middle - half), min(columns, middle + half)
        row = bytearray(last - first + 1)
        ours, diagonal, beside = left[i], sums[first - 1], sums[first - 1]
        for j in range(first, last + 1):
            above = sums[j]
            # Of ways that are worth the same the one that pairs the earlier steps is taken.
            best, move = (beside, _SKIP_RIGHT) if beside >= above else (above, _SKIP_LEFT)
            worth = score(ours, right[j - 1])
            if worth and diagonal + worth > best:
                best, move = diagonal + worth, _PAIR
            diagonal = above
            sums[j] = beside = best
            row[j - first] = move
        moves.append((first, row))
    return moves


def _trace_back(moves: _Moves, i: int, j: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    while i > 0 and j > 0:
        first, row = moves[i - 1]
        inside = 0 <= j - first < len(row)
        move = row[j - first] if inside else _SKIP_LEFT if j < first else _SKIP_RIGHT
        if move != _SKIP_RIGHT:
            i -= 1
        if move != _SKIP_LEFT:
            j -= 1
        if move == _PAIR:
            pairs.append((i, j))
    return pairs
