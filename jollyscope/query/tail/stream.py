"""A stream of records that fit, with its end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from jollyscope.query.tail.goal import Ending, Goal
from jollyscope.query.tail.item import Item
from jollyscope.query.tail.sieve import Sieve
from jollyscope.transport.following import Follower, Heard

__all__ = ["Batch", "Tail"]


class Batch(NamedTuple):
    """What one step gave."""

    items: list[Item]
    ending: Ending | None = None
    """Why it was the last one."""


class Tail:
    """Reads a follower through a filter until a goal is reached. One thread steps it."""

    def __init__(
        self,
        follower: Follower,
        sieve: Sieve,
        *,
        goal: Goal = Goal(),  # noqa: B008 - a constant
        exit_on: Sieve | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.follower = follower
        self.unreadable = 0
        """Lines that are no records."""
        self.shown = 0
        self._sieve = sieve
        self._goal = goal
        self._exit_on = exit_on
        self._clock = clock
        self._began = self._heard = clock()

    def step(self, wait: float) -> Batch:
        """What came, waiting at most `wait` seconds for it."""
        now = self._clock()
        patience = self._goal.patience(now - self._heard, now - self._began, wait)
        heard = self.follower.poll(patience)
        items, ending = self._picked(heard)
        now = self._clock()
        self.shown += len(items)
        # While it catches up with what is there already, nobody knows whether something fits.
        if items or (heard and self.follower.standing.behind):
            self._heard = now
        if ending is None:
            ending = self._goal.reached(self.shown, now - self._heard, now - self._began)
        return Batch(items, ending)

    def _picked(self, heard: list[Heard]) -> tuple[list[Item], Ending | None]:
        picked: list[Item] = []
        room = None if self._goal.most is None else self._goal.most - self.shown
        for one in heard:
            if len(picked) == room:
                break
            item = Item(one)
            if self._fits(item):
                picked.append(item)
            # Also what is not shown may be what is waited for; then it is shown.
            if self._exit_on is not None and self._exit_on.fits(item):
                if not picked or picked[-1] is not item:
                    picked.append(item)
                return picked, "found"
        return picked, None

    def _fits(self, item: Item) -> bool:
        if not self._sieve.open and item.record is None:
            self.unreadable += 1
        return self._sieve.fits(item)
