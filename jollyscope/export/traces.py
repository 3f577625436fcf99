"""Whole traces of a store, one after the other in constant memory, with what was said about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from jollyscope.export.forms import Form, Out, Traced
from jollyscope.query.bulk import batches, whole_traces
from jollyscope.query.dialogue import logged_messages
from jollyscope.query.filter import engine
from jollyscope.query.listing import Page, TraceRow, count_rows, list_traces
from jollyscope.query.paging import pages
from jollyscope.query.scope import Scope
from jollyscope.store.api import Reader
from jollyscope.store.state import Annotation, State

__all__ = [
    "Exported",
    "Watch",
    "export_stream",
    "given",
    "heard",
    "matching",
    "number_of",
    "write_some",
]

Watch = Callable[[int, int], None]
"""Told after each trace: how many traces and spans are written; of tables how many rows, twice. What it
raises ends the export."""


class Exported(NamedTuple):
    """What was written: traces and spans, or of tables `rows`; `size` in bytes. `conversations` that the
    traces became, for formats that hold them.
    """

    traces: int | None
    spans: int | None
    size: int
    rows: int | None = None
    files: tuple[Path, ...] = ()
    conversations: int | None = None

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to write."""
        whole = self.traces if self.conversations is None else self.conversations
        return not (whole or self.rows)

    def with_(self, more: Exported) -> Exported:
        """Both, of whole traces."""
        both = None
        if more.conversations is not None:
            both = (self.conversations or 0) + more.conversations
        traces, spans = (
            (self.traces or 0) + (more.traces or 0),
            (self.spans or 0) + (more.spans or 0),
        )
        return Exported(traces, spans, self.size + more.size, conversations=both)


def matching(
    reader: Reader, state: State, within: Scope, limit: int = 0, *, by_session: bool = False
) -> Iterator[Traced]:
    """The newest `limit` traces (0: all) of a scope, newest first; or those of each session behind one
    another as they came. Raises `StoreError`.
    """
    where = within.where("traces", engine(reader))
    sorted_ = by_session and not limit

    def ask(most: int, after: tuple[Any, str] | None) -> Page[TraceRow]:
        return list_traces(
            reader, since=within.since, until=within.until, session_id=within.session_id,
            where=where, limit=most, after=after, gist=True,
            sort="session_id" if sorted_ else "start_time", descending=not sorted_,
        )  # fmt: skip

    said: dict[str, list[Annotation]] = {}
    for one in state.all_annotations():
        said.setdefault(one.trace_id, []).append(one)
    rows = (row for page in pages(ask, limit) for row in page.rows)
    for batch in _sessions(rows, all_at_once=not sorted_) if by_session else (rows,):
        for trace_id, spans in whole_traces(reader, batch):
            yield Traced(trace_id, spans, said.get(trace_id, ()))


def _sessions(rows: Iterable[TraceRow], *, all_at_once: bool) -> Iterator[Iterable[TraceRow]]:
    """Rows by session, each session's as they came; a few hundred sessions at a time."""
    if all_at_once:
        rows = sorted(rows, key=lambda row: (row.session_id or "", row.start_time, row.trace_id))
    ready: list[TraceRow] = []
    for _, some in groupby(rows, key=lambda row: row.session_id):
        ready += sorted(some, key=lambda row: (row.start_time, row.trace_id))
        if len(ready) > 500:
            yield ready
            ready = []
    yield ready


def number_of(reader: Reader, within: Scope, limit: int = 0) -> int:
    """How many traces `matching` gives."""
    found = count_rows(
        reader, "traces", since=within.since, until=within.until,
        session_id=within.session_id, where=within.where("traces", engine(reader)),
    )  # fmt: skip
    return min(found, limit) if limit else found


def given(reader: Reader, state: State, trace_ids: Iterable[str]) -> Iterator[Traced]:
    """These traces by their whole ids; those that are gone are left out."""
    for trace_id in trace_ids:
        spans = reader.spans(trace_id)
        if spans:
            yield Traced(trace_id, spans, state.annotations([trace_id]))


def heard(reader: Reader, traces: Iterable[Traced]) -> Iterator[Traced]:
    """The same traces with the messages that only log records carry, asked for thousands of spans at
    once: for each trace alone it is a scan of all log records.
    """
    for batch in batches(traces):
        said = logged_messages(reader, {trace.trace_id: trace.spans for trace in batch})
        for trace in batch:
            yield trace._replace(said=said.get(trace.trace_id, {}))


def export_stream(
    traces: Iterable[Traced], file: Out, form: Form, watch: Watch | None = None
) -> Exported:
    """Write traces to an open file."""
    return write_some(traces, file, form, watch)


def write_some(
    traces: Iterable[Traced],
    file: Out,
    form: Form,
    watch: Watch | None,
    full: Callable[[int, int], bool] | None = None,
) -> Exported:
    """Write traces until `full` says of bytes and spans that no more shall be begun."""
    count = spans = 0
    measured = _Measured(file)

    def passing() -> Iterator[Traced]:
        nonlocal count, spans
        for trace in traces:
            yield trace
            count += 1
            spans += len(trace.spans)
            if watch is not None:
                watch(count, spans)
            if full is not None and full(measured.size, spans):
                return

    conversations = form.write(passing(), measured)
    return Exported(count, spans, measured.size, conversations=conversations)


class _Measured:
    """A file that knows how much was written to it."""

    def __init__(self, file: Out) -> None:
        self._file = file
        self.size = 0

    def write(self, data: bytes) -> int:
        self.size += len(data)
        return self._file.write(data)
