"""What single runs measured, of so many runs that any store's can be held."""

from __future__ import annotations

from typing import NamedTuple

from jollyscope.query.filter import engine
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader

__all__ = ["ENDED", "MEASURES", "MOST", "Measure", "Sample", "sample"]

MOST = 5_000
"""Runs of a group whose numbers are looked at one by one: every second, third … where there are more."""
ENDED = "state <> 'open'"


class Measure(NamedTuple):
    """One number of a run: SQL over `ads_traces`, null where the run does not tell."""

    name: str
    unit: str
    sql: str


MEASURES: tuple[Measure, ...] = (
    Measure("duration", "ms", "duration_ms"),
    Measure("cost", "usd", "cost_usd"),
    Measure(
        "tokens",
        "tokens",
        "CASE WHEN input_tokens IS NOT NULL OR output_tokens IS NOT NULL "
        "THEN coalesce(input_tokens, 0) + coalesce(output_tokens, 0) END",
    ),
    Measure("steps", "steps", "step_count"),
)


class Sample(NamedTuple):
    """How many runs ended and failed, and by measure the numbers of those looked at, by time."""

    runs: int
    failed: int
    values: dict[str, list[float]]


def sample(reader: Reader, scope: Scope) -> Sample:
    """The ended runs of a scope, evenly through time where they are more than `MOST`. Failed are
    those with status `error` and those that broke off. Raises `StoreError`.
    """
    where = scope.condition("traces", engine(reader))
    promise = scope.promise("traces", where)
    held = f"FROM ads_traces WHERE {ENDED} AND {where.sql}"
    counted = reader.query(
        f"SELECT count(*), count(*) FILTER (WHERE status = 'error' OR state = 'interrupted') {held}",
        where.parameters,
        **promise,
    )
    runs, failed = (int(value) for value in counted.rows[0])
    columns = ", ".join(f"{measure.sql} AS {measure.name}" for measure in MEASURES)
    names = ", ".join(measure.name for measure in MEASURES)
    table = reader.query(
        f"SELECT {names} FROM (SELECT {columns}, start_time, trace_id, "
        f"row_number() OVER (ORDER BY start_time, trace_id) AS number {held}) AS numbered "
        f"WHERE number % {-(-runs // MOST) or 1} = 0 ORDER BY number",
        where.parameters,
        **promise,
    )
    return Sample(
        runs,
        failed,
        {
            measure.name: [float(row[at]) for row in table.rows if row[at] is not None]
            for at, measure in enumerate(MEASURES)
        },
    )
