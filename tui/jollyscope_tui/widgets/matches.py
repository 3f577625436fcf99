"""What a search within a trace has found so far. No Textual.

A search goes through the nodes in order, from where the cursor is on and round, so that the nearest
match is known first; what was found is in the tree's order, so that the next and the previous one
are a bisection away.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from jollyscope.model.tree import Node
from jollyscope.query.searching import Needle

__all__ = ["Matches", "Search"]

STRIDE = 256
"""Nodes looked at between two looks at whether the search was given up: two milliseconds."""


class Matches:
    """Positions of the nodes that have `text`. `looked` of `total` have been looked at."""

    def __init__(self, text: str, total: int, looked: int = 0, found: Sequence[int] = ()) -> None:
        self.text = text
        self.needle = Needle(text)
        self.total = total
        self.looked = looked
        self.found = array("q", found)

    @property
    def complete(self) -> bool:
        """Whether all nodes have been looked at."""
        return self.looked >= self.total

    def __len__(self) -> int:
        return len(self.found)

    def __contains__(self, at: int) -> bool:
        place = bisect_left(self.found, at)
        return place < len(self.found) and self.found[place] == at

    def number(self, at: int) -> int:
        """Which of the matches a position is, from 1; 0 for one that is none."""
        return bisect_left(self.found, at) + 1 if at in self else 0

    def further(self, at: int, step: int, *, here: bool = False) -> Iterator[int]:
        """Every match, the next (`step` 1) or previous (-1) one of a position first, going round;
        `here` counts the position itself first.
        """
        found = self.found
        if step > 0:
            place = (bisect_left if here else bisect_right)(found, at)
            return iter(found[place:] + found[:place])
        place = bisect_left(found, at)
        return iter((found[place:] + found[:place])[::-1])


class Search:
    """Looks for `text` from position `start` on and round. `among` is a complete search for a text
    that is part of this one: only what it found is looked at.
    """

    def __init__(
        self, nodes: list[Node], text: str, start: int = 0, among: Matches | None = None
    ) -> None:
        self._nodes, self._text = nodes, text
        self._places: Sequence[int] = among.found if among is not None else range(len(nodes))
        self._first = bisect_left(self._places, start)
        self._looked = 0
        self._ahead, self._behind = array("q"), array("q")

    def run(self) -> Iterator[bool]:
        """Search, yielding every so often whether anything was found so far."""
        needle, nodes = Needle(self._text), self._nodes
        places, first = self._places, self._first
        for part, found in ((places[first:], self._ahead), (places[:first], self._behind)):
            for at in part:
                node = nodes[at]
                if needle.within(node.span) if node.span else needle.inside(node.name):
                    found.append(at)
                self._looked += 1
                if self._looked % STRIDE == 0:
                    yield bool(self._ahead or self._behind)

    def matches(self) -> Matches:
        """What was found so far, or all."""
        found = self._behind + self._ahead
        return Matches(self._text, len(self._places), self._looked, found)
