"""What time it is somewhere, from the system's own clock and time-zone database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from jollyscope.demo.tools.base import ToolError
from jollyscope.demo.tools.places import find_place

__all__ = ["Clock"]


class Clock:
    """Tells the time. `now` is the moment in UTC."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now

    async def __call__(self, place: str) -> str:
        """Such as `2026-11-20 23:04, Friday, UTC+01:00 (Europe/Paris)`."""
        zone = _zone(place)
        try:
            local = self.now().astimezone(ZoneInfo(zone))
        except ZoneInfoNotFoundError:  # Windows and the smallest containers
            raise ToolError(
                f"This system has no time-zone data for {zone}; `pip install tzdata` brings it."
            ) from None
        offset = f"{local:%z}"
        return f"{local:%Y-%m-%d %H:%M, %A}, UTC{offset[:3]}:{offset[3:]} ({zone})"


def _zone(place: str) -> str:
    known = find_place(place)
    if known:
        return known.zone
    wanted = place.strip().replace(" ", "_").casefold()
    for zone in sorted(available_timezones()):
        if wanted in (zone.casefold(), zone.rpartition("/")[2].casefold()):
            return zone
    raise ToolError(f"No time zone is known for {place}.")
