"""Lists of traces, sessions and spans, newest first, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from jollyscope.errors import UsageError
from jollyscope.store.api import Reader, Table

if TYPE_CHECKING:
    from jollyscope.query.filter import Condition

__all__ = [
    "Page",
    "SessionRow",
    "SpanRow",
    "TraceRow",
    "list_sessions",
    "list_spans",
    "list_traces",
]


class TraceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One execution, as `ads_traces` has it. Times in Unix ns, cost in US dollars.

    `end_time` is the last time heard of while the trace runs. `step_strip` has a letter a step in
    time order, at most 64: `u` user_input, `t` think, `a` act, `o` observe, `r` response; upper
    case where the step failed; `e` for a failed span that is no step.
    """

    trace_id: str
    session_id: str | None
    user_id: str | None
    service: str | None
    name: str
    input: str | None
    output: str | None
    start_time: int
    end_time: int
    duration_ms: float
    state: str
    status: str
    span_count: int
    step_count: int
    error_count: int
    tool_calls: int
    tools: list[str]
    models: list[str]
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    step_strip: str


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation, as `ads_sessions` has it; `input` is its first trace's."""

    session_id: str
    user_id: str | None
    service: str | None
    input: str | None
    start_time: int
    end_time: int
    duration_ms: float
    state: str
    status: str
    trace_count: int
    span_count: int
    step_count: int
    error_count: int
    tool_calls: int
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None


class SpanRow(msgspec.Struct, frozen=True, kw_only=True):
    """One span in a list, without its large fields (`input` and `output` are cut to 200
    characters)."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    session_id: str | None
    user_id: str | None
    service: str | None
    name: str
    step_type: str
    start_time: int
    end_time: int | None
    duration_ms: float | None
    state: str
    status: str
    error_type: str | None
    error_message: str | None
    tool_name: str | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    input: str | None
    output: str | None


R = TypeVar("R", bound=msgspec.Struct)


class Page(msgspec.Struct, Generic[R], frozen=True):
    """Rows, and whether more lie behind them: `next` goes into the next call's `after`."""

    rows: list[R]
    next: tuple[Any, str] | None = None


_SPANS = "(SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans)"


def list_traces(
    reader: Reader,
    *,
    since: int | None = None,
    until: int | None = None,
    session_id: str | None = None,
    where: Condition | None = None,
    sort: str = "start_time",
    descending: bool = True,
    limit: int = 50,
    after: tuple[Any, str] | None = None,
) -> Page[TraceRow]:
    """Executions that started in `[since, until)` (Unix ns), sorted by any column of the row.

    `where` is a filter's condition, compiled for the same rows (`Query.compile("traces", …)`).
    """
    return _list(
        reader,
        TraceRow,
        "ads_traces",
        "trace_id",
        _range(since, until, where, session_id=session_id),
        sort,
        descending,
        limit,
        after,
    )


def list_sessions(
    reader: Reader,
    *,
    since: int | None = None,
    until: int | None = None,
    where: Condition | None = None,
    sort: str = "start_time",
    descending: bool = True,
    limit: int = 50,
    after: tuple[Any, str] | None = None,
) -> Page[SessionRow]:
    """Conversations that began in `[since, until)`; `where` as above, over sessions."""
    return _list(
        reader,
        SessionRow,
        "ads_sessions",
        "session_id",
        _range(since, until, where),
        sort,
        descending,
        limit,
        after,
    )


def list_spans(
    reader: Reader,
    *,
    since: int | None = None,
    until: int | None = None,
    trace_id: str | None = None,
    session_id: str | None = None,
    where: Condition | None = None,
    sort: str = "start_time",
    descending: bool = True,
    limit: int = 50,
    after: tuple[Any, str] | None = None,
) -> Page[SpanRow]:
    """Spans that started in `[since, until)`, running and interrupted ones included; `where` as
    above, over spans.
    """
    return _list(
        reader,
        SpanRow,
        f"{_SPANS} AS spans",
        "span_id",
        _range(since, until, where, trace_id=trace_id, session_id=session_id),
        sort,
        descending,
        limit,
        after,
        cut=("input", "output"),
    )


def _range(
    since: int | None, until: int | None, condition: Condition | None, **equal: str | None
) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    if since is not None:
        where.append("start_time >= ?")
        values.append(since)
    if until is not None:
        where.append("start_time < ?")
        values.append(until)
    for column, value in equal.items():
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    if condition is not None:
        where.append(f"({condition.sql})")
        values += condition.parameters
    return where, values


def _list(
    reader: Reader,
    row: type[R],
    source: str,
    key: str,
    condition: tuple[list[str], list[Any]],
    sort: str,
    descending: bool,
    limit: int,
    after: tuple[Any, str] | None,
    cut: tuple[str, ...] = (),
) -> Page[R]:
    columns = row.__struct_fields__
    if sort not in columns:
        raise UsageError(f"Cannot sort by `{sort}`.", hint=f"Columns: {', '.join(columns)}.")
    where, values = list(condition[0]), list(condition[1])
    way, than = ("DESC", "<") if descending else ("ASC", ">")
    # A null sorts as the least value either way, so that paging by key never skips a row.
    if after is not None:
        last, last_key = after
        if last is None:
            tie = f"({sort} IS NULL AND {key} {than} ?)"
            where.append(tie if descending else f"({tie} OR {sort} IS NOT NULL)")
            values.append(last_key)
        else:
            past = f"{sort} {than} ? OR ({sort} = ? AND {key} {than} ?)"
            where.append(f"({past} OR {sort} IS NULL)" if descending else f"({past})")
            values += [last, last, last_key]
    picked = ", ".join(f"substr({c}, 1, 200) AS {c}" if c in cut else c for c in columns)
    nulls = "LAST" if descending else "FIRST"
    table = reader.query(
        f"SELECT {picked} FROM {source}"
        + (f" WHERE {' AND '.join(where)}" if where else "")
        + f" ORDER BY {sort} {way} NULLS {nulls}, {key} {way} LIMIT {int(limit) + 1}",
        values,
    )
    rows = _rows(table, row)
    if len(rows) <= limit:
        return Page(rows)
    last_row: Any = rows[limit - 1]
    return Page(rows[:limit], (getattr(last_row, sort), getattr(last_row, key)))


def _rows(table: Table, row: type[R]) -> list[R]:
    return [row(**dict(zip(table.columns, values, strict=True))) for values in table.rows]
