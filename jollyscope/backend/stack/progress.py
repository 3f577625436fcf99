"""What is told while the backend changes."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Progress", "Quiet"]


class Progress(Protocol):
    """Told of every step; from one thread."""

    def service(self, name: str, phase: str, detail: str = "") -> None:
        """A service is `pulling`, `building`, `created`, `starting`, `healthy`, `done` … now."""
        ...

    def say(self, text: str) -> None:
        """One sentence about the whole."""
        ...


class Quiet:
    """Tells nobody."""

    def service(self, name: str, phase: str, detail: str = "") -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""
