"""Which spans were counted already: delivery is at least once."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Hashable

__all__ = ["Recent", "Seen"]


class Seen:
    """The spans of one minute, each by 64 bits of its hash: of a million spans two are taken for one with
    a chance of one in 10^7.

    While a minute is being told that is a set (75 bytes a span); once it is over, a sorted array
    (8 bytes), with a set for the few that still come.
    """

    def __init__(self) -> None:
        self._new: set[int] = set()
        self._settled = array("q")

    def __len__(self) -> int:
        return len(self._new) + len(self._settled)

    def add(self, span: Hashable) -> bool:
        """Whether it was not there before."""
        key = hash(span)
        at = bisect_left(self._settled, key)
        if key in self._new or (at < len(self._settled) and self._settled[at] == key):
            return False
        self._new.add(key)
        return True

    def settle(self) -> None:
        """Put what is there in order, in as little memory as it takes."""
        self._settled = array("q", sorted([*self._settled, *self._new]))
        self._new = set()


class Recent:
    """The last `most` of what was added, for spans that no minute remembers any longer."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[int, None] = {}

    def add(self, span: Hashable) -> bool:
        """Whether it was not among the last."""
        key = hash(span)
        if key in self._held:
            return False
        self._held[key] = None
        if len(self._held) > self._most:
            del self._held[next(iter(self._held))]
        return True
