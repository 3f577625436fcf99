"""What one receiver takes at most, and the account of the bytes it holds."""

from __future__ import annotations

import threading
from typing import TypeVar

import msgspec

from jollyscope.config import CollectConfig
from jollyscope.errors import JollyScopeError
from jollyscope.receive.sink import OverloadedError

__all__ = ["Budget", "EncodingError", "Hold", "Limits", "TooLargeError", "without_frames"]

Error = TypeVar("Error", bound=BaseException)


class TooLargeError(JollyScopeError):
    """A request beyond the bound on one, packed or unpacked."""


class EncodingError(JollyScopeError):
    """A content type or content encoding that is not understood here."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of a receiver. Sizes in bytes, times in seconds."""

    body: int = 16 << 20
    """One request, packed and unpacked."""
    queue: int = 64 << 20
    """All requests together, from their first byte until they are durable."""
    requests: int = 256
    """Requests over HTTP in work at a time."""
    connections: int = 512
    """Open connections, over HTTP and over gRPC each."""
    head: int = 64 << 10
    """A request's line and headers."""
    head_s: float = 10.0
    """For the request's line and headers to arrive."""
    body_s: float = 30.0
    """For the whole body to arrive."""
    idle_s: float = 75.0
    """That an idle connection stays open."""
    answer_s: float = 60.0
    """For a request to become durable; then the sender is told to come back."""
    grpc_threads: int = 16
    """Requests over gRPC in work at a time; others wait their turn in the transport."""

    @classmethod
    def of(cls, config: CollectConfig) -> Limits:
        """The bounds that the settings ask for."""
        return cls(body=config.max_body_mb << 20, queue=config.queue_mb << 20)


class Budget:
    """Counts the bytes of all requests in work. Thread-safe."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held = 0
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        """Bytes in work now."""
        return self._held

    def hold(self) -> Hold:
        """An account of nothing yet; let go of it when the request is done with."""
        return Hold(self)

    def take(self, size: int) -> None:
        """Raises `OverloadedError`, having taken nothing, where there is no room."""
        with self._lock:
            if self._held + size > self.limit:
                raise OverloadedError(
                    f"The receiver holds {self._held >> 20} MB that are not durable yet.",
                    hint="Send it again later.",
                )
            self._held += size

    def give(self, size: int) -> None:
        """Give back what was taken."""
        with self._lock:
            self._held -= size


class Hold:
    """What one request has taken of the budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._size = 0

    def grow(self, size: int) -> None:
        """Take more. Raises `OverloadedError`."""
        self._budget.take(size)
        self._size += size

    def release(self, _done: object = None) -> None:
        """Give all of it back; fits as a future's callback. Safe to call twice."""
        size, self._size = self._size, 0
        self._budget.give(size)


def without_frames(error: Error) -> Error:
    """The error without the frames that it came through. They hold the body, and the future that will
    hold the error: a ring that stays until the garbage collector comes, 20 MB for every bomb.
    """
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return error
