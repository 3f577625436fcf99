"""Which tools, models, users, services, statuses and steps are in a result, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from jollyscope.query.filter import Dialect, engine
from jollyscope.query.groups import SOURCE
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader

__all__ = ["FACETS", "Facet", "FacetValue", "facets"]

FACETS = ("status", "step", "tool", "model", "user", "service")
"""As the fields of a filter are called, so that a value becomes a term: `tool:search`."""

_COLUMNS = {"status": "status", "user": "user_id", "service": "service"}
_SPAN_COLUMNS = {"step": "step_type", "tool": "tool_name", "model": "model"}
_LISTS = {"tool": "tools", "model": "models"}
_STEPS = {"u": "user_input", "t": "think", "a": "act", "o": "observe", "r": "response"}


class FacetValue(msgspec.Struct, frozen=True):
    """A value and how many rows have it."""

    value: str
    count: int


class Facet(msgspec.Struct, frozen=True):
    """The commonest values of a field, and whether there are more."""

    field: str
    values: list[FacetValue]
    more: bool


def facets(
    reader: Reader,
    scope: Scope,
    *,
    of: Literal["traces", "spans"] = "traces",
    limit: int = 10,
) -> list[Facet]:
    """The values of every field in `FACETS`, counted over traces or ended spans, most first.

    A trace counts once for each of its tools, models and steps; steps are those of its first 64.
    """
    dialect = engine(reader)
    where = scope.condition(of, dialect)
    parts = [
        f"SELECT * FROM (SELECT '{field}' AS field, value, count(*) AS n FROM ({rows}) AS v "
        f"WHERE value IS NOT NULL GROUP BY value ORDER BY n DESC, value LIMIT {int(limit) + 1}) AS f"
        for field, rows in (_spans() if of == "spans" else _traces(dialect))
    ]
    table = reader.query(
        f"WITH held AS (SELECT * FROM {SOURCE[of]} WHERE {where.sql}) " + " UNION ALL ".join(parts),
        where.parameters,
        **scope.promise(of, where),
    )
    found: dict[str, list[FacetValue]] = {field: [] for field in FACETS}
    for field, value, count in table.rows:
        found[field].append(FacetValue(str(value), int(count)))
    return [
        Facet(field, sorted(values, key=lambda v: (-v.count, v.value))[:limit], len(values) > limit)
        for field, values in found.items()
    ]


def _spans() -> Iterator[tuple[str, str]]:
    for field, column in (_COLUMNS | _SPAN_COLUMNS).items():
        yield field, f"SELECT {column} AS value FROM held"


def _traces(dialect: Dialect) -> Iterator[tuple[str, str]]:
    for field, column in _COLUMNS.items():
        yield field, f"SELECT {column} AS value FROM held"
    apart = "unnest" if dialect.name == "duckdb" else "arrayJoin"
    for field, column in _LISTS.items():
        yield field, f"SELECT {apart}({column}) AS value FROM held"
    steps = (
        f"SELECT '{step}' AS value FROM held WHERE lower(step_strip) LIKE '%{letter}%'"
        for letter, step in _STEPS.items()
    )
    yield "step", " UNION ALL ".join(steps)
