"""What an analysis is, what it is asked and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, Protocol, get_args

import msgspec

from jollyscope.analysis.runs import Run
from jollyscope.query.filter.nodes import Or
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader

__all__ = [
    "SEVERITIES",
    "Analysis",
    "Evidence",
    "Finding",
    "Fold",
    "Request",
    "Severity",
    "severity_of",
    "times",
]

Severity = Literal["high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""The gravest first. `info` says how things are and is no alarm."""

_HIGH, _MEDIUM = 0.25, 0.05


def severity_of(share: float) -> Severity:
    """How grave something is by the share (0 to 1) of all time, cost or runs that it takes."""
    return "high" if share >= _HIGH else "medium" if share >= _MEDIUM else "low"


def times(number: int) -> str:
    """`once`, `12 times`."""
    return "once" if number == 1 else f"{number:,} times"


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a finding rests on: a few traces and spans to look at, and numbers by their names, which
    end in their unit (`_ms`, `_usd`, `_tokens`, `_share`); those without one are counts.
    """

    traces: Sequence[str] = ()
    spans: Sequence[str] = ()
    numbers: dict[str, float | int | str | None] = {}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was found, in one sentence.

    `saves_ms` and `saves_usd` are what the chosen runs would have been shorter and cheaper by in all,
    at most; None where that cannot be told. `filter` lists the runs behind it.
    """

    what: str
    severity: Severity
    saves_ms: float | None = None
    saves_usd: float | None = None
    evidence: Evidence = Evidence()
    filter: str = ""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs are asked about: those of a scope, or one alone; held `against` others, and the
    objectives (`analysis.groups.slo`) that they are to meet.
    """

    scope: Scope = Scope()
    trace_id: str | None = None
    against: Scope | None = None
    slo: Sequence[str] = ()

    def narrowed(self, *terms: str) -> str:
        """The filter that lists the runs of the request which also fit `terms`."""
        root = self.scope.filter.root
        text = str(self.scope.filter)
        parts = [f"({text})" if isinstance(root, Or) else text]
        if self.trace_id is not None:
            parts = [f"trace:{self.trace_id}"]
        for name, time in (("since", self.scope.since), ("until", self.scope.until)):
            if time is not None and self.trace_id is None:
                parts.append(f"{name}:{_written(time)}")
        return " ".join(part for part in (*parts, *terms) if part)


def _written(time: int) -> str:
    """A time as a filter takes it; to the microsecond, as fine as the language goes."""
    moment = datetime.fromtimestamp(time // 10**9, UTC).replace(microsecond=time % 10**9 // 1000)
    return moment.isoformat().replace("+00:00", "Z")


class Fold(Protocol):
    """An analysis that is told one run after the other and answers at the end. What it keeps does not
    grow with the number of runs, but for what its docstring names.
    """

    def add(self, run: Run) -> None:
        """Take in one run."""
        ...

    def findings(self, request: Request) -> Iterable[Finding]:
        """What all runs together show."""
        ...


class Analysis(msgspec.Struct, frozen=True, kw_only=True):
    """One way of looking at runs: it asks the store by itself (`run`), or is told every run in a pass
    that all such analyses share (`fold` makes a fresh one); exactly one of the two is given.

    `method` is one sentence that says how, and from which paper or rule.
    """

    name: str
    title: str
    method: str
    run: Callable[[Reader, Request], Sequence[Finding]] | None = None
    fold: Callable[[], Fold] | None = None

    def __post_init__(self) -> None:
        assert (self.run is None) != (self.fold is None), self.name
