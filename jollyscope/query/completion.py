"""Ids of traces and sessions for a shell to complete."""

from __future__ import annotations

from jollyscope.model.steps import first_line
from jollyscope.query.listing import list_traces
from jollyscope.store.api import Reader

__all__ = ["complete_sessions", "complete_traces"]


def complete_traces(reader: Reader, prefix: str, limit: int = 20) -> list[tuple[str, str]]:
    """Trace ids that begin with `prefix`, each with its input; the newest ones for an empty one."""
    if not prefix:
        newest = list_traces(reader, limit=limit).rows
        return [(row.trace_id, _gist(row.input or row.name)) for row in newest]
    ids = reader.find_traces(prefix.lower(), limit)
    if not ids:
        return []
    marks = ", ".join("?" * len(ids))
    table = reader.query(
        f"SELECT trace_id, coalesce(input, name) FROM ads_traces WHERE trace_id IN ({marks})", ids
    )
    inputs: dict[str, str] = dict(table.rows)  # pyright: ignore[reportArgumentType]
    return [(trace_id, _gist(inputs.get(trace_id))) for trace_id in ids]


def complete_sessions(reader: Reader, prefix: str, limit: int = 20) -> list[tuple[str, str]]:
    """Session ids that begin with `prefix`, each with what it began with; the newest first."""
    table = reader.query(
        "SELECT session_id, input FROM ads_sessions WHERE starts_with(session_id, ?) "
        f"ORDER BY start_time DESC, session_id LIMIT {int(limit)}",
        [prefix],
    )
    return [(session_id, _gist(text)) for session_id, text in table.rows]


def _gist(text: str | None) -> str:
    return first_line(text or "", 60)
