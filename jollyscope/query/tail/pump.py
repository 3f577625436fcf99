"""Reads a tail in a thread of its own, so that who shows it may be slow, or pause."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from jollyscope.query.tail.goal import Ending
from jollyscope.query.tail.item import Item
from jollyscope.query.tail.stream import Batch, Tail

__all__ = ["Pump"]

_BOUND = 10_000
"""Records that wait to be shown; 20 MB of them at 2 kB each."""
_WAIT_S = 0.5


class Pump:
    """A queue of what a tail gives. Beyond its bound the oldest are dropped, and counted: reading
    never waits for showing.
    """

    def __init__(
        self, tail: Tail, *, bound: int = _BOUND, on_news: Callable[[], None] = lambda: None
    ) -> None:
        self.dropped = 0
        """Records that were never taken."""
        self._tail = tail
        self._waiting: deque[Item] = deque()
        self._bound = bound
        self._on_news = on_news
        self._ending: Ending | None = None
        self._error: BaseException | None = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jollyscope-tail", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Records to be taken."""
        return len(self._waiting)

    def take(self, most: int) -> Batch:
        """At most so many, and the ending once all before it are taken. Raises what went wrong."""
        with self._lock:
            if self._error is not None:
                raise self._error
            items = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
            return Batch(items, None if self._waiting else self._ending)

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        self._tail.follower.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._closed.is_set() and self._ending is None:
                self._put(self._tail.step(_WAIT_S))
        except BaseException as error:  # noqa: BLE001 - raised where it is taken
            self._error = error
        self._on_news()

    def _put(self, batch: Batch) -> None:
        for item in batch.items:
            _ = item.record  # decoded here, while the terminal is written to
        with self._lock:
            self._waiting.extend(batch.items)
            while len(self._waiting) > self._bound:
                self._waiting.popleft()
                self.dropped += 1
            self._ending = batch.ending
        if batch.items:
            self._on_news()
