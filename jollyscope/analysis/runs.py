"""The runs that an analysis looks at, one after the other, in memory that does not grow with them.

Of every span only what analyses need is read: no attributes, no events, of texts a tool's arguments
and a digest of what came out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from msgspec.structs import replace

from jollyscope.analysis.critical_path import CriticalPath, critical_path
from jollyscope.analysis.savings import savings
from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import seen_twice
from jollyscope.model.tree import TraceTree, build_tree, settle
from jollyscope.query.bulk import batches
from jollyscope.query.filter import Condition, engine
from jollyscope.query.listing import Page, TraceRow, list_traces
from jollyscope.query.paging import pages
from jollyscope.query.scope import Scope
from jollyscope.store.api import EngineName, Reader

__all__ = ["Run", "Totals", "gist", "runs", "timed", "totals"]

BATCH_SPANS, BATCH_RUNS = 20_000, 2_000
"""What is asked for at once at most, unless one run alone has more spans: about 20 MB."""
MESSAGE = 1_000
"""Characters of an error's message that are read."""


class Totals(NamedTuple):
    """How many runs, and their time and cost in all; the cost is None where none is known."""

    runs: int
    ms: float
    usd: float | None


class Run:
    """One run: its row of the list (`input` and `output` cut to 200 characters) and its settled spans
    by start time. Of the spans `input` is there for tool calls alone, `output` is its MD5 digest in
    hex, `error_message` is cut to 1,000 characters; attributes and what else is not needed are empty.
    """

    def __init__(self, row: TraceRow, spans: list[SpanRecord]) -> None:
        self.row = row
        self.spans = spans

    @property
    def trace_id(self) -> str:
        """The trace's id."""
        return self.row.trace_id

    @cached_property
    def tree(self) -> TraceTree:
        """The spans as a tree."""
        return build_tree(self.spans)

    @cached_property
    def path(self) -> CriticalPath:
        """What the run's length is made of; running spans end when the run was last heard of."""
        return critical_path(self.tree)

    @cached_property
    def saves(self) -> dict[str, int]:
        """By span id, how many ns shorter the run would be without that span and those below."""
        return savings(self.tree, self.path)

    @cached_property
    def calls(self) -> list[SpanRecord]:
        """Model and tool calls by start time; one that two libraries recorded is there once."""
        twice = seen_twice(self.spans)
        return [s for s in self.spans if s.step_type in ("think", "act") and s.span_id not in twice]


def totals(reader: Reader, scope: Scope, trace_id: str | None = None) -> Totals:
    """How many runs a question is about, and what they took in all."""
    where = scope.condition("traces", engine(reader))
    if trace_id is not None:
        where = Condition("trace_id = ?", [trace_id])
    promise = (scope if trace_id is None else Scope()).promise("traces", where)
    table = reader.query(
        f"SELECT count(*), sum(duration_ms), sum(cost_usd) FROM ads_traces WHERE {where.sql}",
        where.parameters,
        **promise,
    )
    number, ms, usd = table.rows[0]
    return Totals(int(number), float(ms or 0.0), None if usd is None else float(usd))


def runs(reader: Reader, scope: Scope, trace_id: str | None = None, most: int = 0) -> Iterator[Run]:
    """The runs of a scope (the newest `most`; 0: all), or one alone, newest first. Raises `StoreError`."""
    where = scope.where("traces", engine(reader))
    stretch: dict[str, Any] = {
        "since": scope.since, "until": scope.until, "session_id": scope.session_id,
    }  # fmt: skip
    if trace_id is not None:
        where, stretch = Condition("trace_id = ?", [trace_id]), {}

    def ask(most: int, after: tuple[Any, str] | None) -> Page[TraceRow]:
        return list_traces(reader, where=where, limit=most, after=after, gist=True, **stretch)

    for page in pages(ask, most):
        for batch in batches(page.rows, BATCH_SPANS, BATCH_RUNS):
            yield from _read(reader, batch)


_PLAIN = (
    "trace_id", "span_id", "parent_span_id", "service", "name", "kind", "step_type", "start_time", "end_time",
    "duration_ms", "state", "status", "error_type", "stack_trace", "tool_name", "model", "provider",
    "input_tokens", "output_tokens", "cached_tokens", "cost_usd",
)  # fmt: skip


def _columns(dialect: EngineName) -> str:
    if dialect == "clickhouse":
        digest, cut = "lower(hex(MD5(output)))", "substringUTF8"
    else:
        digest, cut = "md5(output)", "substr"
    made = (
        "CASE WHEN step_type = 'act' THEN input END AS input",
        f"CASE WHEN step_type IN ('act', 'think', 'observe') THEN {digest} END AS output",
        f"{cut}(error_message, 1, {MESSAGE}) AS error_message",
    )
    return ", ".join((*_PLAIN, *made))


def _read(reader: Reader, batch: list[TraceRow]) -> Iterator[Run]:
    """The runs of these rows, in their order; those without spans are gone and left out."""
    first = min(row.start_time for row in batch)
    last = max(row.end_time for row in batch)
    table = reader.query(
        f"SELECT {_columns(reader.dialect)} FROM "
        "(SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans) AS spans "
        f"WHERE trace_id IN ({', '.join('?' * len(batch))}) AND start_time BETWEEN ? AND ?",
        [*(row.trace_id for row in batch), first, last],
        since=first,
        until=last + 1,
    )
    found: dict[str, list[SpanRecord]] = {row.trace_id: [] for row in batch}
    for values in table.rows:
        span = SpanRecord(**dict(zip(table.columns, values, strict=True)))
        found[span.trace_id].append(span)
    for row in batch:
        settled = settle(found.pop(row.trace_id)).values()
        if settled:
            yield Run(row, timed(settled))


def gist(span: SpanRecord) -> SpanRecord:
    """A whole span as far as analyses read it: messages of a megabyte are not looked through."""
    long = span.error_message is not None and len(span.error_message) > MESSAGE
    return replace(span, error_message=(span.error_message or "")[:MESSAGE]) if long else span


def timed(spans: Iterable[SpanRecord]) -> list[SpanRecord]:
    """Spans by start time."""
    return sorted(spans, key=lambda span: (span.start_time, span.span_id))
