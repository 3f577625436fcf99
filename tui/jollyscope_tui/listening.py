"""A follower heard in a thread of its own, for as long as something on the screen is live. No Textual.

What is heard is handed over a frame at a time: at 2,000 records a second that is 10 times some 200
records, not 2,000 times one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from jollyscope.errors import JollyScopeError
from jollyscope.transport.following.api import Follower, Heard, Standing

__all__ = ["Listening"]

FRAME_SECONDS = 0.1
WAIT_SECONDS = 0.25
"""How long one poll waits: so long does closing take, and so late is another standing told."""


class Listening:
    """Calls `take` in its thread with what was heard, and with nothing where only the standing is
    another; `failed` once where no follower can be had. Neither is called after `close`, but for one
    call that may be under way.
    """

    def __init__(
        self,
        opened: Callable[[], Follower],
        take: Callable[[list[Heard], Standing], None],
        failed: Callable[[JollyScopeError], object],
    ) -> None:
        self._opened, self._take, self._failed = opened, take, failed
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listening", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop; the thread lets go of the follower by itself."""
        self._closed.set()

    def _run(self) -> None:
        try:
            follower = self._opened()
        except JollyScopeError as error:
            if not self._closed.is_set():
                self._failed(error)
            return
        try:
            self._listen(follower)
        finally:
            follower.close()

    def _listen(self, follower: Follower) -> None:
        told: tuple[bool, str] | None = None
        while not self._closed.is_set():
            heard = follower.poll(WAIT_SECONDS)
            standing = follower.standing
            stands = standing.connected, standing.sentence
            if (heard or stands != told) and not self._closed.is_set():
                told = stands
                self._take(heard, standing)
            if heard:
                self._closed.wait(FRAME_SECONDS)
