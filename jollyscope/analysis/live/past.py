"""What a group's minutes were like, to tell one that is out of the ordinary."""

from __future__ import annotations

import math
from array import array
from typing import NamedTuple

from jollyscope.analysis.live.measures import robust_z

__all__ = ["Minutes", "Past", "Scores", "Subject"]

_MINUTES = 60
_LEAST = 10
_WIDTH = 3
_FORGOTTEN_NS = 2 * 3600 * 10**9
_MOST_SUBJECTS = 10_000


class Subject(NamedTuple):
    """What three of the alerts are about."""

    service: str
    step_type: str
    tool_name: str
    model: str


class Minutes(NamedTuple):
    """One minute (Unix ns) of a subject."""

    minute: int
    span_count: int
    error_count: int
    p95_ms: float | None


class Scores(NamedTuple):
    """The robust z-scores of a minute; None while its past is shorter than ten minutes."""

    latency: float | None
    errors: float | None
    volume: float | None


class Past:
    """Of each subject its last 60 minutes with spans.

    State: 1.5 kB a subject, of the 10,000 that were heard of last; one without spans for two hours of
    event time begins anew.
    """

    def __init__(self) -> None:
        self._held: dict[Subject, array[float]] = {}
        self._newest: dict[Subject, int] = {}

    def score(self, subject: Subject, now: Minutes) -> Scores:
        """How the minute compares with those before it, which it joins. Minutes come in order."""
        held = self._held.pop(subject, None)
        if held is None or now.minute - self._newest[subject] >= _FORGOTTEN_NS:
            held = array("d")
        p95 = math.nan if now.p95_ms is None else now.p95_ms
        held.extend((p95, now.error_count, now.span_count))
        del held[: -_WIDTH * (_MINUTES + 1)]
        self._held[subject], self._newest[subject] = held, now.minute
        if len(self._held) > _MOST_SUBJECTS:
            forgotten = next(iter(self._held))
            del self._held[forgotten], self._newest[forgotten]
        latency = [value for value in held[0::_WIDTH] if not math.isnan(value)]
        return Scores(
            robust_z(latency, _LEAST) if now.p95_ms is not None else None,
            robust_z(held[1::_WIDTH], _LEAST),
            robust_z(held[2::_WIDTH], _LEAST),
        )
