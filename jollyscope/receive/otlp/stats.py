"""What a receiver has done so far, for a status line and for /healthz."""

from __future__ import annotations

import threading
from typing import Any

import msgspec

from jollyscope.receive.otlp.decode import Signal
from jollyscope.receive.otlp.intake import Taken

__all__ = ["Counts", "Stats"]


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers at one moment."""

    spans: int = 0
    """Durable, as are the next two."""
    logs: int = 0
    metrics: int = 0
    """Data points."""
    rejected: int = 0
    """Records that can never be stored (partial success)."""
    requests: int = 0
    bytes: int = 0
    """Of bodies as they came, of requests that were answered OK."""
    overloaded: int = 0
    """Requests told to come back later: too much waits, or the spool is at its bound."""
    down: int = 0
    """Requests told to come back later: the sink takes nothing."""
    refused: int = 0
    """Requests refused for good: malformed, too large, without the token…"""
    failed: int = 0
    """Requests that the receiver itself failed on."""
    waiting: int = 0
    """Bytes of requests in work."""


class Stats:
    """Counts. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = dict.fromkeys(Counts.__struct_fields__, 0)

    def done(self, signal: Signal, taken: Taken, size: int) -> None:
        """A request was answered OK."""
        name = "spans" if signal == "traces" else signal
        with self._lock:
            self._counts[name] += taken.records
            self._counts["rejected"] += taken.rejected
            self._counts["requests"] += 1
            self._counts["bytes"] += size

    def turned_away(self, http: int) -> None:
        """A request was answered with an error; `http` is the status that it has over HTTP."""
        name = {429: "overloaded", 503: "down", 500: "failed"}.get(http, "refused")
        with self._lock:
            self._counts[name] += 1
            self._counts["requests"] += 1

    def read(self, waiting: int = 0) -> Counts:
        """The numbers now."""
        with self._lock:
            found: dict[str, Any] = {**self._counts, "waiting": waiting}
        return Counts(**found)
