"""Points in time as people write them: `15m`, `2h`, `3d`, ISO 8601."""

from __future__ import annotations

import math
import re
from datetime import datetime

from jollyscope.errors import UsageError

__all__ = ["parse_length", "parse_time"]

_UNIT_NS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SECOND = 1_000_000_000
_LONGEST_S = 1e9
"""Longer than anybody waits, and less than what the system's clocks can wait for (threads 9.2e9 s)."""


def parse_time(text: str, now: int) -> int:
    """Unix ns of `15m` (that long before `now`, Unix ns), or of an ISO 8601 time.

    An ISO time without an offset is local time. Raises `UsageError`.
    """
    written = text.strip()
    span = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw])", written)
    if span:
        return now - _nanos(text, float(span[1]) * _UNIT_NS[span[2]])
    if written == "now":
        return now
    try:
        moment = datetime.fromisoformat(written).astimezone()
        return _nanos(text, math.floor(moment.timestamp())) + moment.microsecond * 1000
    except (ValueError, OverflowError):
        raise _no_time(text) from None


def parse_length(text: str) -> float:
    """Seconds of `500ms`, `5s`, `10m`, `2h`. Raises `UsageError`."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|[smhdw])", text.strip())
    seconds = float(found[1]) * (0.001 if found[2] == "ms" else _UNIT_NS[found[2]]) if found else -1
    if not 0 <= seconds <= _LONGEST_S:
        raise UsageError(f"`{text}` is no length of time.", hint="Write 500ms, 5s, 10m or 2h.")
    return seconds


def _nanos(text: str, seconds: float) -> int:
    # Beyond that the sum leaves 64 bits, which is what stores keep times in.
    if not abs(seconds) <= 9.2e9:
        raise _no_time(text)
    return int(seconds * _SECOND)


def _no_time(text: str) -> UsageError:
    return UsageError(
        f"`{text}` is no time.",
        hint="Write 15m, 2h, 3d (ago), or ISO 8601 such as 2026-11-20T14:00.",
    )
