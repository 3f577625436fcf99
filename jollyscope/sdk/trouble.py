"""What goes wrong is told once a kind, on the logger `jollyscope`, and never raised."""

from __future__ import annotations

import contextlib
import logging

__all__ = ["Trouble", "logger"]

logger = logging.getLogger("jollyscope")


class Trouble:
    """Remembers what was told and the last error, for `status()`."""

    def __init__(self) -> None:
        self.last_error: str | None = None
        self._told: set[str] = set()

    def tell(self, kind: str, message: str) -> None:
        """Warn with `message` unless one of this `kind` was told before."""
        self.last_error = message
        if kind not in self._told:
            self._told.add(kind)
            # A handler of the program's that fails must not end the background thread.
            with contextlib.suppress(Exception):
                logger.warning("%s", message)
