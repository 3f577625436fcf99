"""Times of day in the zone of the setting `ui.time`."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from jollyscope.query import clock

__all__ = ["ago", "moment"]


def moment(nanos: int) -> datetime:
    """Unix ns as a person here wants to read it, local or UTC."""
    shown = clock.local(nanos)
    return shown.astimezone(UTC) if _in_utc() else shown


def ago(then: int, now: int) -> str:
    """As `clock.ago`, with the date of this zone."""
    told = clock.ago(then, now)
    return told if told.endswith(("ago", "now")) else f"{moment(then):%Y-%m-%d}"


@cache
def _in_utc() -> bool:
    """Read once a run: a list has thousands of times."""
    from jollyscope import config

    return config.load().ui.time == "utc"
