"""What can be wrong with the backend or the engine that runs it."""

from __future__ import annotations

from jollyscope.errors import JollyScopeError

__all__ = ["EMBEDDED", "BackendError", "EngineError"]

EMBEDDED = "The embedded store needs no engine: `jollyscope demo` and all reading work without."


class BackendError(JollyScopeError):
    """The backend cannot be started, stopped or asked."""


class EngineError(BackendError):
    """No container engine, or one that does not let us in."""
