"""Screens that are read again as soon as something of theirs is recorded, instead of every so often."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from textual import on
from textual.message import Message
from textual.timer import Timer

from jollyscope.errors import JollyScopeError
from jollyscope.transport.following.api import Heard, Standing, Start
from jollyscope_tui.listening import Listening
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.services import Services

__all__ = ["Waking"]

LEAST_SECONDS = 0.1
"""Between two reads; what is recorded meanwhile is read together."""


class Waking(ReadingScreen):
    """Listens between `listen` and `listen_no_more`. Subclasses say what a record has to do with them
    (`concerns`) and read again (`read_again`, which may decline by giving False).
    """

    class Stirred(Message):
        """Something was recorded that concerns this screen."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, Waking.Stirred)

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.hears = False
        """Whether a follower is heard: then there is no need to read every so often."""
        self._ear: Listening | None = None
        self._due = False
        self._not_before = 0.0
        self._waking: Timer | None = None

    def concerns(self, heard: Sequence[Heard]) -> bool:
        """Whether any of these records does. Called in another thread."""
        raise NotImplementedError

    def read_again(self) -> bool:
        """Begin to read; False where that is not possible now."""
        raise NotImplementedError

    def listen(self) -> None:
        """From now on be woken. Where no follower can be had nothing happens."""
        if self._ear is None:
            source = self.services.source.live
            self._ear = Listening(
                lambda: source.follow(Start.now(), ["span"]), self._heard, self._deaf
            )

    def listen_no_more(self) -> None:
        """Let go of the follower."""
        if self._ear is not None:
            self._ear.close()
        self._ear, self.hears, self._due = None, False, False

    def _heard(self, heard: list[Heard], standing: Standing) -> None:
        self.hears = standing.connected
        if heard and self.concerns(heard):
            self.post_message(self.Stirred())

    def _deaf(self, _error: JollyScopeError) -> None:
        self.hears = False

    @on(Stirred)
    def _stirred(self) -> None:
        self._due = True
        self._read_if_due()

    def rest(self, seconds: float) -> None:
        """What was asked for has arrived: the next read is at least so much later."""
        self._not_before = monotonic() + max(LEAST_SECONDS, seconds)
        self._read_if_due()

    def _read_if_due(self) -> None:
        if not self._due or self._ear is None or not self.is_current:
            return
        wait = self._not_before - monotonic()
        if wait <= 0:
            self._due = not self.read_again()
        elif self._waking is None:
            self._waking = self.set_timer(wait, self._woken)

    def _woken(self) -> None:
        self._waking = None
        self._read_if_due()

    def on_screen_resume(self) -> None:
        self._read_if_due()

    def on_unmount(self) -> None:
        self.listen_no_more()
