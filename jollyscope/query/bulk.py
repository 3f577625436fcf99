"""Many traces whole, with one statement for thousands of their spans.

Trace by trace the lake takes 5 ms each: 14 s for 3,000 small ones, and 0.6 s so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import settle
from jollyscope.query.listing import TraceRow
from jollyscope.store.api import Reader
from jollyscope.store.rows import records

__all__ = ["batches", "whole_traces"]

_SPANS, _TRACES = 5_000, 500
"""What is asked for at once at most, unless one trace alone has more spans."""


def whole_traces(
    reader: Reader, rows: Iterable[TraceRow]
) -> Iterator[tuple[str, list[SpanRecord]]]:
    """The spans of each of these traces, settled and by start time, in the order of the rows."""
    for batch in batches(rows):
        found: dict[str, list[SpanRecord]] = {row.trace_id: [] for row in batch}
        for span in _spans(reader, batch):
            found[span.trace_id].append(span)
        for trace_id, spans in found.items():
            if spans:
                settled = settle(spans).values()
                yield trace_id, sorted(settled, key=lambda s: (s.start_time, s.span_id))


class _Counted(Protocol):
    @property
    def span_count(self) -> int: ...


T = TypeVar("T", bound=_Counted)


def batches(
    rows: Iterable[T], most_spans: int = _SPANS, most_traces: int = _TRACES
) -> Iterator[list[T]]:
    """Neighbours with so many spans together at most, unless one alone has more."""
    batch: list[T] = []
    spans = 0
    for row in rows:
        if batch and (spans + row.span_count > most_spans or len(batch) == most_traces):
            yield batch
            batch, spans = [], 0
        batch.append(row)
        spans += row.span_count
    if batch:
        yield batch


def _spans(reader: Reader, batch: list[TraceRow]) -> list[SpanRecord]:
    if len(batch) == 1:
        return reader.spans(batch[0].trace_id)
    marks = ", ".join("?" * len(batch))
    table = reader.query(
        "SELECT * FROM (SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans) AS s "
        f"WHERE trace_id IN ({marks})",
        [row.trace_id for row in batch],
        since=min(row.start_time for row in batch),
    )
    return records(table)
