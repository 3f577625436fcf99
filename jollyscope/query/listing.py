"""Lists of traces, sessions and spans, newest first, a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

from jollyscope.errors import UsageError
from jollyscope.query.select import Source, Wanted, count, select
from jollyscope.store.api import Reader

if TYPE_CHECKING:
    from jollyscope.query.filter import Condition

__all__ = [
    "Page",
    "SessionRow",
    "SpanRow",
    "TraceRow",
    "count_rows",
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


_TRACES = Source("traces", "ads_traces", ("trace_id",), TraceRow.__struct_fields__)
_SESSIONS = Source("sessions", "ads_sessions", ("session_id",), SessionRow.__struct_fields__)
_SPANS = Source(
    "spans",
    "(SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans) AS spans",
    ("span_id", "trace_id"),
    SpanRow.__struct_fields__,
    cut=frozenset({"input", "output"}),
)


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
    offset: int = 0,
    gist: bool = False,
) -> Page[TraceRow]:
    """Executions that started in `[since, until)` (Unix ns), sorted by any column of the row.

    `where` is a filter's condition, compiled for the same rows (`Query.compile("traces", …)`).
    `after` goes on behind a row, `offset` leaves out that many more; with `gist`, `input` and
    `output` are cut to 200 characters.
    """
    equal = _given(session_id=session_id)
    wanted = Wanted(since, until, equal, where, sort, descending, limit, after, offset)
    # A text that is sorted by stays whole: it is the key of the next page.
    cut = frozenset({"input", "output"} - {sort}) if gist else frozenset[str]()
    return _list(reader, TraceRow, _TRACES._replace(cut=cut), wanted)


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
    offset: int = 0,
) -> Page[SessionRow]:
    """Conversations that began in `[since, until)`; `where` and the others as above."""
    wanted = Wanted(since, until, {}, where, sort, descending, limit, after, offset)
    return _list(reader, SessionRow, _SESSIONS, wanted)


def count_rows(
    reader: Reader,
    of: Literal["traces", "sessions"],
    *,
    since: int | None = None,
    until: int | None = None,
    session_id: str | None = None,
    where: Condition | None = None,
    sort: str = "start_time",
    descending: bool = True,
    after: tuple[Any, str] | None = None,
) -> int:
    """How long such a list is, or how much of it lies behind `after`."""
    equal = _given(session_id=session_id)
    wanted = Wanted(since, until, equal, where, sort, descending, 0, after)
    return count(reader, _TRACES if of == "traces" else _SESSIONS, wanted)


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
    equal = _given(trace_id=trace_id, session_id=session_id)
    return _list(
        reader,
        SpanRow,
        _SPANS,
        Wanted(since, until, equal, where, sort, descending, limit, after),
    )


def _given(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


def _list(reader: Reader, row: type[R], source: Source, wanted: Wanted) -> Page[R]:
    if wanted.sort not in source.columns:
        raise UsageError(
            f"Cannot sort by `{wanted.sort}`.", hint=f"Columns: {', '.join(source.columns)}."
        )
    limit = wanted.limit
    found = select(reader, source, wanted._replace(limit=limit + 1))
    rows = [row(**dict(zip(source.columns, values, strict=True))) for values in found[:limit]]
    if len(found) <= limit:
        return Page(rows)
    last: Any = rows[-1]
    return Page(rows, (getattr(last, wanted.sort), getattr(last, source.key[0])))
