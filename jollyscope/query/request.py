"""A list as it is asked for on a command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, cast, get_args

import msgspec

from jollyscope.errors import UsageError
from jollyscope.query.fields import sort_key
from jollyscope.query.listing import (
    Page,
    SessionRow,
    SpanRow,
    TraceRow,
    list_sessions,
    list_spans,
    list_traces,
)
from jollyscope.query.loading import resolve_trace
from jollyscope.query.paging import pages
from jollyscope.query.times import parse_time
from jollyscope.store.api import Reader

__all__ = ["Kind", "ListRequest", "anything_stored"]

Kind = Literal["traces", "sessions", "spans"]
ROW: dict[Kind, type[msgspec.Struct]] = {
    "traces": TraceRow,
    "sessions": SessionRow,
    "spans": SpanRow,
}
assert set(ROW) == set(get_args(Kind))


class ListRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows, in which order. Texts are as a person typed them; `limit` 0 is all."""

    kind: Kind = "traces"
    since: str | None = None
    until: str | None = None
    session: str | None = None
    trace: str | None = None
    sort: str = "-start_time"
    reverse: bool = False
    limit: int = 50

    @property
    def row(self) -> type[msgspec.Struct]:
        """The struct of a row."""
        return ROW[self.kind]

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for but all there is."""
        return any((self.since, self.until, self.session, self.trace))

    def pages(self, reader: Reader, now: int) -> Iterator[Page[Any]]:
        """The rows, page by page. Raises `UsageError`, `NotFoundError`, `AmbiguousError`."""
        if self.limit < 0:
            raise UsageError(f"A limit of {self.limit} is no limit.", hint="0 shows all.")
        field, descending = sort_key(self.row, self.sort)
        order: dict[str, Any] = {"sort": field, "descending": descending != self.reverse}
        order["since"] = parse_time(self.since, now) if self.since else None
        order["until"] = parse_time(self.until, now) if self.until else None
        order.update(self._within(reader))
        listed = cast(Any, _LISTS[self.kind])

        def ask(limit: int, after: tuple[Any, str] | None) -> Page[Any]:
            return listed(reader, limit=limit, after=after, **order)

        return pages(ask, self.limit)

    def _within(self, reader: Reader) -> dict[str, Any]:
        if self.trace and self.kind != "spans":
            raise UsageError(
                "--trace goes with `ls spans` only.", hint="`jollyscope show` shows one trace."
            )
        if self.session and self.kind == "sessions":
            raise UsageError(
                "--session does not go with `ls sessions`.",
                hint="`jollyscope ls traces --session ID` lists what is in one.",
            )
        within: dict[str, Any] = {}
        if self.session:
            within["session_id"] = self.session
        if self.trace:
            within["trace_id"] = resolve_trace(reader, self.trace)
        return within


_LISTS = {"traces": list_traces, "sessions": list_sessions, "spans": list_spans}


def anything_stored(reader: Reader) -> bool:
    """Whether there is a single trace."""
    return bool(reader.query("SELECT 1 FROM ads_traces LIMIT 1").rows)
