"""Times of day as the screens show them, in the local zone or UTC."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

__all__ = ["clock", "date_and_clock", "day_or_clock", "iso", "zone"]


def zone(setting: str) -> tzinfo | None:
    """The time zone of the setting `ui.time`; None is the local one."""
    return UTC if setting == "utc" else None


def _moment(nanos: int, tz: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(nanos // 10**9, UTC).astimezone(tz)


def clock(nanos: int, tz: tzinfo | None) -> str:
    """Unix ns as `14:03:11`."""
    return _moment(nanos, tz).strftime("%H:%M:%S")


def date_and_clock(nanos: int, tz: tzinfo | None, *, digits: int = 0) -> str:
    """Unix ns as `2026-11-20 14:03:11`, with `digits` of the second's fraction (at most 9)."""
    text = _moment(nanos, tz).strftime("%Y-%m-%d %H:%M:%S")
    return f"{text}.{nanos % 10**9:09d}"[: 20 + digits] if digits else text


def day_or_clock(nanos: int, now: int, tz: tzinfo | None, *, wide: bool = False) -> str:
    """Today's times as `14:03:11`, others as `Nov 20` (wide: `Nov 20 14:03`), or with the year."""
    moment, today = _moment(nanos, tz), _moment(now, tz)
    if moment.date() == today.date():
        return moment.strftime("%H:%M:%S")
    if moment.year == today.year:
        return moment.strftime("%b %d %H:%M" if wide else "%b %d")
    return moment.strftime("%Y-%m-%d" if wide else "%Y-%m")


def iso(moment: int) -> str:
    """Unix ns as `--since` takes it, to the microsecond."""
    return datetime.fromtimestamp(moment / 1e9, UTC).isoformat()
