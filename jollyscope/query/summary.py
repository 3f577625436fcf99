"""One trace's row of the list, for the head of its page."""

from __future__ import annotations

from jollyscope.errors import NotFoundError
from jollyscope.query.listing import TraceRow
from jollyscope.store.api import Reader

__all__ = ["trace_row"]


def trace_row(reader: Reader, trace_id: str) -> TraceRow:
    """The row that `list_traces` has for a whole trace id, so that list and page never disagree.

    Raises `NotFoundError`.
    """
    columns = ", ".join(TraceRow.__struct_fields__)
    table = reader.query(f"SELECT {columns} FROM ads_traces WHERE trace_id = ?", [trace_id])
    if not table.rows:
        raise NotFoundError(f"There is no trace `{trace_id}` in the store.")
    return TraceRow(**table.dicts()[0])
