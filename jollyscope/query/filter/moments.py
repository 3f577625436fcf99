"""Time as a filter says it: points, and stretches between them.

A day, a minute or a second is a stretch: `at:2026-11-20` is that day. Times without an offset are
local.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from jollyscope.errors import UsageError
from jollyscope.query.clock import local
from jollyscope.query.times import parse_time

__all__ = ["WRITTEN", "Stretch", "TimeRange", "bound", "stretch"]

WRITTEN = "Write 2h, 3d (ago), today, yesterday, 2026-11-20 or 2026-11-20T14:00."


class TimeRange(NamedTuple):
    """`since <= time < until`, Unix ns; None is unbounded."""

    since: int | None = None
    until: int | None = None


class Stretch(NamedTuple):
    """`start <= time < end`, Unix ns. A moment is a stretch without length."""

    start: int
    end: int
    whole_day: bool = False


def bound(text: str, now: int) -> int:
    """The point of `since:` and `until:`: where the day or moment begins. Raises `UsageError`."""
    return _moment(text, now).start


def stretch(text: str, now: int) -> Stretch:
    """What `at:` is about: a day, minute or second, or `a..b`.

    A range ends where its end begins; a day as its end is part of it, and an end without a day is
    on the day of the start. Raises `UsageError`.
    """
    low, dots, high = text.partition("..")
    if dots and not (low and high):
        raise UsageError(
            "A range of time has two ends.", hint="`since:` and `until:` have one each."
        )
    start = _moment(low, now)
    if not dots:
        if start.start == start.end:
            raise UsageError(
                f"`{text}` is a moment and no stretch of time.",
                hint=f"`since:{text}` is from then on, `at:{text}..now` likewise.",
            )
        return start
    if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", high) and "T" in low.upper():
        high = f"{low[:10]}T{high:0>5}"
    end = _moment(high, now)
    stop = end.end if end.whole_day else end.start
    if end.start < start.start and _relative(low) == _relative(high):
        raise UsageError(f"`{text}` ends before it begins.", hint="The earlier time comes first.")
    return Stretch(start.start, stop)


def _relative(text: str) -> bool:
    """Whether it moves with the clock."""
    return not re.match(r"\d{4}-", text)


def _moment(text: str, now: int) -> Stretch:
    try:
        days = _days(text, now)
        if days is not None:
            return Stretch(_begin(days[0]), _begin(days[1]), whole_day=True)
        start = parse_time(text, now)
    except (UsageError, ValueError, OverflowError):
        raise UsageError(f"`{text}` is no time.", hint=WRITTEN) from None
    if text == "now" or re.fullmatch(r"[\d.]+\s*[smhdw]", text.strip()):
        return Stretch(start, start)
    clock = re.search(r"[T ]\d{2}(:?\d{2})?(:?\d{2})?([.,]\d+)?", text.upper())
    length = _precision(clock) if clock else 0
    return Stretch(start, start + length)


def _precision(clock: re.Match[str]) -> int:
    """How long the last thing said is: an hour, a minute, a second, or a moment."""
    _, minute, second, fraction = clock[0], clock[1], clock[2], clock[3]
    if fraction:
        return 0
    return (1 if second else 60 if minute else 3600) * 1_000_000_000


def _days(text: str, now: int) -> tuple[date, date] | None:
    """First day and the day after the last one, of a day's or a month's name."""
    today = local(now).date()
    first = {"today": today, "yesterday": today - timedelta(days=1)}.get(text.lower())
    if first is None and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        first = date.fromisoformat(text)
    if first is not None:
        return first, first + timedelta(days=1)
    if re.fullmatch(r"\d{4}-\d{2}", text, re.ASCII):
        first = date.fromisoformat(f"{text}-01")
        return first, (first + timedelta(days=31)).replace(day=1)
    return None


def _begin(day: date) -> int:
    seconds = datetime(day.year, day.month, day.day).astimezone().timestamp()
    nanos = int(seconds) * 1_000_000_000
    if not 0 <= nanos < 2**63:
        raise ValueError("beyond the times that a store keeps")
    return nanos
