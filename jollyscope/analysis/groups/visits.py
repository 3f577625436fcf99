"""How people use an agent: how long sessions are, where they are left, who comes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jollyscope.analysis.finding import Analysis, Evidence, Finding, Request
from jollyscope.analysis.groups.gauges import share
from jollyscope.analysis.groups.intervals import newcombe, wilson
from jollyscope.analysis.groups.samples import ENDED
from jollyscope.model.format import duration
from jollyscope.query.filter import Condition, Dialect, engine
from jollyscope.query.groups import measures
from jollyscope.store.api import Reader

__all__ = ["IDLE_NS", "SESSIONS", "Sessions", "Users", "sessions", "users"]

IDLE_NS = 30 * 60 * 10**9
"""A session is over when nothing came for half an hour, as web analytics has it; one that was heard of
later than that before the newest run is not counted among those that were left.
"""
LEAST = 10
"""Sessions, or runs that failed, from which on shares are told."""
_SURE = 0.99


class Sessions(NamedTuple):
    """Sessions that are over, and how they went on after each run. Medians and p95; times in ms."""

    number: int
    single: int
    """Of one run alone."""
    abandoned: int
    """Whose last run failed or broke off."""
    runs_p50: float
    runs_p95: float
    length_p50_ms: float
    length_p95_ms: float
    left_failed: tuple[int, int]
    """Runs that failed and were the last, of all that failed."""
    left_good: tuple[int, int]
    pause_p50_ms: float | None
    """From a run's end to the next one's start in a session."""


class Users(NamedTuple):
    """People by the sessions they had, and the time from the end of one to the next."""

    number: int
    returning: int
    away_p50_ms: float | None


def _quantile(column: str, dialect: Dialect, place: int) -> str:
    """SQL of the median (1) or the p95 (2) of any column."""
    return measures("traces", dialect)[("p50_ms", "p95_ms")[place - 1]].replace(
        "duration_ms", column
    )


def _runs(condition: Condition) -> str:
    """Ended runs of sessions that are over, each with the start of the next one, 0 behind the last."""
    following = "ORDER BY start_time, trace_id ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING"
    return (
        "held AS (SELECT trace_id, session_id, user_id, start_time, end_time, "
        "CASE WHEN status = 'error' OR state = 'interrupted' THEN 1 ELSE 0 END AS failed "
        f"FROM ads_traces WHERE {ENDED} AND session_id IS NOT NULL AND {condition.sql}), "
        "newest AS (SELECT max(end_time) AS latest FROM held), "
        "placed AS (SELECT held.*, "
        f"coalesce(max(start_time) OVER (PARTITION BY session_id {following}), 0) AS following, "
        "max(end_time) OVER (PARTITION BY session_id) AS heard FROM held), "
        f"runs AS (SELECT placed.* FROM placed CROSS JOIN newest WHERE heard <= latest - {IDLE_NS})"
    )


def sessions(reader: Reader, request: Request) -> Sessions | None:
    """What sessions are like; None without any that is over. Raises `StoreError`."""
    dialect = engine(reader)
    where = request.scope.condition("traces", dialect)
    promise = request.scope.promise("traces", where)
    names = {"runs": "number", "length": "length_ms"}
    spread = ", ".join(
        _quantile(column, dialect, place) for column in names.values() for place in (1, 2)
    )
    table = reader.query(
        f"WITH {_runs(where)}, each AS (SELECT session_id, count(*) AS number, "
        "(max(end_time) - min(start_time)) / 1e6 AS length_ms, "
        "max(CASE WHEN following = 0 THEN failed ELSE 0 END) AS badly FROM runs GROUP BY session_id) "
        f"SELECT count(*), count(*) FILTER (WHERE number = 1), sum(badly), {spread} FROM each",
        where.parameters,
        **promise,
    )
    number, single, badly, runs_p50, runs_p95, length_p50, length_p95 = table.rows[0]
    if not number:
        return None
    steps = reader.query(
        f"WITH {_runs(where)} SELECT sum(failed), "
        "count(*) FILTER (WHERE failed = 1 AND following = 0), count(*), "
        "count(*) FILTER (WHERE failed = 0 AND following = 0) FROM runs",
        where.parameters,
        **promise,
    )
    bad, bad_left, runs, good_left = (int(value) for value in steps.rows[0])
    pause = reader.query(
        f"WITH {_runs(where)}, pauses AS (SELECT greatest(following - end_time, 0) / 1e6 AS pause_ms "
        f"FROM runs WHERE following > 0) SELECT count(*), {_quantile('pause_ms', dialect, 1)} FROM pauses",
        where.parameters,
        **promise,
    ).rows[0]
    return Sessions(
        int(number),
        int(single),
        int(badly),
        runs_p50,
        runs_p95,
        length_p50,
        length_p95,
        (bad_left, bad),
        (good_left, runs - bad),
        pause[1] if pause[0] else None,
    )


def users(reader: Reader, request: Request) -> Users | None:
    """Who comes back; None where no session names its user. Raises `StoreError`."""
    dialect = engine(reader)
    where = request.scope.condition("traces", dialect)
    following = "ORDER BY began, session_id ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING"
    visits = (
        "WITH visits AS (SELECT user_id, session_id, min(start_time) AS began, max(end_time) AS ended "
        "FROM ads_traces WHERE user_id IS NOT NULL AND session_id IS NOT NULL "
        f"AND {where.sql} GROUP BY user_id, session_id), "
    )
    promise = request.scope.promise("traces", where)
    counted = reader.query(
        f"{visits}each AS (SELECT user_id, count(*) AS number FROM visits GROUP BY user_id) "
        "SELECT count(*), count(*) FILTER (WHERE number > 1) FROM each",
        where.parameters,
        **promise,
    ).rows[0]
    if not counted[0]:
        return None
    away = reader.query(
        f"{visits}placed AS (SELECT ended, "
        f"coalesce(max(began) OVER (PARTITION BY user_id {following}), 0) AS following FROM visits), "
        "pauses AS (SELECT greatest(following - ended, 0) / 1e6 AS away_ms FROM placed WHERE following > 0) "
        f"SELECT count(*), {_quantile('away_ms', dialect, 1)} FROM pauses",
        where.parameters,
        **promise,
    ).rows[0]
    return Users(int(counted[0]), int(counted[1]), away[1] if away[0] else None)


def run(reader: Reader, request: Request) -> list[Finding]:
    """How sessions go and who comes back. Raises `StoreError`."""
    if request.trace_id is not None:
        return []
    found, people = sessions(reader, request), users(reader, request)
    told: list[Finding] = []
    if found is not None and found.number >= LEAST:
        told += [_lengths(found, request), *_leaving(found, request)]
    if people is not None and people.number >= LEAST:
        told.append(_returning(people, request))
    return told


def _lengths(found: Sessions, request: Request) -> Finding:
    pause = (
        f", with {duration(found.pause_p50_ms)} between runs"
        if found.pause_p50_ms is not None
        else ""
    )
    numbers: dict[str, float | int | str | None] = {
        "sessions": found.number,
        "single_run": found.single,
        "runs_p50": found.runs_p50,
        "runs_p95": found.runs_p95,
        "length_p50_ms": found.length_p50_ms,
        "length_p95_ms": found.length_p95_ms,
        "pause_p50_ms": found.pause_p50_ms,
    }
    return Finding(
        what=f"Half of {found.number:,} sessions have at most {found.runs_p50:g} runs and last at most "
        f"{duration(found.length_p50_ms)}{pause}; {share(found.single / found.number)} have one run alone.",
        severity="info",
        evidence=Evidence(numbers=numbers),
        filter=request.narrowed("has:session"),
    )


def _leaving(found: Sessions, request: Request) -> Iterator[Finding]:
    """That people leave after a failure more than otherwise, where that is no chance."""
    if min(found.left_failed[1], found.left_good[1]) < LEAST:
        return
    by = newcombe(found.left_good, found.left_failed, _SURE)
    surely = by.low > 0
    rate = wilson(*found.left_failed)
    good = found.left_good[0] / found.left_good[1]
    left = "left" if surely else "left no more often than otherwise"
    yield Finding(
        what=f"{found.abandoned:,} of {found.number:,} sessions end with a run that failed: after a failure "
        f"{share(rate.value)} are {left}, after a good run {share(good)}.",
        severity="medium" if surely else "info",
        evidence=Evidence(
            numbers={
                "sessions": found.number,
                "abandoned": found.abandoned,
                "left_after_failure_share": rate.value,
                "left_after_failure_low_share": rate.low,
                "left_after_failure_high_share": rate.high,
                "left_after_good_share": good,
                "difference": by.value,
                "difference_low": by.low,
                "difference_high": by.high,
            }
        ),
        filter=request.narrowed("has:session", "status:error"),
    )


def _returning(people: Users, request: Request) -> Finding:
    rate = wilson(people.returning, people.number)
    away = (
        f", half of the times within {duration(people.away_p50_ms)}"
        if people.away_p50_ms is not None
        else ""
    )
    return Finding(
        what=f"{share(rate.value)} of {people.number:,} users came back for another session{away}.",
        severity="info",
        evidence=Evidence(
            numbers={
                "users": people.number,
                "returning": people.returning,
                "returning_share": rate.value,
                "returning_low_share": rate.low,
                "returning_high_share": rate.high,
                "away_p50_ms": people.away_p50_ms,
            }
        ),
        filter=request.narrowed("has:user", "has:session"),
    )


SESSIONS = Analysis(
    name="sessions",
    title="How sessions go, where they are left, who comes back",
    method="Sessions are over after 30 minutes without a run; that a failure makes people leave is told when "
    "Newcombe's interval of the difference (1998, 99%) is above 0.",
    run=run,
)
