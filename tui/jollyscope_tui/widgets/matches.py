"""What a search within a trace has found so far. No Textual.

A search goes through the nodes in order, from where the cursor is on and round, so that the nearest
match is known first; what was found is in the tree's order, so that the next and the previous one
are a bisection away.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from jollyscope.model.tree import Node
from jollyscope.query.searching import Needle

__all__ = ["Matches", "look"]

STRIDE = 256
"""Nodes looked at between two looks at whether the search was given up: about a millisecond."""


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


def look(
    nodes: list[Node],
    text: str,
    start: int,
    stop: Callable[[], bool],
    among: Matches | None = None,
) -> Iterator[Matches]:
    """Search from position `start` on and round, yielding what is known every so often, at last all.

    Ends early when `stop()` says so. `among` is a complete search for a text that `text` begins with
    or holds: only what it found is looked at.
    """
    needle = Needle(text)
    total = len(among) if among is not None else len(nodes)
    places: Sequence[int] = among.found if among is not None else range(len(nodes))
    first = bisect_left(places, start)
    ahead, behind = array("q"), array("q")
    order = chain(((at, ahead) for at in places[first:]), ((at, behind) for at in places[:first]))
    for looked, (at, found) in enumerate(order, 1):
        node = nodes[at]
        if needle.within(node.span) if node.span else needle.inside(node.name):
            found.append(at)
        if looked % STRIDE == 0 and looked < total:
            if stop():
                return
            yield Matches(text, total, looked, behind + ahead)
    yield Matches(text, total, total, behind + ahead)
