"""Two groups of runs side by side: before and after, one model and another."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from statistics import fmean
from typing import NamedTuple

import msgspec

from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request, Severity
from jollyscope.analysis.groups.gauges import share
from jollyscope.analysis.groups.intervals import Interval, hodges_lehmann, mean_ratio, newcombe
from jollyscope.analysis.groups.quantiles import median
from jollyscope.analysis.groups.samples import MEASURES, Sample, sample
from jollyscope.model.format import cost, count, duration
from jollyscope.store.api import Reader

__all__ = ["COMPARE", "Comparison", "comparisons"]

LEAST = 5
"""Runs a group needs before its numbers are compared."""
_SURE = 1 - 0.01 / (2 * len(MEASURES))
"""What is called a difference is one at this confidence: of all measures together that none differs
is then missed in 1 of 100 comparisons (Bonferroni). Intervals are told at 95 %.
"""


class Comparison(NamedTuple):
    """One measure in both groups: a ratio of the first to the second, or of shares the difference."""

    name: str
    unit: str
    first: float
    second: float
    by: Interval
    differs: bool
    counts: tuple[int, int]


def comparisons(first: Sample, second: Sample) -> list[Comparison]:
    """Every measure that both groups tell of in at least five runs."""
    return [
        *_rates(first, second),
        *(
            found
            for measure in MEASURES
            for found in _numbers(
                measure.name, measure.unit, first.values[measure.name], second.values[measure.name]
            )
        ),
    ]


def _rates(first: Sample, second: Sample) -> Iterator[Comparison]:
    if min(first.runs, second.runs) < LEAST:
        return
    a, b = (first.failed, first.runs), (second.failed, second.runs)
    yield Comparison(
        "errors",
        "share",
        a[0] / a[1],
        b[0] / b[1],
        newcombe(b, a),
        newcombe(b, a, _SURE).without(0.0),
        (a[1], b[1]),
    )


def _numbers(
    name: str, unit: str, first: Sequence[float], second: Sequence[float]
) -> Iterator[Comparison]:
    """The typical run by ranks, and the mean, which the bill is made of."""
    a, b = [x for x in first if x > 0], [x for x in second if x > 0]
    if min(len(a), len(b)) < LEAST:
        return
    logs = [math.log(x) for x in b], [math.log(x) for x in a]
    yield Comparison(
        name,
        unit,
        median(a),
        median(b),
        hodges_lehmann(*logs).mapped(math.exp),
        hodges_lehmann(*logs, _SURE).without(0.0),
        (len(a), len(b)),
    )
    means = mean_ratio(second, first, 0.95, _SURE) if unit in ("usd", "tokens") else []
    if means:
        yield Comparison(
            f"mean {name}",
            unit,
            fmean(first),
            fmean(second),
            means[0],
            means[1].without(1.0),
            (len(first), len(second)),
        )


def run(reader: Reader, request: Request) -> list[Finding]:
    """How the runs of a request differ from those that it is held against; what differs first.

    Without any to hold it against, nothing. Raises `StoreError`.
    """
    if request.against is None:
        return []
    other = msgspec.structs.replace(request, scope=request.against)
    first, second = sample(reader, request.scope), sample(reader, other.scope)
    if min(first.runs, second.runs) < LEAST:
        return [
            Finding(
                what=f"{count(first.runs)} ended runs against {count(second.runs)} are too few to compare; "
                f"each group needs {LEAST}.",
                severity="info",
                evidence=Evidence(numbers={"first_runs": first.runs, "second_runs": second.runs}),
                filter=(request if first.runs < LEAST else other).narrowed(),
            )
        ]
    found = sorted(comparisons(first, second), key=lambda one: not one.differs)
    return [_finding(one, request) for one in found]


def _whole(value: float) -> str:
    return count(round(value))


def _steps(value: float) -> str:
    return f"{value:g}"


_TOLD: dict[str, Callable[[float], str]] = {
    "ms": duration, "usd": cost, "share": share, "tokens": _whole, "steps": _steps,
}  # fmt: skip
_TITLES = {
    "errors": "Failed runs", "duration": "Duration", "tokens": "Tokens", "steps": "Steps",
    "cost": "Cost", "mean tokens": "Mean tokens", "mean cost": "Mean cost",
}  # fmt: skip


def _finding(one: Comparison, request: Request) -> Finding:
    told, by = _TOLD[one.unit], one.by
    values = f"{told(one.first)} against {told(one.second)}"
    if one.unit == "share":
        points = [f"{100 * value:+.1f}" for value in by]
        size = f"{points[0]} points, 95% from {points[1]} to {points[2]}"
    else:
        size = f"{by.value:.2f}x, 95% from {by.low:.2f}x to {by.high:.2f}x"
    said = "" if one.differs else "; no clear difference"
    kind = "difference" if one.unit == "share" else "ratio"
    return Finding(
        what=f"{_TITLES[one.name]}: {values} ({size}){said}.",
        severity=_severity(one),
        evidence=Evidence(
            numbers={
                f"first_{one.unit}": one.first, f"second_{one.unit}": one.second, kind: by.value,
                f"{kind}_low": by.low, f"{kind}_high": by.high,
                "first_runs": one.counts[0], "second_runs": one.counts[1],
            }
        ),
        filter=request.narrowed(),
    )  # fmt: skip


def _severity(one: Comparison) -> Severity:
    worse = one.by.value > (0.0 if one.unit == "share" else 1.0)
    if not one.differs or not worse:
        return "info"
    return "high" if one.by.value >= (0.1 if one.unit == "share" else 1.5) else "medium"


COMPARE = Analysis(
    name="compare",
    title="How two groups of runs differ (--against)",
    method="Typical runs by Hodges and Lehmann's shift of logarithms (1963) with the Wilcoxon-Mann-Whitney "
    "interval, means by the BCa bootstrap (Efron 1987), shares by Newcombe's method 10 (1998).",
    run=run,
)
