"""Times of day in the zone of the setting `ui.time`."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from jollyscope.query.clock import local

__all__ = ["moment"]


def moment(nanos: int) -> datetime:
    """Unix ns as a person here wants to read it, local or UTC."""
    shown = local(nanos)
    return shown.astimezone(UTC) if _in_utc() else shown


@cache
def _in_utc() -> bool:
    """Read once a run: a list has thousands of times."""
    from jollyscope import config

    return config.load().ui.time == "utc"
