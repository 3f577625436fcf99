"""Steps that a run would have done without: what they took, summed by what they are of."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from jollyscope.analysis.finding import Evidence, Finding, Request
from jollyscope.analysis.runs import Run
from jollyscope.analysis.tally import Tally, Worst
from jollyscope.model.format import cost
from jollyscope.model.records import SpanRecord

__all__ = ["Losses", "Lost", "measured", "priced"]

K = TypeVar("K", bound=Hashable)
L = TypeVar("L", bound="Lost")


class Lost:
    """How many steps in how many runs, the ns that the runs would be shorter without them, what they
    cost (None where none tells), and the runs in which they were the most.
    """

    def __init__(self) -> None:
        self.runs = self.steps = self.saved = self.most = 0
        self.usd: float | None = None
        self.worst = Worst()

    def add(self, run: Run, spans: Sequence[SpanRecord]) -> None:
        """Steps of one run, one at least."""
        known = [span.cost_usd for span in spans if span.cost_usd is not None]
        saved = sum(run.saves.get(span.span_id, 0) for span in spans)
        self.runs += 1
        self.steps += len(spans)
        self.saved += saved
        self.most = max(self.most, len(spans))
        if known:
            self.usd = (self.usd or 0.0) + sum(known)
        self.worst.add(saved, run.trace_id, spans[0].span_id)


class Losses(Generic[K, L]):
    """A fold of such sums. Subclasses say what of a run is lost (`add`), and how it is told."""

    def __init__(self, make: Callable[[], L]) -> None:
        self.sums: Tally[K, L] = Tally(make)
        self.time = self.runs = 0

    def begin(self, run: Run) -> None:
        """Count one run, whatever it lost."""
        self.runs += 1
        self.time += run.path.end - run.path.start

    def findings(self, request: Request) -> Iterator[Finding]:
        """A finding a key."""
        for key, total in self.sums.items():
            yield self.finding(key, total, request)

    def finding(self, key: K, total: L, request: Request) -> Finding:
        """What is told of one key."""
        raise NotImplementedError

    def share(self, total: Lost) -> float:
        """The share of all runs' time that would be saved."""
        return total.saved / max(1, self.time)


def measured(total: Lost, **numbers: float) -> dict[str, Any]:
    """What every finding of lost steps has, as fields of `Finding`."""
    return {
        "saves_ms": total.saved / 1e6,
        "saves_usd": total.usd,
        "evidence": Evidence(
            traces=total.worst.traces(),
            spans=total.worst.spans(),
            numbers={"runs": total.runs, **numbers},
        ),
    }


def priced(total: Lost, words: str) -> str:
    """` and $0.02`, where it cost anything."""
    return f"{words} {cost(total.usd)}" if total.usd else ""
