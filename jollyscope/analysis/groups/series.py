"""Calls and runs in the order of time, cut into equally many: what change and bursts are looked for in.

A p95 of ten calls and one of a thousand are not the same thing, and traffic comes and goes. So a series
has points of equally many calls, not of equally long stretches of time.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from jollyscope.query.filter import Target, engine
from jollyscope.query.groups import GROUPINGS, SOURCE, Grouping, measures
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader

__all__ = ["SOURCES", "Of", "Point", "Series", "Source", "all_series", "series_of"]

POINTS, LEAST, MOST = 200, 40, 20
"""Points a series has at most, calls it needs, and series of a kind (those of the most calls): a store
of any size gives 60 series of 200 points.
"""

Of = Literal["tool", "model", "run"]


class Source(NamedTuple):
    """What series of a kind are made of."""

    of: Of
    grouping: Grouping
    field: str
    """The filter's field that names one."""


SOURCES: tuple[Source, ...] = (
    Source("run", Grouping("traces", "name", "state <> 'open' AND name IS NOT NULL"), "name"),
    Source("tool", GROUPINGS["tool"], "tool"),
    Source("model", GROUPINGS["model"], "model"),
)


class Point(NamedTuple):
    """`calls` that follow one another; tokens and cost, of runs alone, are means a run."""

    first: int
    last: int
    """When the first and the last of them began, Unix ns."""
    calls: int
    errors: int
    p50_ms: float
    p95_ms: float
    tokens: float | None = None
    usd: float | None = None


class Series(NamedTuple):
    """The points of one tool, model or name of run, the oldest first, all of one size. What is over
    when the newest are taken is left out at the old end.
    """

    source: Source
    name: str
    points: list[Point]


def all_series(reader: Reader, scope: Scope) -> list[Series]:
    """Every series of a scope with enough calls to tell anything. Raises `StoreError`."""
    return [series for source in SOURCES for series in series_of(reader, source, scope)]


def series_of(reader: Reader, source: Source, scope: Scope) -> list[Series]:
    """Those of one kind, those of the most calls first."""
    names = _names(reader, source, scope)
    if not names:
        return []
    what, dialect = source.grouping, engine(reader)
    how = measures(what.target, dialect)
    where = scope.condition(what.target, dialect)
    marks = ", ".join("?" * len(names))
    taken = "" if what.taken == "false" else f" AND NOT ({what.taken})"
    table = reader.query(
        f"WITH held AS (SELECT {what.column} AS label, start_time, duration_ms, status, "
        f"{_ROW[what.target]} FROM {SOURCE[what.target]} AS counted "
        f"WHERE {what.only}{taken} AND {what.column} IN ({marks}) AND {where.sql}), "
        "numbered AS (SELECT *, "
        "row_number() OVER (PARTITION BY label ORDER BY start_time DESC, id DESC) - 1 AS number, "
        "count(*) OVER (PARTITION BY label) AS calls FROM held), "
        f"placed AS (SELECT *, ceil(calls / {POINTS}.0) AS size, "
        f"floor(number / ceil(calls / {POINTS}.0)) AS place FROM numbered) "
        f"SELECT label, place, min(start_time), max(start_time), count(*), {how['error_count']}, "
        f"{how['p50_ms']}, {how['p95_ms']}, {_MEANS[what.target]} "
        "FROM placed GROUP BY label, place HAVING count(*) = min(size) ORDER BY label, place DESC",
        [*names, *where.parameters],
        **scope.promise(what.target, where),
    )
    found: dict[str, list[Point]] = {name: [] for name in names}
    for name, _, first, last, count, errors, *rest in table.rows:
        found[name].append(Point(int(first), int(last), int(count), int(errors), *rest))
    return [Series(source, name, points) for name, points in found.items()]


_ROW: dict[Target, str] = {
    "spans": "span_id AS id",
    "traces": "trace_id AS id, input_tokens, output_tokens, cost_usd",
}
_MEANS: dict[Target, str] = {
    "spans": "NULL, NULL",
    # Of runs that say: one that does not is not one without.
    "traces": "avg(coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) "
    "FILTER (WHERE input_tokens IS NOT NULL OR output_tokens IS NOT NULL), avg(cost_usd)",
}


def _names(reader: Reader, source: Source, scope: Scope) -> list[str]:
    """Those with the most calls."""
    what, dialect = source.grouping, engine(reader)
    where = scope.condition(what.target, dialect)
    taken = "" if what.taken == "false" else f" AND NOT ({what.taken})"
    table = reader.query(
        f"SELECT {what.column} AS label, count(*) AS calls FROM {SOURCE[what.target]} AS counted "
        f"WHERE {what.only}{taken} AND {what.column} IS NOT NULL AND {where.sql} "
        f"GROUP BY {what.column} HAVING count(*) >= {LEAST} ORDER BY calls DESC, label LIMIT {MOST}",
        where.parameters,
        **scope.promise(what.target, where),
    )
    return [name for name, _ in table.rows]
