"""Counts and sums of what a scope holds: by tool, model, user, service, step, session.

Tools, models, services and steps are counted over ended spans, users and sessions over whole
traces, whose tokens and cost count each model call once.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeVar

import msgspec

from jollyscope.errors import UsageError
from jollyscope.query.filter import Dialect, Target, engine
from jollyscope.query.listing import Page
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader

__all__ = [
    "GROUPINGS",
    "By",
    "GroupRow",
    "Grouping",
    "ModelRow",
    "ServiceRow",
    "ToolRow",
    "UserRow",
    "grouped",
    "list_groups",
    "measures",
]


class ToolRow(msgspec.Struct, frozen=True, kw_only=True):
    """One tool, as `ads_tools` has it."""

    tool_name: str
    call_count: int
    error_count: int
    trace_count: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    total_ms: float | None
    first_time: int
    last_time: int


class ModelRow(msgspec.Struct, frozen=True, kw_only=True):
    """One model of one provider, as `ads_models` has it."""

    model: str
    provider: str | None
    call_count: int
    error_count: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: float | None
    last_time: int


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """One user, as `ads_users` has it."""

    user_id: str
    session_count: int
    trace_count: int
    failed_count: int
    tool_calls: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    first_time: int
    last_time: int


class ServiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One program: its ended spans, and the traces that they are in."""

    service: str
    span_count: int
    trace_count: int
    error_count: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    first_time: int
    last_time: int


class GroupRow(msgspec.Struct, frozen=True, kw_only=True):
    """One value of what a table of sums is by; `key` is None where it is not known."""

    key: str | None
    count: int
    error_count: int
    error_share: float
    """Of `count`, 0 to 1."""
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    total_ms: float | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None


By = Literal["step", "tool", "model", "user", "service", "session", "error", "total"]


class Grouping(NamedTuple):
    """Which rows are counted, by which of their columns."""

    target: Target
    column: str
    only: str = "true"
    taken: str = "false"
    """Rows that are counted with another one, that of the span around them."""


# A wrapper or agent that names its model is no call of it: as in `ads_models`.
_MODEL_CALL = (
    "{0}model IS NOT NULL AND "
    "(step_type = 'think' OR {0}input_tokens IS NOT NULL OR {0}output_tokens IS NOT NULL)"
)
_MODEL_TAKEN = f"({_MODEL_CALL.format('outer_')})"
_MODEL_CALLS = f"step_type <> 'user_input' AND ({_MODEL_TAKEN} OR {_MODEL_CALL.format('')})"
_TOOL = "coalesce(outer_tool_name, tool_name)"
GROUPINGS: dict[By, Grouping] = {
    "step": Grouping("spans", "step_type", taken="repeated"),
    "tool": Grouping(
        "spans", _TOOL, f"step_type = 'act' AND {_TOOL} IS NOT NULL", "outer_tool_name IS NOT NULL"
    ),
    "model": Grouping(
        "spans",
        f"CASE WHEN {_MODEL_TAKEN} THEN outer_model ELSE model END",
        _MODEL_CALLS,
        _MODEL_TAKEN,
    ),
    "user": Grouping("traces", "user_id"),
    "service": Grouping("spans", "service"),
    "session": Grouping("traces", "session_id"),
    "error": Grouping("spans", "coalesce(error_type, 'error')", "status = 'error'"),
    "total": Grouping("traces", "'total'"),
}
SOURCE: dict[Target, str] = {"spans": "dws_spans", "traces": "ads_traces"}


def _quantile(column: str, place: int, only: str, dialect: Dialect) -> str:
    """SQL of the median, the 95th or 99th percentile (`place` 1, 2, 3), with linear interpolation.

    All three of one list, which the engine then makes once: 0.5 s for ten million rows, not 1.
    """
    if dialect.name == "duckdb":
        return f"(quantile_cont({column}, [0.5, 0.95, 0.99]){only})[{place}]"
    return f"(quantilesExactInclusive(0.5, 0.95, 0.99)({column}){only})[{place}]"


def measures(target: Target, dialect: Dialect, taken: str = "false") -> dict[str, str]:
    """SQL of every sum over rows of `ads_traces` or `dws_spans`, by the name of its column.

    Rows that are `taken` add what the span around them does not say, and nothing else.
    """
    only = "" if taken == "false" else f" FILTER (WHERE NOT {taken})"
    failed = f"count(*) FILTER (WHERE NOT {taken} AND status = 'error')"
    sums = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
    return {
        "count": f"count(*){only}",
        "error_count": failed,
        "error_share": f"{failed} * 1.0 / count(*){only}",
        "p50_ms": _quantile("duration_ms", 1, only, dialect),
        "p95_ms": _quantile("duration_ms", 2, only, dialect),
        "p99_ms": _quantile("duration_ms", 3, only, dialect),
        # Rounded to the ns and to 10⁻⁹ $: threads add in any order, and the last digits differ.
        "total_ms": f"round(sum(duration_ms){only}, 6)",
        **{name: f"CAST(sum({_own(name, target, taken)}) AS BIGINT)" for name in sums},
        "cost_usd": f"round(sum({_own('cost_usd', target, taken)}), 9)",
        "first_time": f"min(start_time){only}",
        "last_time": f"max(start_time){only}",
        "session_count": "count(DISTINCT session_id)",
        "failed_count": failed,
        "tool_calls": "CAST(sum(tool_calls) AS BIGINT)",
    }


def _own(column: str, target: Target, taken: str) -> str:
    """What a row adds to the tokens or the cost."""
    if target == "traces":
        return column
    # Where all rows are counted, a repeated one is no less the same call.
    again = "repeated" if taken == "false" else taken
    # A run that repeats its children's sums adds nothing.
    return (
        f"CASE WHEN step_type <> 'user_input' AND (NOT {again} OR outer_{column} IS NULL) "
        f"THEN {column} END"
    )


R = TypeVar("R", bound=msgspec.Struct)


def grouped(
    reader: Reader,
    by: By,
    scope: Scope,
    *,
    sort: str = "count",
    descending: bool = True,
    limit: int = 50,
) -> Page[GroupRow]:
    """Sums by one column, those without a value too; `limit` 0 is all."""
    what = GROUPINGS[by]
    return _ask(
        reader, GroupRow, what, ("key",), {"key": what.column}, scope, (sort, descending), limit,
        engine(reader),
    )  # fmt: skip


_LISTED: dict[type[msgspec.Struct], tuple[By, tuple[str, ...]]] = {
    ToolRow: ("tool", ("tool_name",)),
    ModelRow: ("model", ("model", "provider")),
    UserRow: ("user", ("user_id",)),
    ServiceRow: ("service", ("service",)),
}


def list_groups(
    reader: Reader,
    row: type[R],
    scope: Scope,
    *,
    sort: str,
    descending: bool = True,
    limit: int = 50,
) -> Page[R]:
    """Tools, models, users or services with what the scope holds of them; `limit` 0 is all."""
    by, keys = _LISTED[row]
    what = GROUPINGS[by]
    known = what._replace(only=f"{what.only} AND {what.column} IS NOT NULL")
    names = {keys[0]: what.column}
    if by == "model":
        names["provider"] = f"CASE WHEN {what.taken} THEN outer_provider ELSE provider END"
    only = "" if what.taken == "false" else f" FILTER (WHERE NOT {what.taken})"
    counted = "trace_count" if what.target == "traces" else row.__struct_fields__[len(keys)]
    names[counted] = f"count(*){only}"
    if what.target == "spans":
        names["trace_count"] = f"count(DISTINCT trace_id){only}"
    return _ask(reader, row, known, keys, names, scope, (sort, descending), limit, engine(reader))


def _ask(
    reader: Reader,
    row: type[R],
    what: Grouping,
    keys: tuple[str, ...],
    own: dict[str, str],
    scope: Scope,
    order: tuple[str, bool],
    limit: int,
    dialect: Dialect,
) -> Page[R]:
    columns = row.__struct_fields__
    if order[0] not in columns:
        raise UsageError(f"Cannot sort by `{order[0]}`.", hint=f"Columns: {', '.join(columns)}.")
    how = measures(what.target, dialect, what.taken) | own
    where = scope.condition(what.target, dialect)
    picked = ", ".join(f"{how[name]} AS {name}" for name in columns)
    way = "DESC NULLS LAST" if order[1] else "ASC NULLS FIRST"
    # A key or a sum is called like the column it is made of; an engine may take the one for the other.
    made = {name: how[name] for name in columns if not how[name].startswith("'")}
    table = reader.query(
        f"SELECT {picked} FROM {SOURCE[what.target]} AS counted "
        f"WHERE {what.only} AND {where.sql} GROUP BY {', '.join(how[key] for key in keys)} "
        + (f"HAVING {how['count']} > 0 " if what.taken != "false" else "")
        + f"ORDER BY {made.get(order[0], order[0])} {way}, {', '.join(made.get(key, key) for key in keys)}"
        + (f" LIMIT {limit + 1}" if limit else ""),
        where.parameters,
        **scope.promise(what.target, where),
    )
    rows = [row(**values) for values in table.dicts()]
    if limit and len(rows) > limit:
        return Page(rows[:limit], (None, ""))
    return Page(rows)
