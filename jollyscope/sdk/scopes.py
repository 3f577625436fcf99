"""Session and run, carried in OpenTelemetry's context: wherever that goes, they go along."""

from __future__ import annotations

from collections.abc import Mapping

from opentelemetry.context import Context, create_key, get_current

__all__ = ["RUN_KEY", "SESSION_KEY", "InUse", "session_attributes"]

SESSION_KEY = create_key("jollyscope-session")
RUN_KEY = create_key("jollyscope-run")


class InUse:
    """Whether spans need look for a session: not before the first one was named."""

    sessions = False


def session_attributes(context: Context | None) -> Mapping[str, str] | None:
    """The attributes that a span started in `context` (None: the current one) gets."""
    if context is None:
        context = get_current()
    return context.get(SESSION_KEY)  # type: ignore[return-value]
