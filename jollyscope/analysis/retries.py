"""Calls that failed and were made again, and what that took."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from jollyscope.analysis.bottlenecks import Key, call_key, runs_with
from jollyscope.analysis.finding import Analysis, Finding, Request, severity_of, times
from jollyscope.analysis.losses import Losses, Lost, measured, priced
from jollyscope.analysis.runs import Run
from jollyscope.model.format import duration
from jollyscope.model.records import SpanRecord

__all__ = ["RETRIES", "Retried", "Retries", "Series", "series"]


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


class Retried(Lost):
    """The failed calls of so many `series`, of which so many came through."""

    def __init__(self) -> None:
        super().__init__()
        self.series = self.worked = 0


class Retries(Losses[Key, Retried]):
    """Sums by tool and model."""

    def __init__(self) -> None:
        super().__init__(Retried)

    def add(self, run: Run) -> None:
        """Take in one run."""
        self.begin(run)
        failed: dict[Key, list[SpanRecord]] = {}
        for one in series(run.calls):
            total = self.sums.of(one.key)
            if total is not None:
                total.series += 1
                total.worked += one.worked
                failed.setdefault(one.key, []).extend(one.calls[:-1])
        for key, calls in failed.items():
            total = self.sums.of(key)
            if total is not None:
                total.add(run, calls)

    def finding(self, key: Key, total: Retried, request: Request) -> Finding:
        kind = "step" if key[0] == "name" else key[0]
        gave_up = total.series - total.worked
        return Finding(
            what=f"The {kind} `{key[1]}` failed and was called again in {total.runs:,} of "
            f"{self.runs:,} runs: {times(total.worked)} it came through, after "
            f"{total.steps / total.series:.1f} failures, {times(gave_up)} it did not; the runs were "
            f"{duration(total.saved / 1e6)} longer for it{priced(total, ', and paid')}.",
            severity=severity_of(max(self.share(total), total.runs / self.runs / 5)),
            filter=request.narrowed(runs_with(*key), "has:error"),
            **measured(
                total,
                series=total.series,
                came_through=total.worked,
                gave_up=gave_up,
                failed_calls=total.steps,
            ),
        )


RETRIES = Analysis(
    name="retries",
    title="Calls that failed and were made again",
    method="A failed call and the next of the same tool or model that began after it had ended; the price is "
    "what the failed ones alone kept the run waiting (savings as under bottlenecks) and cost.",
    fold=Retries,
)
