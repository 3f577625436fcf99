"""From what a person typed to the trace they meant, whole."""

from __future__ import annotations

from typing import NamedTuple

from jollyscope.errors import AmbiguousError, NotFoundError
from jollyscope.model.records import SpanRecord
from jollyscope.model.tree import TraceTree, build_tree
from jollyscope.query.dialogue import Said, logged_messages
from jollyscope.query.listing import TraceRow
from jollyscope.store.api import Reader

__all__ = ["LoadedTrace", "load_trace", "resolve_trace"]


class LoadedTrace(NamedTuple):
    """A trace whole: its spans by start time, the tree of them, and its row of the list, so that
    list and page never disagree.
    """

    trace_id: str
    spans: list[SpanRecord]
    tree: TraceTree
    row: TraceRow
    said: Said
    """Messages that came as log records, by span."""


def resolve_trace(reader: Reader, text: str) -> str:
    """The trace id that `text` (an id or a prefix of one) means.

    Raises `NotFoundError`, or `AmbiguousError` naming the candidates.
    """
    prefix = text.strip().lower()
    if not prefix or len(prefix) > 32 or not all(c in "0123456789abcdef" for c in prefix):
        raise NotFoundError(
            f"`{text}` is no trace id.",
            hint="A trace id is up to 32 hex digits; `jollyscope ls traces` lists them.",
        )
    found = reader.find_traces(prefix, 6)
    if not found:
        raise NotFoundError(
            f"There is no trace `{text}` in the store.", hint="`jollyscope ls traces` lists them."
        )
    if len(found) > 1 and prefix not in found:
        named = ", ".join(trace_id[: len(prefix) + 6] for trace_id in found[:5])
        more = ", …" if len(found) > 5 else ""
        raise AmbiguousError(
            f"`{text}` fits {'at least ' if more else ''}{min(len(found), 5)} traces.",
            hint=f"Give more digits: {named}{more}.",
        )
    return prefix if prefix in found else found[0]


def load_trace(reader: Reader, text: str) -> LoadedTrace:
    """The trace of an id or prefix, whole. Raises as `resolve_trace` does."""
    trace_id = resolve_trace(reader, text)
    spans = reader.spans(trace_id)
    columns = ", ".join(TraceRow.__struct_fields__)
    rows = reader.query(f"SELECT {columns} FROM ads_traces WHERE trace_id = ?", [trace_id]).dicts()
    if not spans or not rows:
        raise NotFoundError(f"Trace `{trace_id}` is gone from the store; it may have been pruned.")
    said = logged_messages(reader, {trace_id: spans}).get(trace_id, {})
    return LoadedTrace(trace_id, spans, build_tree(spans), TraceRow(**rows[0]), said)
