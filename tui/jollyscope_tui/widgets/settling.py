"""A pane that follows a cursor once it rests."""

from __future__ import annotations

from collections.abc import Callable

from textual.containers import Vertical
from textual.timer import Timer

__all__ = ["SettlingPane"]

SETTLE_SECONDS = 0.05
"""The detail follows the cursor once it rests so long: a held key repeats every 30 ms."""


class SettlingPane(Vertical):
    """What it is to show is given as a function, called when no other has come for a while."""

    def __init__(self) -> None:
        super().__init__()
        self._timer: Timer | None = None
        self._due: Callable[[], None] = lambda: None

    @property
    def settling(self) -> bool:
        """Whether the cursor has moved on and what it stands on is not yet on show."""
        return self._timer is not None

    def show_soon(self, show: Callable[[], None]) -> None:
        """Call `show` when the cursor has come to rest."""
        if self._timer is not None:
            self._timer.stop()

        def show_now() -> None:
            self._timer = None
            show()

        self._timer, self._due = self.set_timer(SETTLE_SECONDS, show_now), show_now

    def catch_up(self) -> None:
        """Show now what the cursor stands on: the next key is about that."""
        if self._timer is not None:
            self._timer.stop()
            self._due()
