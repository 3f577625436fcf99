"""What stands in the middle of a screen that has nothing to show: loading, an error, a first run."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from rich.text import Text
from textual.timer import Timer
from textual.widgets import Static

from jollyscope.errors import JollyScopeError
from jollyscope_tui.widgets.cells import clean

__all__ = ["StatePanel"]

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
SPINNER_AFTER = 0.15
"""Seconds: what comes sooner is not announced, so that screens do not flicker."""


class StatePanel(Static):
    """Hidden until told what to show. Says one thing at a time."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._timer: Timer | None = None
        self._frame = 0
        self._awaited = ""
        self.display = False

    def wait_for(self, what: str) -> None:
        """A spinner, once it takes longer than `SPINNER_AFTER`."""
        self.hide()
        self._awaited = what
        self._timer = self.set_timer(SPINNER_AFTER, lambda: self._spin(what))

    def _spin(self, what: str) -> None:
        self._draw(what)
        if self._awaited == what and self.app.animation_level != "none":
            self._timer = self.set_interval(0.1, lambda: self._draw(what))

    def _draw(self, what: str) -> None:
        # A timer that was stopped may have its turn already waiting in the queue.
        if self._awaited != what:
            return
        self._frame += 1
        frame = _FRAMES[self._frame % len(_FRAMES)]
        self._say(Text.assemble((f"{frame} {clean(what)}\n\n", "bold"), ("Esc cancels", "dim")))

    def failed(self, error: JollyScopeError) -> None:
        """An error for people, and how to try again."""
        self.hide()
        self._say(
            Text.assemble(
                ("✖ ", "bold red"),
                (f"{clean(error.message)}\n", "bold"),
                f"{clean(error.hint)}\n" if error.hint else "",
                ("\nr tries again", "dim"),
            )
        )

    def tell(self, text: Text) -> None:
        """Anything else."""
        self.hide()
        self._say(text)

    def hide(self) -> None:
        """Nothing to say."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._awaited = ""
        self.display = False

    def _say(self, text: Text) -> None:
        self.display = True
        self.update(text)
