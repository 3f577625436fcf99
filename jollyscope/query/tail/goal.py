"""When a tail ends by itself."""

from __future__ import annotations

from typing import Literal, NamedTuple

from jollyscope.errors import ExitCode

__all__ = ["EXIT_CODES", "Ending", "Goal"]

Ending = Literal["found", "count", "idle", "timeout", "missed"]
"""What ended it: `--exit-on` fits; so many were shown; nothing came for so long; the time is over; or
it is over and one of the two before did not come about."""

EXIT_CODES: dict[Ending, ExitCode] = {
    "found": ExitCode.FOUND,
    "count": ExitCode.OK,
    "idle": ExitCode.OK,
    "timeout": ExitCode.OK,
    "missed": ExitCode.TIMED_OUT,
}


class Goal(NamedTuple):
    """Bounds of a tail; None: no such bound."""

    most: int | None = None
    """Records to show."""
    idle: float | None = None
    """Seconds in which no record came that fits."""
    timeout: float | None = None
    """Seconds in all."""

    def reached(self, shown: int, quiet: float, passed: float) -> Ending | None:
        """What ends it: `shown` records so far, `quiet` seconds without any, `passed` in all."""
        if self.most is not None and shown >= self.most:
            return "count"
        if self.idle is not None and quiet >= self.idle:
            return "idle"
        if self.timeout is not None and passed >= self.timeout:
            return "timeout" if self.most is None and self.idle is None else "missed"
        return None

    def patience(self, quiet: float, passed: float, most: float) -> float:
        """Seconds to wait before asking again, at most `most`."""
        bounds = [most]
        if self.idle is not None:
            bounds.append(self.idle - quiet)
        if self.timeout is not None:
            bounds.append(self.timeout - passed)
        return max(0.0, min(bounds))
