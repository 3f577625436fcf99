"""How well an objective is met: which share of runs kept it, day by day, and what error budget is left."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request, Severity
from jollyscope.analysis.groups.gauges import share
from jollyscope.analysis.groups.intervals import wilson
from jollyscope.analysis.groups.samples import ENDED
from jollyscope.errors import UsageError
from jollyscope.query.clock import local
from jollyscope.query.filter import FilterError, Query, engine, parse
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader

__all__ = ["SLO", "Attained", "Objective", "attained", "objective"]

_QUARTER = 900 * 10**9
"""Days are put together from these: every time zone's begin with one."""
_HINT = 'Write "p95 duration < 10s", "p99 cost < 0.05", "p90 tokens < 5000" or "success > 99%".'
_PERCENTILE = re.compile(
    r"p(?P<at>\d+(?:\.\d+)?)\s+(?P<of>duration|cost|tokens|steps)\s*(?P<op><=?)\s*(?P<bound>\S+)"
)
_RATE = re.compile(r"(?P<of>success|errors?)\s*(?P<op>[<>]=?)\s*(?P<at>\d+(?:\.\d+)?)\s*%")


class Objective(NamedTuple):
    """At least `target` (0 to 1) of the ended runs are to be good."""

    text: str
    good: Query | None
    """Which runs are; None for those that neither failed nor broke off."""
    target: float
    known: str = ""
    """What a run has to tell to count at all, as a field's name."""


def objective(text: str) -> Objective:
    """An objective as people write it. `p95 duration < 10s` asks of 95 % of runs that they take less
    than 10 s (a percentile's share of good events, as in Google's SRE workbook, chapter 2). Raises
    `UsageError`.
    """
    written = " ".join(text.split())
    rate, percentile = _RATE.fullmatch(written), _PERCENTILE.fullmatch(written)
    if rate:
        wanted, success = float(rate["at"]) / 100, rate["of"] == "success"
        if success == (rate["op"][0] == ">"):
            return _checked(Objective(written, None, wanted if success else 1 - wanted))
    if percentile:
        of, asked = percentile["of"], f"{percentile['of']}{percentile['op']}{percentile['bound']}"
        try:
            good = parse(asked)
        except FilterError as error:
            raise UsageError(f"`{text}`: {error.message}", hint=_HINT) from None
        known = of if of != "steps" else ""
        return _checked(Objective(written, good, float(percentile["at"]) / 100, known))
    raise UsageError(f"`{text}` is no objective.", hint=_HINT)


def _checked(found: Objective) -> Objective:
    if not 0 < found.target < 1:
        raise UsageError(
            f"`{found.text}` leaves no error budget.",
            hint="Ask for more than 0% and less than 100%.",
        )
    return found


class Attained(NamedTuple):
    """How many of all runs were good, and of each local day's."""

    good: int
    runs: int
    days: dict[date, tuple[int, int]]

    def budget_left(self, target: float) -> float:
        """The part of the runs allowed to be bad that has not been used up; below 0 if overspent."""
        return 1 - (self.runs - self.good) / ((1 - target) * self.runs)


def attained(reader: Reader, scope: Scope, wanted: Objective) -> Attained:
    """What the ended runs of a scope made of an objective. Raises `StoreError`."""
    dialect = engine(reader)
    where = scope.condition("traces", dialect)
    good = "status <> 'error' AND state = 'closed'"
    values: list[object] = []
    known = ""
    if wanted.good is not None:
        test = wanted.good.compile("traces", dialect, scope.now)
        good, values = test.sql, test.parameters
    if wanted.known:
        told = parse(f"has:{wanted.known}").compile("traces", dialect, scope.now)
        known, values = f" AND ({told.sql})", [*values, *told.parameters]
    table = reader.query(
        f"SELECT start_time - start_time % {_QUARTER} AS quarter, "
        f"sum(CASE WHEN {good} THEN 1 ELSE 0 END), count(*) FROM ads_traces "
        f"WHERE {ENDED}{known} AND {where.sql} "
        f"GROUP BY start_time - start_time % {_QUARTER} ORDER BY quarter",
        [*values, *where.parameters],
        **scope.promise("traces", where),
    )
    days: dict[date, tuple[int, int]] = {}
    for quarter, hits, runs in table.rows:
        day = local(int(quarter)).date()
        before = days.get(day, (0, 0))
        days[day] = before[0] + int(hits), before[1] + int(runs)
    return Attained(sum(d[0] for d in days.values()), sum(d[1] for d in days.values()), days)


def run(reader: Reader, request: Request) -> list[Finding]:
    """Each objective of a request with its days. Raises `StoreError`, `UsageError`."""
    found = [(one, attained(reader, request.scope, one)) for one in map(objective, request.slo)]
    return [_finding(one, seen, request) for one, seen in found if seen.runs]


def _finding(wanted: Objective, seen: Attained, request: Request) -> Finding:
    rate, left = wilson(seen.good, seen.runs), seen.budget_left(wanted.target)
    below = {day: a / b for day, (a, b) in seen.days.items() if a / b < wanted.target}
    budget = (
        f"{share(left)} of the error budget is left"
        if left >= 0
        else f"the error budget is overspent by {share(-left)}"
    )
    days = ""
    if below:
        worst = min(below, key=lambda day: (below[day], day))
        days = f"; below it on {len(below)} of {len(seen.days)} days, least on {worst}"
        days += f" with {share(below[worst])}"
    return Finding(
        what=f"`{wanted.text}` is {'kept' if left >= 0 else 'missed'}: {share(rate.value)} of "
        f"{seen.runs:,} runs, {share(wanted.target)} asked; {budget}{days}.",
        severity=_severity(rate.high < wanted.target, left),
        evidence=Evidence(
            numbers={
                "objective": wanted.text,
                "good": seen.good,
                "runs": seen.runs,
                "target_share": wanted.target,
                "attained_share": rate.value,
                "attained_low_share": rate.low,
                "attained_high_share": rate.high,
                "budget_left_share": left,
                **{f"{day}_share": a / b for day, (a, b) in seen.days.items()},
                **{f"{day}_runs": b for day, (_, b) in seen.days.items()},
            }
        ),
        filter=_worst(request, below) or request.narrowed(),
    )


def _severity(surely: bool, left: float) -> Severity:
    """Missed beyond chance, missed, or nearly: less than a quarter of the budget is left."""
    return "high" if surely else "medium" if left < 0 else "low" if left < 0.25 else "info"


def _worst(request: Request, below: dict[date, float]) -> str:
    """The runs of the day that kept it least."""
    if not below:
        return ""
    day = min(below, key=lambda one: (below[one], one))
    start, end = (_midnight(one) for one in (day, day + timedelta(days=1)))
    scope = request.scope
    within = msgspec.structs.replace(
        scope, since=max(start, scope.since or start), until=min(end, scope.until or end)
    )
    return msgspec.structs.replace(request, scope=within).narrowed()


def _midnight(day: date) -> int:
    """When a local day begins, Unix ns."""
    return int(datetime(day.year, day.month, day.day).astimezone().timestamp()) * 10**9


SLO = Analysis(
    name="slo",
    title="How well objectives are met (--slo)",
    method="The share of good runs and what is left of the error budget (Google, The Site Reliability "
    "Workbook, chapter 2), with Wilson's score interval (1927).",
    run=run,
)
