"""Where received and imported records go, and when a sender may be told that they are safe."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol

from jollyscope.errors import JollyScopeError
from jollyscope.model.records import Record

__all__ = ["OverloadedError", "RefusedError", "Sink", "SinkDownError"]


class OverloadedError(JollyScopeError):
    """The sink holds as much as it may; nothing of the batch was taken. Send it again later."""

    def __init__(self, message: str, *, retry_after: float = 1.0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after
        """Seconds."""


class SinkDownError(JollyScopeError):
    """The sink could not make the batch durable (full disk, no broker). Send it again later."""


class RefusedError(JollyScopeError):
    """Some records of the batch can never be taken, the others are durable: not to be sent again.
    To a sender this is OTLP's partial success.
    """

    def __init__(self, message: str, *, count: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.count = count
        """Records refused."""


class Sink(Protocol):
    """Takes batches of records from any thread."""

    def submit(self, records: Sequence[Record]) -> Future[None]:
        """Begin to make the batch durable. The future is done when all of it is: flushed to the
        spool, or acknowledged by Kafka; else it raises `SinkDownError`, or `RefusedError` for what is
        too large for Kafka. Raises `OverloadedError` at once, having taken nothing, when the bound on
        what is waiting is reached. Records are the sink's from here on.
        """
        ...

    def close(self, timeout: float = 10.0) -> None:
        """Finish what was taken, within `timeout` seconds, and let go."""
        ...
