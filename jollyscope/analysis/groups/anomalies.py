"""Runs far from their like, and spells in which calls failed or were slow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import msgspec

from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request
from jollyscope.analysis.groups.gauges import moment, subject
from jollyscope.analysis.groups.outliers import Outlier, outliers
from jollyscope.analysis.groups.series import all_series
from jollyscope.analysis.groups.spells import Spell, spells
from jollyscope.model.format import cost, count, duration
from jollyscope.query.filter import term
from jollyscope.store.api import Reader

__all__ = ["ANOMALIES"]


def _tokens(value: float) -> str:
    return f"{count(round(value))} tokens"


def _steps(value: float) -> str:
    return f"{value:g} steps"


_TOLD: dict[str, tuple[str, Callable[[float], str]]] = {
    "duration": ("took", duration), "cost": ("cost", cost), "tokens": ("used", _tokens),
    "steps": ("took", _steps),
}  # fmt: skip


def run(reader: Reader, request: Request) -> list[Finding]:
    """What stands apart among the runs of a request. Raises `StoreError`."""
    if request.trace_id is not None:
        return []
    apart = [_spell(one, request) for one in spells(all_series(reader, request.scope))]
    single = outliers(reader, request.scope)
    kinds = groupby(single, key=lambda one: (one.name, one.measure.name))
    return [*apart, *(_outliers(list(ones), request) for _, ones in kinds)]


def _spell(one: Spell, request: Request) -> Finding:
    points = one.series.points[one.start : one.end]
    first, last = points[0].first, points[-1].last
    told, calls = one.gauge.told, sum(point.calls for point in points)
    within = msgspec.structs.replace(request.scope, since=first, until=last + 1)
    extra = sum((p.p50_ms - one.usual) * p.calls for p in points)
    return Finding(
        what=f"{one.gauge.title} of {subject(one.series)} was {told(one.value)} between {moment(first)} "
        f"and {moment(last)}, else {told(one.usual)}.",
        severity="medium",
        saves_ms=None if one.gauge.share else extra,
        evidence=Evidence(
            numbers={
                "since": first,
                "until": last,
                "calls": calls,
                f"value_{one.gauge.unit}": one.value,
                f"usual_{one.gauge.unit}": one.usual,
                "robust_z": one.z,
            }
        ),
        filter=msgspec.structs.replace(request, scope=within).narrowed(
            term(one.series.source.field, one.series.name)
        ),
    )


def _outliers(ones: Sequence[Outlier], request: Request) -> Finding:
    """The farthest runs of one name by one measure."""
    worst = ones[0]
    verb, told = _TOLD[worst.measure.name]
    many = f"{worst.beyond} runs" if worst.beyond > 1 else "One run"
    most = "up to " if worst.beyond > 1 else ""
    unit = worst.measure.unit
    # Below what is told of the bound, as a filter rounds no number.
    bound = {"ms": f"duration>{worst.bound:.0f}ms", "usd": f"cost>{worst.bound:.9f}"}.get(
        unit, f"{worst.measure.name}>{worst.bound:.0f}"
    )
    extra = sum(one.value - one.usual for one in ones)
    return Finding(
        what=f"{many} of `{worst.name}` {verb} {most}{told(worst.value)}; half of {worst.runs:,} "
        f"{verb} at most {told(worst.usual)} (robust z {worst.z:.1f}).",
        severity="medium",
        saves_ms=extra if unit == "ms" else None,
        saves_usd=extra if unit == "usd" else None,
        evidence=Evidence(
            traces=[one.trace_id for one in ones],
            numbers={
                "runs": worst.runs,
                "beyond": worst.beyond,
                f"value_{unit}": worst.value,
                f"usual_{unit}": worst.usual,
                f"bound_{unit}": worst.bound,
                "robust_z": worst.z,
            },
        ),
        filter=request.narrowed(term("name", worst.name), bound),
    )


ANOMALIES = Analysis(
    name="anomalies",
    title="Runs and spells apart from the rest",
    method="Robust z-scores by the median absolute deviation (Hampel 1974; Iglewicz and Hoaglin 1993) of "
    "logarithms, beyond an exponential tail (Pickands 1975), at 1% false alarms in all.",
    run=run,
)
