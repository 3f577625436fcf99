"""Every analysis there is, and what the chosen ones find, the most worthwhile first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

import msgspec

from jollyscope.analysis.bottlenecks import BOTTLENECKS
from jollyscope.analysis.errors_taxonomy import ERRORS
from jollyscope.analysis.finding import SEVERITIES, Analysis, Finding, Fold, Request
from jollyscope.analysis.groups.entries import GROUPS
from jollyscope.analysis.growth import GROWTH
from jollyscope.analysis.queries.findings import QUERIES
from jollyscope.analysis.repeated import REPEATS
from jollyscope.analysis.retries import RETRIES
from jollyscope.analysis.runs import Run, Totals, gist, runs, timed, totals
from jollyscope.analysis.waiting import WAITING
from jollyscope.errors import UsageError
from jollyscope.model.records import SpanRecord
from jollyscope.query.listing import TraceRow
from jollyscope.store.api import Reader

__all__ = ["ANALYSES", "Found", "Report", "chosen", "explained", "report"]

ANALYSES: tuple[Analysis, ...] = (
    BOTTLENECKS,
    WAITING,
    REPEATS,
    RETRIES,
    GROWTH,
    ERRORS,
    QUERIES,
    *GROUPS,
)
"""In the order in which equals are told."""


class Found(NamedTuple):
    """A finding and the analysis that it is from."""

    analysis: Analysis
    finding: Finding

    def document(self) -> dict[str, Any]:
        """As JSON tells it."""
        return {"analysis": self.analysis.name, **msgspec.structs.asdict(self.finding)}


class Report(NamedTuple):
    """What was found, and the runs that were looked at."""

    found: list[Found]
    totals: Totals


def chosen(names: Iterable[str]) -> tuple[Analysis, ...]:
    """The analyses of these names, all without any. Raises `UsageError`."""
    wanted = [name for name in names if name]
    known = {analysis.name: analysis for analysis in ANALYSES}
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            said = f"Did you mean `{near[0]}`? " if near else ""
            raise UsageError(
                f"There is no analysis `{name}`.",
                hint=f"{said}`jollyscope analyze --list` names them all.",
            )
    return tuple(a for a in ANALYSES if not wanted or a.name in wanted)


def report(
    reader: Reader,
    request: Request,
    analyses: Sequence[Analysis] = ANALYSES,
    watch: Callable[[int, int], None] = lambda done, of: None,
    *,
    most: int = 0,
) -> Report:
    """What these analyses find, the gravest first and of equals what saves the most.

    Analyses that look at whole runs share one pass over them, a batch at a time, or over the newest
    `most` (0: all); `watch` is told how many runs of how many are behind, and what it raises ends it.
    Raises `StoreError`.
    """
    whole = totals(reader, request.scope, request.trace_id)
    if not whole.runs:
        return Report([], whole)
    folds = _folds(analyses)
    if folds:
        for done, run in enumerate(runs(reader, request.scope, request.trace_id, most), 1):
            for _, fold in folds:
                fold.add(run)
            watch(done, min(whole.runs, most) if most else whole.runs)
    found = _told(folds, request)
    for analysis in analyses:
        if analysis.run is not None:
            found += [Found(analysis, one) for one in analysis.run(reader, request)]
    return Report(_sorted(found, analyses, whole), whole)


def explained(row: TraceRow, spans: Iterable[SpanRecord]) -> Report:
    """What makes one run slow and dear, or fail, by its settled spans."""
    run, whole = Run(row, timed(map(gist, spans))), Totals(1, row.duration_ms, row.cost_usd)
    folds = _folds(ANALYSES)
    for _, fold in folds:
        fold.add(run)
    return Report(_sorted(_told(folds, Request(trace_id=row.trace_id)), ANALYSES, whole), whole)


_Folds = list[tuple[Analysis, Fold]]


def _folds(analyses: Iterable[Analysis]) -> _Folds:
    return [(analysis, analysis.fold()) for analysis in analyses if analysis.fold is not None]


def _told(folds: _Folds, request: Request) -> list[Found]:
    return [Found(analysis, one) for analysis, fold in folds for one in fold.findings(request)]


def _sorted(found: list[Found], analyses: Sequence[Analysis], whole: Totals) -> list[Found]:
    """By severity, then by the share of all time or of all cost that it would save: the greater of the
    two, since seconds and dollars are not weighed against each other.
    """

    def rank(one: Found) -> tuple[int, float, int]:
        finding = one.finding
        time = (finding.saves_ms or 0.0) / whole.ms if whole.ms else 0.0
        cost = (finding.saves_usd or 0.0) / whole.usd if whole.usd else 0.0
        return SEVERITIES.index(finding.severity), -max(time, cost), analyses.index(one.analysis)

    return sorted(found, key=rank)
