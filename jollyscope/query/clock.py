"""Times as a list shows them: how long ago, then the date."""

from __future__ import annotations

from datetime import datetime

__all__ = ["ago", "local"]

_SECOND = 1_000_000_000


def local(nanos: int) -> datetime:
    """Unix ns as local time, to the microsecond."""
    moment = datetime.fromtimestamp(nanos // _SECOND).astimezone()
    return moment.replace(microsecond=nanos % _SECOND // 1000)


def ago(then: int, now: int) -> str:
    """Unix ns as `now`, `12s ago`, `5m ago`, `3h ago`, `6d ago`, then `2026-11-20`; local dates.

    A time ahead of `now` by more than a second (another machine's clock) is given as its date.
    """
    seconds = (now - then) / _SECOND
    if -1 <= seconds < 1:
        return "now"
    for bound, unit, name in (
        (60, 1, "s"),
        (3600, 60, "m"),
        (86400, 3600, "h"),
        (604800, 86400, "d"),
    ):
        if 0 <= seconds < bound:
            return f"{int(seconds // unit)}{name} ago"
    return f"{local(then):%Y-%m-%d}"
