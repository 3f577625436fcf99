"""Whether runs become more, slower or dearer from day to day, and which hours and weekdays differ."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request
from jollyscope.analysis.groups.gauges import share
from jollyscope.analysis.groups.hours import MEASURED, Hour, Measured, hours, seasons
from jollyscope.analysis.groups.kendall import seasonal_kendall
from jollyscope.analysis.groups.quantiles import median
from jollyscope.analysis.groups.ranks import rank_sum
from jollyscope.model.format import cost, count, duration
from jollyscope.store.api import Reader

__all__ = ["TRENDS", "Course", "courses"]

DAYS, WEEKS = 5, 3
"""Days, and weeks, from which on anything is told of trends and hours, and of weekdays."""
FALSE_ALARMS = 0.01
"""The chance to tell of anything where there is nothing, over all measures together."""
NOTABLE, POINTS = math.log(1.2), 0.02
"""What moves by less than a fifth, of shares by less than two points, is not worth a line."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Course(NamedTuple):
    """How a measure goes: its trend over `days`, or by hour or weekday (Monday 0) the highest one."""

    measured: Measured
    kind: str
    at: int
    change: float
    """Over all days; of a season the highest against the median of the others. A logarithm, or a share."""
    low: float
    high: float
    """The level at the first and the last day; the others' and the highest one's."""
    p: float
    days: int


def courses(every: Sequence[Hour]) -> list[Course]:
    """Trends and seasons of every measure that these hours show beyond chance."""
    found = [course for measured in MEASURED for course in _courses(every, measured)]
    level = FALSE_ALARMS / max(len(found), 1)
    return [
        course
        for course in found
        if course.p <= level
        and abs(course.change) >= (POINTS if course.measured.share else NOTABLE)
    ]


def _courses(every: Sequence[Hour], measured: Measured) -> list[Course]:
    parts = seasons(every, measured)
    if len(parts.days) < DAYS:
        return []
    level = median([value for _, value in parts.days])
    reach = parts.days[-1][0] - parts.days[0][0]
    held = Counter(day % 7 for day, _ in parts.days)
    whole = len(held) == 7 and min(held.values()) >= WEEKS
    found: list[Course] = []
    trend = seasonal_kendall(parts.days, 7 if whole else 1)
    # A trend would hide what weekdays differ by.
    weekdays = parts.weekdays(trend.slope if trend else 0.0)
    if trend is not None:
        half = trend.slope * reach / 2
        found.append(
            Course(measured, "trend", 0, 2 * half, level - half, level + half, trend.p, reach + 1)
        )
    for kind, groups in (("hour", parts.off), ("weekday", weekdays if whole else {})):
        usual = {at: median(values) for at, values in groups.items() if len(values) >= WEEKS}
        if len(usual) < 3:
            continue
        top = max(usual, key=lambda at: usual[at])
        rest = median([value for at, value in usual.items() if at != top])
        base = level if kind == "hour" else 0.0
        others = [value for at in usual if at != top for value in groups[at]]
        p = min(1.0, len(usual) * rank_sum(groups[top], others))  # Any of them might have been it.
        found.append(
            Course(
                measured, kind, top, usual[top] - rest, base + rest, base + usual[top], p, reach + 1
            )
        )
    return found


def run(reader: Reader, request: Request) -> list[Finding]:
    """How the runs of a request go over days, hours and weekdays. Raises `StoreError`."""
    if request.trace_id is not None:
        return []
    return [_finding(course, request) for course in courses(hours(reader, request.scope))]


def _tokens(value: float) -> str:
    return count(round(value))


def _runs(value: float) -> str:
    return f"{value:.3g}"


_TOLD: dict[str, Callable[[float], str]] = {
    "ms": duration, "usd": cost, "share": share, "tokens": _tokens, "runs": _runs,
}  # fmt: skip


def _finding(course: Course, request: Request) -> Finding:
    measured = course.measured
    low, high = (
        (max(x, 0.0) if measured.share else math.exp(x)) for x in (course.low, course.high)
    )
    told = _TOLD[measured.unit]
    if course.kind == "trend":
        way = "rises" if course.change > 0 else "falls"
        said = f"{measured.title} {way} from {told(low)} to {told(high)} over {course.days} days"
    else:
        when = f"from {course.at:02d}:00 to {(course.at + 1) % 24:02d}:00"
        when = when if course.kind == "hour" else f"on {_WEEKDAYS[course.at]}s"
        said = f"{measured.title} is highest {when}: {told(high)}, else {told(low)}"
    worse = course.kind == "trend" and course.change > 0 and measured.name != "runs"
    return Finding(
        what=f"{said}.",
        severity="medium" if worse else "info",
        evidence=Evidence(
            numbers={
                "kind": course.kind,
                "at": None if course.kind == "trend" else course.at,
                f"from_{measured.unit}": low,
                f"to_{measured.unit}": high,
                "days": course.days,
                "p": course.p,
            }
        ),
        filter=request.narrowed(),
    )


TRENDS = Analysis(
    name="trends",
    title="Trends, and hours and weekdays that differ",
    method="Days without the hours' part (median decomposition), the seasonal Kendall test with Theil-Sen "
    "slope (Hirsch et al. 1982) by weekday; hours and weekdays by rank sums (Mann and Whitney 1947).",
    run=run,
)
