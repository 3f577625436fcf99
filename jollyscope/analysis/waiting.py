"""Time that runs spend in a span that has steps, and in none of its steps."""

from __future__ import annotations

from collections.abc import Iterator

from jollyscope.analysis.bottlenecks import LEAST, key_of
from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request, severity_of
from jollyscope.analysis.gaps import gaps
from jollyscope.analysis.runs import Run
from jollyscope.analysis.tally import Tally, Worst
from jollyscope.model.format import duration

__all__ = ["WAITING", "Waiting"]


class _Sum:
    def __init__(self) -> None:
        self.runs = self.time = self.count = self.longest = 0
        self.worst = Worst()


class Waiting:
    """Sums by the name of the span that the gaps are in."""

    def __init__(self) -> None:
        self._sums: Tally[str, _Sum] = Tally(_Sum)
        self._time = self._runs = 0

    def add(self, run: Run) -> None:
        """Take in one run."""
        self._runs += 1
        self._time += run.path.end - run.path.start
        seen: set[str] = set()
        for gap in gaps(run.tree):
            # A call's own time is the call's: a model thinks while its tools do not run.
            if key_of(gap.node) is not None:
                continue
            name, time = gap.node.name, gap.end - gap.start
            total = self._sums.of(name)
            if total is None:
                continue
            total.runs += name not in seen
            seen.add(name)
            total.time, total.count = total.time + time, total.count + 1
            total.longest = max(total.longest, time)
            total.worst.add(time, run.trace_id, gap.node.span_id)

    def findings(self, request: Request) -> Iterator[Finding]:
        """The spans whose gaps take at least a twentieth of the runs' time."""
        for name, total in self._sums.items():
            share = total.time / self._time if self._time else 0.0
            if share >= LEAST:
                yield Finding(
                    what=f"In `{name}` no step is at work for {duration(total.time / 1e6)}, {share:.0%} of "
                    f"the time, at most {duration(total.longest / 1e6)} at once: its own work, or waiting "
                    "that nobody recorded.",
                    severity=severity_of(share),
                    saves_ms=total.time / 1e6,
                    evidence=Evidence(
                        traces=total.worst.traces(),
                        spans=total.worst.spans(),
                        numbers={
                            "gaps": total.count, "gaps_ms": total.time / 1e6, "share": share,
                            "longest_ms": total.longest / 1e6, "runs": total.runs,
                        },
                    ),
                    filter=request.narrowed(),
                )  # fmt: skip


WAITING = Analysis(
    name="waiting",
    title="Time between steps that nobody accounts for",
    method="Self time (Sigelman et al., Dapper, 2010) of spans that hold others: stretches in which no "
    "child ran, children that overlap counted once.",
    fold=Waiting,
)
