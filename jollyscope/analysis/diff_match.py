"""Which spans of two traces belong together: parents before children, a level at a time.

Zhang and Shasha's tree edit distance ("Simple fast algorithms for the editing distance between
trees and related problems", 1989) would be the exact answer; it takes the product of both sizes and
depths. As XML and syntax tree differs do, children are lined up only below parents that were (see
`diff_align`), and what is left over is looked for elsewhere, as the top-down phase of GumTree
(Falleri et al., "Fine-grained and accurate source code differencing", ASE 2014): that is what moved.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from jollyscope.analysis.diff_align import Aligner
from jollyscope.analysis.diff_items import Item, walk

__all__ = ["Matched", "Placed", "match", "place"]


class Matched(NamedTuple):
    """The right partner of left items, the left partner of right ones, and the right items that stand
    elsewhere than their partners.
    """

    right_of: dict[Item, Item]
    left_of: dict[Item, Item]
    moved: set[Item]
    approximate: bool

    def mirrored(self) -> Matched:
        """The same with left and right changed over."""
        moved = {self.left_of[item] for item in self.moved}
        return Matched(self.left_of, self.right_of, moved, self.approximate)


class Placed(NamedTuple):
    """One row of a comparison: a pair, or a step of one side only. `depth` from 0."""

    left: Item | None
    right: Item | None
    moved: bool
    depth: int


def match(left: list[Item], right: list[Item]) -> Matched:
    """Pair the items below these roots. A lone root on either side belongs to the other one."""
    ours, theirs = list(walk(left)), list(walk(right))
    aligner = Aligner(len(ours) + len(theirs))
    found = Matched({}, {}, set(), False)
    if len(left) == len(right) == 1:
        _pair(left[0], right[0], found)
        left, right = left[0].children, right[0].children
    _level(left, right, found, aligner)
    _moves(ours, theirs, found, aligner)
    return found._replace(approximate=aligner.approximate)


def _pair(one: Item, other: Item, found: Matched) -> None:
    found.right_of[one] = other
    found.left_of[other] = one


def _level(left: list[Item], right: list[Item], found: Matched, aligner: Aligner) -> None:
    """Line up two lists of siblings, then the children of each pair, and so on down."""
    levels = [(left, right)]
    while levels:
        ours, theirs = levels.pop()
        free = [item for item in ours if item not in found.right_of]
        others = [item for item in theirs if item not in found.left_of]
        if not free or not others:
            continue
        aligned = aligner.align(free, others)
        found.moved.update(other for _, other in aligned.crossing)
        for one, other in aligned.pairs + aligned.crossing:
            _pair(one, other, found)
            levels.append((one.children, other.children))


def _moves(left: list[Item], right: list[Item], found: Matched, aligner: Aligner) -> None:
    """Pair what is left over on both sides and equal: first wholly, then in what it was given."""
    for parts in (4, 3):
        waiting: dict[object, deque[Item]] = {}
        for item in left:
            if item not in found.right_of and _telling(item, parts):
                waiting.setdefault(item.signature[:parts], deque()).append(item)
        for item in right:
            alike = waiting.get(item.signature[:parts])
            if item in found.left_of or not alike:
                continue
            one = alike.popleft()
            while one in found.right_of and alike:
                one = alike.popleft()
            if one not in found.right_of:
                _pair(one, item, found)
                found.moved.add(item)
                _level(one.children, item.children, found, aligner)


def _telling(item: Item, parts: int) -> bool:
    """Whether the item says enough to be known again elsewhere."""
    return any(text for text in item.signature[2:parts])


def place(left: list[Item], right: list[Item], found: Matched) -> list[Placed]:
    """The rows in order, parents first: pairs stand where the right step does, what only the left has
    where it was between them. Every item is in one row.
    """
    rows: list[Placed] = []
    stack = _siblings(left, right, found, 0)[::-1]
    while stack:
        row = stack.pop()
        rows.append(row)
        ours = row.left.children if row.left else []
        theirs = row.right.children if row.right else []
        if ours or theirs:
            stack.extend(reversed(_siblings(ours, theirs, found, row.depth + 1)))
    return rows


def _siblings(left: list[Item], right: list[Item], found: Matched, depth: int) -> list[Placed]:
    rows: list[Placed] = []
    added: list[Placed] = []
    here = {item for item in right if item not in found.moved}
    ours = iter(left)
    for item in right:
        one = found.left_of.get(item)
        if one is None or item not in here:
            added.append(Placed(one, item, one is not None, depth))
            continue
        for passed in ours:
            if passed is one:
                break
            if passed not in found.right_of:
                rows.append(Placed(passed, None, False, depth))
        rows += [*added, Placed(one, item, False, depth)]
        added = []
    rows += [Placed(item, None, False, depth) for item in ours if item not in found.right_of]
    return rows + added
