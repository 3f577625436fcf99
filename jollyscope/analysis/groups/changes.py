"""Where durations, error rates, tokens or cost changed their level for good, and with which version."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import NamedTuple

import msgspec

from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request, Severity
from jollyscope.analysis.groups.gauges import GAUGES, Gauge, gauged, log, moment, subject
from jollyscope.analysis.groups.intervals import Interval, hodges_lehmann, newcombe
from jollyscope.analysis.groups.quantiles import median
from jollyscope.analysis.groups.segments import LEAST, parts, segments
from jollyscope.analysis.groups.series import Point, Series, all_series
from jollyscope.analysis.groups.versions import Release, release_at
from jollyscope.query.filter import term
from jollyscope.store.api import Reader

__all__ = ["CHANGES", "FALSE_ALARMS", "Change", "changes_of"]

FALSE_ALARMS = 0.01
"""The chance to tell of any change where there is none, over all series and measures together."""
NOTABLE = math.log(1.2)
"""A level that moves by less than a fifth is not worth a line, however sure it is."""


class Change(NamedTuple):
    """A change of one measure of one series: from point `at` on, up to point `end`."""

    series: Series
    gauge: Gauge
    at: int
    end: int
    before: float
    after: float
    by: Interval
    """The ratio of the levels, or of shares their difference, with 95 % confidence."""
    p: float

    @property
    def worse(self) -> bool:
        """Whether there is more of it."""
        return self.by.value > (0.0 if self.gauge.share else 1.0)


def changes_of(every: Sequence[Series]) -> list[Change]:
    """All changes in these series, at a chance of `FALSE_ALARMS` to find any where there is none."""
    asked = [
        (series, gauge, values)
        for series in every
        for gauge in GAUGES
        if len(series.points) >= 2 * LEAST and (values := gauged(series, gauge)) is not None
    ]
    found: list[Change] = []
    for series, gauge, values in asked:
        splits = segments(values, FALSE_ALARMS / len(asked))
        bounds = parts(len(values), splits)
        for split, (start, at), (_, end) in zip(splits, bounds, bounds[1:], strict=False):
            change = _change(series, gauge, (start, at, end), split.p)
            if change is not None and not _told(change, found):
                found.append(change)
    return found


def _told(change: Change, known: Sequence[Change]) -> bool:
    """Whether a p95 moves with the median, which says it already."""
    return change.gauge.name == "p95" and any(
        other.gauge.name == "p50"
        and other.series is change.series
        and other.worse == change.worse
        and abs(other.at - change.at) <= LEAST
        for other in known
    )


def _change(series: Series, gauge: Gauge, bounds: tuple[int, int, int], p: float) -> Change | None:
    start, at, end = bounds
    first, second = series.points[start:at], series.points[at:end]
    if gauge.share:
        low, high = _errors(first), _errors(second)
        by = newcombe(low, high)
        before, after = low[0] / low[1], high[0] / high[1]
        notable = by.without(0.0)
    else:
        a, b = _values(gauge, first), _values(gauge, second)
        shift = hodges_lehmann(log(a), log(b))
        notable = abs(shift.value) >= NOTABLE and shift.without(0.0)
        by, before, after = shift.mapped(math.exp), median(a), median(b)
    return Change(series, gauge, at, end, before, after, by, p) if notable else None


def _errors(points: Sequence[Point]) -> tuple[int, int]:
    return sum(p.errors for p in points), sum(p.calls for p in points)


def _values(gauge: Gauge, points: Sequence[Point]) -> list[float]:
    return [value for point in points if (value := gauge.of(point)) is not None]


def run(reader: Reader, request: Request) -> list[Finding]:
    """What changed in the runs of a request. Raises `StoreError`."""
    if request.trace_id is not None:
        return []
    return list(_findings(reader, request))


def _findings(reader: Reader, request: Request) -> Iterator[Finding]:
    for change in changes_of(all_series(reader, request.scope)):
        yield _finding(change, request, release_at(reader, change.series, change.at))


def _finding(change: Change, request: Request, release: Release | None) -> Finding:
    gauge, by, since = change.gauge, change.by, change.series.points[change.at].first
    a, b = gauge.told(change.before), gauge.told(change.after)
    times = "" if gauge.share else f" ({by.value:.1f}x)"
    came = f", {release.told()}" if release else ""
    calls = _errors(change.series.points[change.at : change.end])[1]
    lost = (change.after - change.before) * calls if change.worse else None
    level = f"{gauge.title} of {subject(change.series)} went from {a} to {b}{times}"
    return Finding(
        what=f"{level} at {moment(since)}{came}.",
        severity=_severity(change),
        saves_ms=lost if gauge.name == "p50" else None,
        saves_usd=_lost(change) if gauge.name == "cost" and change.worse else None,
        evidence=Evidence(numbers=_numbers(change, release, calls)),
        filter=_filter(change, request),
    )


def _lost(change: Change) -> float:
    """What runs cost more on average, over all of them since the change; never less than nothing."""
    points = change.series.points
    before = fmean(_values(change.gauge, points[: change.at]))
    after = points[change.at : change.end]
    return max(0.0, sum((p.usd or 0.0) * p.calls - before * p.calls for p in after))


def _severity(change: Change) -> Severity:
    if not change.worse:
        return "info"
    return "high" if change.by.value >= (0.1 if change.gauge.share else 2.0) else "medium"


def _numbers(
    change: Change, release: Release | None, calls: int
) -> dict[str, float | int | str | None]:
    unit, kind = change.gauge.unit, "difference" if change.gauge.share else "ratio"
    return {
        "since": change.series.points[change.at].first,
        f"before_{unit}": change.before,
        f"after_{unit}": change.after,
        kind: change.by.value,
        f"{kind}_low": change.by.low,
        f"{kind}_high": change.by.high,
        "p": change.p,
        "calls_since": calls,
        "service": release.service if release else None,
        "version_before": release.before if release else None,
        "version": release.after if release else None,
    }


def _filter(change: Change, request: Request) -> str:
    """The runs from the change on, up to the next one."""
    points = change.series.points
    until = points[change.end].first if change.end < len(points) else request.scope.until
    within = msgspec.structs.replace(request.scope, since=points[change.at].first, until=until)
    return msgspec.structs.replace(request, scope=within).narrowed(
        term(change.series.source.field, change.series.name)
    )


CHANGES = Analysis(
    name="changes",
    title="Where levels changed for good",
    method="Binary segmentation (Scott and Knott 1974) with Pettitt's rank test (1979) over points of "
    "equally many calls, 1% false alarms in all; shifts by Hodges and Lehmann (1963), Newcombe (1998).",
    run=run,
)
