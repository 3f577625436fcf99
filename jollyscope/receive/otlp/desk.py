"""What both protocols of one receiver share."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from jollyscope.receive.otlp.decode import Signal
from jollyscope.receive.otlp.intake import Intake, Packed, Taken
from jollyscope.receive.otlp.limits import Budget, Hold, Limits, without_frames
from jollyscope.receive.otlp.replies import Refusal, refusal
from jollyscope.receive.otlp.stats import Counts, Stats

__all__ = ["Desk", "Trouble"]

Trouble = Callable[[BaseException], None]
"""Told of what keeps records from being stored, and of errors that are this program's own."""


class Desk:
    """Hands bodies to the intake, and keeps the accounts: bytes in work and what became of them."""

    def __init__(
        self, intake: Intake, limits: Limits, token: str | None, on_trouble: Trouble | None
    ) -> None:
        self.intake = intake
        self.limits = limits
        self.token = token
        self.budget = Budget(limits.queue)
        self.stats = Stats()
        self._on_trouble = on_trouble

    def take(self, packed: Packed, hold: Hold) -> Future[Taken]:
        """Begin with a body that `hold` has the bytes of; they are given back when it is durable, or
        refused, whether or not anybody still waits for the answer.
        """
        try:
            future = self.intake.take(packed)
        except BaseException:
            hold.release()
            raise
        future.add_done_callback(hold.release)
        return future

    def done(self, signal: Signal, taken: Taken, size: int) -> None:
        """A request is being answered OK."""
        self.stats.done(signal, taken, size)

    def refuse(self, error: BaseException) -> Refusal:
        """How an error is told to the sender; counted."""
        told = refusal(error)
        self.stats.turned_away(told.http)
        if told.http in (429, 500, 503) and self._on_trouble is not None:
            self._on_trouble(error)
        without_frames(error)
        return told

    def counts(self) -> Counts:
        """The numbers now."""
        return self.stats.read(self.budget.held)
