"""The same runs were asked the same, whichever store holds them and in whatever order they came."""

from __future__ import annotations

from collections.abc import Callable

from jollyscope.analysis.finding import Request
from jollyscope.analysis.queries.patterns import Patterns
from jollyscope.analysis.queries.reading import queries
from jollyscope.analysis.queries.sums import Asked, Sums
from jollyscope.analysis.report import chosen, report
from jollyscope.query.scope import Scope
from tests.conformance.conftest import Subject
from tests.library.analysis.planted import root
from tests.library.analysis_queries.made import inputs

ASKED = inputs(160, seed=5)
RUNS = [
    root(n, 100 + n, input=text, status="error" if n % 7 == 0 else "ok")
    for n, (_, text) in enumerate(ASKED, 1)
]
ODD = [root(801, 5, input="  "), root(802, 5), root(803, 5, input="🦊" * 300 + "天气")]


def expected() -> dict[str, tuple[int, int, float | None]]:
    """By pattern its runs, those that failed, and the median time, without any store."""
    patterns = Patterns([*(text for _, text in ASKED), "🦊" * 200])
    sums = [Sums() for _ in patterns.found]
    for span in RUNS:
        place = patterns.of(span.input or "")
        if place is not None:
            failed = span.status == "error"
            sums[place].add(
                Asked(span.trace_id, span.input, failed, 1, span.duration_ms or 0, None, None)
            )
    return {
        pattern.template: (one.runs, one.failed, one.ms.quantile(0.5))
        for pattern, one in zip(patterns.found, sums, strict=True)
    }


def test_patterns_agree(make: Callable[[], Subject]):
    subject = make()
    subject.feed([*RUNS[::-1], *ODD])
    with subject.store.reader() as reader:
        asked = queries(reader, Scope())
        found = report(reader, Request(), chosen(["queries"])).found
    counts = {p.template: (s.runs, s.failed, s.ms.quantile(0.5)) for p, s in asked.found}
    assert counts == expected()
    assert len(counts) == 6
    told = sum(runs for runs, *_ in counts.values())
    assert (asked.silent.runs, asked.other.runs) == (2, len(ASKED) + 1 - told)
    assert {one.finding.evidence.numbers.get("pattern") for one in found} == {*counts, None}
