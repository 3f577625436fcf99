"""Calls that failed and were made again, and what that took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jollyscope.analysis.bottlenecks import Key, call_key, runs_with
from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request, severity_of, times
from jollyscope.analysis.runs import Run
from jollyscope.analysis.tally import Tally, Worst
from jollyscope.model.format import cost, duration
from jollyscope.model.records import SpanRecord

__all__ = ["RETRIES", "Retries", "Series", "series"]


class Series(NamedTuple):
    """Calls of one tool or model, each begun when the one before had failed and ended. All but the last
    failed; `worked` says whether that one did not.
    """

    key: Key
    calls: list[SpanRecord]

    @property
    def worked(self) -> bool:
        """Whether it came through in the end."""
        return self.calls[-1].status != "error"


def series(calls: Iterable[SpanRecord]) -> list[Series]:
    """Where a failed call was followed by another of the same tool or model, among one run's calls by
    start time. Calls that ran beside each other are no retries of one another.
    """
    found: list[Series] = []
    latest: dict[Key, Series] = {}
    for call in calls:
        key = call_key(call)
        known = latest.get(key)
        if known is not None and _follows(known.calls[-1], call):
            if len(known.calls) == 1:
                found.append(known)
            known.calls.append(call)
        else:
            latest[key] = Series(key, [call])
    return found


def _follows(before: SpanRecord, call: SpanRecord) -> bool:
    return (
        before.status == "error"
        and before.end_time is not None
        and call.start_time >= before.end_time
    )


class _Sum:
    def __init__(self) -> None:
        self.runs = self.series = self.worked = self.failed = self.saved = 0
        self.usd: float | None = None
        self.worst = Worst()


class Retries:
    """Sums by tool and model."""

    def __init__(self) -> None:
        self._sums: Tally[Key, _Sum] = Tally(_Sum)
        self._time = self._runs = 0

    def add(self, run: Run) -> None:
        """Take in one run."""
        self._runs += 1
        self._time += run.path.end - run.path.start
        seen: set[Key] = set()
        for one in series(run.calls):
            total = self._sums.of(one.key)
            if total is None:
                continue
            total.runs += one.key not in seen
            seen.add(one.key)
            self._count(total, one, run)

    def _count(self, total: _Sum, one: Series, run: Run) -> None:
        failed = one.calls[:-1]
        saved = sum(run.saves.get(call.span_id, 0) for call in failed)
        known = [call.cost_usd for call in failed if call.cost_usd is not None]
        total.series += 1
        total.worked += one.worked
        total.failed += len(failed)
        total.saved += saved
        if known:
            total.usd = (total.usd or 0.0) + sum(known)
        total.worst.add(saved, run.trace_id, failed[0].span_id)

    def findings(self, request: Request) -> Iterator[Finding]:
        """A finding a tool or model that was called again."""
        for key, total in self._sums.items():
            yield self._finding(key, total, request)

    def _finding(self, key: Key, total: _Sum, request: Request) -> Finding:
        kind = "step" if key[0] == "name" else key[0]
        gave_up = total.series - total.worked
        paid = f", and paid {cost(total.usd)}" if total.usd else ""
        return Finding(
            what=f"The {kind} `{key[1]}` failed and was called again in {total.runs:,} of "
            f"{self._runs:,} runs: {times(total.worked)} it came through, after "
            f"{total.failed / total.series:.1f} failures, {times(gave_up)} it did not; the runs were "
            f"{duration(total.saved / 1e6)} longer for it{paid}.",
            severity=severity_of(max(total.saved / max(1, self._time), total.runs / self._runs / 5)),
            saves_ms=total.saved / 1e6,
            saves_usd=total.usd,
            evidence=Evidence(
                traces=total.worst.traces(),
                spans=total.worst.spans(),
                numbers={
                    "runs": total.runs, "series": total.series, "came_through": total.worked,
                    "gave_up": gave_up, "failed_calls": total.failed,
                },
            ),
            filter=request.narrowed(runs_with(*key), "has:error"),
        )  # fmt: skip


RETRIES = Analysis(
    name="retries",
    title="Calls that failed and were made again",
    method="A failed call and the next of the same tool or model that began after it had ended; the price is "
    "what the failed ones alone kept the run waiting (savings as under bottlenecks) and cost.",
    fold=Retries,
)
