"""Patterns of what users ask, told: how often runs of each succeed, and what they take."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request, Severity
from jollyscope.analysis.groups.gauges import share
from jollyscope.analysis.groups.intervals import newcombe, wilson
from jollyscope.analysis.queries.patterns import Pattern
from jollyscope.analysis.queries.reading import Queries, queries
from jollyscope.analysis.queries.sums import Sums, ranked
from jollyscope.model.format import cost, count, duration
from jollyscope.query.filter import term
from jollyscope.store.api import Reader

__all__ = ["QUERIES", "distribution"]

SHOWN = 15
"""Patterns told: those that succeed too rarely, and those of the most runs."""
_SURE = 0.99
_NOTABLE, _GRAVE = 0.05, 0.2
"""Less success than that of all other runs that is worth a word, and that is grave."""
_FINDERS = 3
_BOUNDS = (0, 1, 2, 3, 4, 5, 6, 8, 11, 16, 21, 31, 51, 101, 201, 501, 1001)
"""Where the bars of a distribution of steps begin."""

Numbers = dict[str, float | int | str | None]
Hits = tuple[int, int]
"""Runs that succeeded, of how many."""


def run(reader: Reader, request: Request) -> list[Finding]:
    """The patterns of a request's runs, those that succeed too rarely first. Raises `StoreError`."""
    if request.trace_id is not None:
        return []
    asked = queries(reader, request.scope)
    if not asked.found:
        return []
    every = [*(sums for _, sums in asked.found), asked.other, asked.silent]
    whole = sum(sums.succeeded for sums in every), sum(sums.runs for sums in every)
    found = [
        _finding(pattern, sums, whole, len(asked.found), request) for pattern, sums in asked.found
    ]
    found.sort(key=lambda one: one.severity == "info")
    return [*found[:SHOWN], *_rest(asked, whole, len(found[SHOWN:]), request)]


def _finding(pattern: Pattern, sums: Sums, whole: Hits, patterns: int, request: Request) -> Finding:
    others = whole[0] - sums.succeeded, whole[1] - sums.runs
    severity = _severity(sums, others, patterns)
    less = f"; of all other runs {share(others[0] / others[1])} do" if severity != "info" else ""
    return Finding(
        what=f"`{pattern.template}` was asked in {_runs(sums, whole)}: {_told(sums)}{less}.",
        severity=severity,
        evidence=Evidence(
            traces=sums.examples.traces(),
            numbers={
                "pattern": pattern.template,
                "words": ", ".join(pattern.marks),
                "example": pattern.example,
                **_numbers(sums, whole),
            },
        ),
        filter=request.narrowed(*(term("input", text) for text in pattern.finders[:_FINDERS])),
    )


def _severity(sums: Sums, others: Hits, patterns: int) -> Severity:
    """Whether the runs succeed more rarely than all others beyond chance, shared among the patterns."""
    by = newcombe(others, (sums.succeeded, sums.runs), 1 - (1 - _SURE) / patterns)
    if not others[1] or by.high >= 0 or by.value > -_NOTABLE:
        return "info"
    return "high" if by.value <= -_GRAVE else "medium"


def _rest(asked: Queries, whole: Hits, untold: int, request: Request) -> list[Finding]:
    """What the patterns that are told leave out."""
    if not asked.other.runs:
        return []
    more = f" {untold:,} further patterns are not told." if untold else ""
    return [
        Finding(
            what=f"What was asked in {_runs(asked.other, whole)} is like little else: "
            f"{_told(asked.other)}.{more}",
            severity="info",
            evidence=Evidence(
                traces=asked.other.examples.traces(),
                numbers={**_numbers(asked.other, whole), "without_input_runs": asked.silent.runs},
            ),
            filter=request.narrowed(),
        )
    ]


def _runs(sums: Sums, whole: Hits) -> str:
    return f"{sums.runs:,} runs ({share(sums.runs / whole[1])})"


def _told(sums: Sums) -> str:
    sure = wilson(sums.succeeded, sums.runs)
    p50, p95 = (ranked(sums.steps, at) for at in (0.5, 0.95))
    parts = [
        f"{share(sure.value)} succeed ({share(sure.low)} to {share(sure.high)})",
        f"in {p50} {'step' if p50 == 1 else 'steps'} (p95 {p95})",
        f"and {duration(sums.ms.quantile(0.5))} (p95 {duration(sums.ms.quantile(0.95))})",
    ]
    each = [f"{count(round(sums.tokens / sums.told_tokens))} tokens"] if sums.told_tokens else []
    if sums.usd is not None:
        each.append(cost(sums.usd / sums.told_usd))
    return " ".join(parts) + (f", with {' and '.join(each)} each" if each else "")


def _numbers(sums: Sums, whole: Hits) -> Numbers:
    sure, usd = wilson(sums.succeeded, sums.runs), sums.usd
    return {
        "runs": sums.runs,
        "runs_share": sums.runs / whole[1],
        "succeeded": sums.succeeded,
        "success_share": sure.value,
        "success_low_share": sure.low,
        "success_high_share": sure.high,
        "steps_p50": ranked(sums.steps, 0.5),
        "steps_p95": ranked(sums.steps, 0.95),
        "duration_p50_ms": sums.ms.quantile(0.5),
        "duration_p95_ms": sums.ms.quantile(0.95),
        "tokens": sums.tokens if sums.told_tokens else None,
        "mean_tokens": sums.tokens / sums.told_tokens if sums.told_tokens else None,
        "cost_usd": usd,
        "mean_usd": None if usd is None else usd / sums.told_usd,
        **distribution(sums.steps),
    }


def distribution(steps: Counter[int]) -> Numbers:
    """How many runs took so many steps: `{"runs_of_3_steps": 40, "runs_of_6_to_7_steps": 2}`."""
    found: Numbers = {}
    for low, after in pairwise((*_BOUNDS, None)):
        assert low is not None
        number = sum(
            n for step, n in steps.items() if step >= low and (after is None or step < after)
        )
        if number:
            upto = "_or_more" if after is None else f"_to_{after - 1}" if after - low > 1 else ""
            found[f"runs_of_{low}{upto}_steps"] = number
    return found


QUERIES = Analysis(
    name="queries",
    title="What users ask, and how the runs of each pattern go",
    method="Frequent words that call for each other (Vaarandi and Pihelgas, LogCluster, CNSM 2015; of "
    "scripts without blanks pairs of characters), joined by weighted Jaccard; Wilson's interval (1927).",
    run=run,
)
