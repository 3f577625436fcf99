"""A list as it is asked for on a command line."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Literal, cast, get_args

import msgspec

from jollyscope.errors import UsageError
from jollyscope.query.fields import sort_key
from jollyscope.query.filter import engine
from jollyscope.query.groups import ModelRow, ServiceRow, ToolRow, UserRow, list_groups
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
from jollyscope.query.scope import Scope, bounded, scope
from jollyscope.store.api import Reader

__all__ = ["KINDS", "Kind", "ListRequest", "anything_stored", "split_kind"]

Kind = Literal["traces", "sessions", "spans", "tools", "models", "users", "services"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ROW: dict[Kind, type[msgspec.Struct]] = {
    "traces": TraceRow,
    "sessions": SessionRow,
    "spans": SpanRow,
    "tools": ToolRow,
    "models": ModelRow,
    "users": UserRow,
    "services": ServiceRow,
}
assert set(ROW) == set(KINDS)

_MOST: dict[Kind, str] = {
    "tools": "-call_count",
    "models": "-call_count",
    "users": "-trace_count",
    "services": "-span_count",
}


def split_kind(words: list[str]) -> tuple[Kind, str]:
    """The list that the first word names (`traces` if none), and the filter of the others.

    Raises `UsageError` where the first word is most likely the misspelt name of a list.
    """
    if not words:
        return "traces", ""
    first = words[0]
    if first in KINDS:
        return first, " ".join(words[1:])
    if first.isidentifier() and first.isascii() and first.islower():
        near = get_close_matches(first, list[str](KINDS), n=1)
        said = f"Did you mean `{near[0]}`? " if near else ""
        raise UsageError(
            f"`{first}` is none of {', '.join(KINDS)}.",
            hint=f"{said}For a text in traces: `ls traces {first}`.",
        )
    return "traces", " ".join(words)


class ListRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows, in which order. Texts are as a person typed them; `limit` 0 is all.

    `sort` None is the newest, or of tools and their like the most, first. `everything` says that no
    default may bound the time.
    """

    kind: Kind = "traces"
    filter: str = ""
    since: str | None = None
    until: str | None = None
    session: str | None = None
    trace: str | None = None
    sort: str | None = None
    reverse: bool = False
    limit: int = 50
    everything: bool = False

    @property
    def row(self) -> type[msgspec.Struct]:
        """The struct of a row."""
        return ROW[self.kind]

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for but all there is."""
        return any((self.filter, self.since, self.until, self.session, self.trace))

    def scope(self, reader: Reader, now: int) -> Scope:
        """What it is about. Raises `UsageError`, `FilterError`."""
        if self.session and self.kind == "sessions":
            raise UsageError(
                "--session does not go with `ls sessions`.",
                hint="`jollyscope ls traces --session ID` lists what is in one.",
            )
        wanted = scope(
            self.filter, now=now, since=self.since, until=self.until, session=self.session
        )
        return wanted if self.everything or self.trace else bounded(reader, wanted)

    def pages(self, reader: Reader, within: Scope) -> Iterator[Page[Any]]:
        """The rows, page by page. Raises `UsageError`, `NotFoundError`, `AmbiguousError`."""
        if self.limit < 0:
            raise UsageError(f"A limit of {self.limit} is no limit.", hint="0 shows all.")
        field, descending = sort_key(self.row, self.sort or _MOST.get(self.kind, "-start_time"))
        order: dict[str, Any] = {"sort": field, "descending": descending != self.reverse}
        only = self._only(reader, within)
        if self.kind in _MOST:
            return iter([list_groups(reader, self.row, within, limit=self.limit, **order)])
        listed = cast(Any, _LISTS[self.kind])
        where = within.where(cast(Any, self.kind), engine(reader))
        stretch = {"since": within.since, "until": within.until, "where": where}

        def ask(limit: int, after: tuple[Any, str] | None) -> Page[Any]:
            return listed(reader, limit=limit, after=after, **order, **stretch, **only)

        return pages(ask, self.limit)

    def _only(self, reader: Reader, within: Scope) -> dict[str, Any]:
        if self.trace and self.kind != "spans":
            raise UsageError(
                "--trace goes with `ls spans` only.", hint="`jollyscope show` shows one trace."
            )
        only: dict[str, Any] = {}
        if within.session_id and self.kind not in _MOST:
            only["session_id"] = within.session_id
        if self.trace:
            only["trace_id"] = resolve_trace(reader, self.trace)
        return only


_LISTS = {"traces": list_traces, "sessions": list_sessions, "spans": list_spans}


def anything_stored(reader: Reader) -> bool:
    """Whether there is a single trace."""
    return bool(reader.query("SELECT 1 FROM ads_traces LIMIT 1").rows)
