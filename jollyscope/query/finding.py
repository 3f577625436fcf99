"""From what a person typed to the trace, span or session they meant."""

from __future__ import annotations

from typing import NamedTuple

from jollyscope.errors import AmbiguousError, NotFoundError
from jollyscope.query.filter import engine
from jollyscope.query.filter.sql import Sql
from jollyscope.query.loading import resolve_trace
from jollyscope.store.api import Reader

__all__ = ["Found", "find", "span_of", "traces_of"]

_SPANS = "(SELECT trace_id, span_id FROM dwd_spans UNION ALL SELECT trace_id, span_id FROM dwd_open_spans)"
_MOST = 5
"""Candidates that an error names."""


class Found(NamedTuple):
    """A trace; a span and its trace; or a session."""

    trace_id: str | None = None
    span_id: str | None = None
    session_id: str | None = None


def find(reader: Reader, text: str) -> Found:
    """What an id or a prefix of one means: a trace before a span before a session.

    Raises `NotFoundError`, or `AmbiguousError` naming the candidates.
    """
    typed = text.strip()
    prefix = typed.lower()
    if _hex(prefix, 32) and reader.find_traces(prefix, 1):
        return Found(trace_id=resolve_trace(reader, prefix))
    spans = _spans(reader, prefix) if _hex(prefix, 16) else []
    if spans:
        _only(text, [span_id for _, span_id in spans], "spans")
        return Found(trace_id=spans[0][0], span_id=spans[0][1])
    sessions = _sessions(reader, typed) if typed else []
    if sessions:
        if typed not in sessions:
            _only(text, sessions, "sessions")
        return Found(session_id=typed if typed in sessions else sessions[0])
    raise NotFoundError(
        f"There is no trace, span or session `{text}` in the store.",
        hint="`jollyscope ls traces` and `jollyscope ls sessions` list them.",
    )


def span_of(spans: list[str], text: str, trace_id: str) -> str:
    """The one of a trace's span ids that begins so. Raises as `find` does."""
    prefix = text.strip().lower()
    fitting = sorted(span_id for span_id in spans if prefix and span_id.startswith(prefix))
    if not fitting:
        raise NotFoundError(
            f"There is no span `{text}` in the trace.",
            hint=f"`jollyscope ls spans --trace {trace_id[:8]}` lists them.",
        )
    _only(text, fitting, "spans")
    return fitting[0]


def traces_of(reader: Reader, session_id: str) -> list[str]:
    """Ids of a session's traces, the earliest first."""
    table = reader.query(
        "SELECT trace_id FROM ads_traces WHERE session_id = ? ORDER BY start_time, trace_id",
        [session_id],
    )
    return [row[0] for row in table.rows]


def _hex(text: str, most: int) -> bool:
    return 0 < len(text) <= most and all(c in "0123456789abcdef" for c in text)


def _spans(reader: Reader, prefix: str) -> list[tuple[str, str]]:
    # As a range, which the statistics of parts can serve; `g` is above every hex digit.
    table = reader.query(
        f"SELECT DISTINCT trace_id, span_id FROM {_SPANS} AS s WHERE span_id >= ? AND span_id < ? "
        f"ORDER BY span_id, trace_id LIMIT {_MOST + 1}",
        [prefix, prefix + "g"],
    )
    return [(row[0], row[1]) for row in table.rows]


def _sessions(reader: Reader, prefix: str) -> list[str]:
    begins = engine(reader).starts_with(Sql("session_id"), prefix)
    table = reader.query(
        f"SELECT DISTINCT session_id FROM ads_traces WHERE {begins.text} "
        # The whole id first, so that no longer one hides it.
        f"ORDER BY session_id LIMIT {_MOST + 1}",
        begins.values,
    )
    return [row[0] for row in table.rows]


def _only(text: str, found: list[str], what: str) -> None:
    if len(found) < 2:
        return
    many = len(found) > _MOST
    named = ", ".join(found[:_MOST]) + (", …" if many else "")
    raise AmbiguousError(
        f"`{text}` fits {'at least ' if many else ''}{min(len(found), _MOST)} {what}.",
        hint=f"Give more of it: {named}.",
    )
