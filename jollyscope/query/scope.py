"""What a question is about: rows that began in a stretch of time and fit a filter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

import msgspec

from jollyscope.query.clock import local
from jollyscope.query.filter import DUCKDB, Condition, Dialect, Query, Target, parse
from jollyscope.query.filter.nodes import And, Has, Match, Text, terms
from jollyscope.query.times import parse_time
from jollyscope.store.api import Reader

__all__ = ["BOUND_NS", "BOUND_SPANS", "Promise", "Scope", "bounded", "scope"]

BOUND_SPANS = 2_000_000
"""A question that has to read every span's text is bound in time in stores with more than these:
about what two cores read through in a second.
"""
BOUND_NS = 7 * 86_400 * 10**9
"""How far back it then goes from the newest span."""

_DEEP = ("attribute", "text", "calls")
"""Kinds of fields that no summary of a trace has and no statistics of a part serve."""


class Promise(TypedDict, total=False):
    """Keywords of `Reader.query`. Unix ns."""

    since: int | None
    until: int | None


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that began in `[since, until)` (Unix ns) and fit `filter`, whose times are counted from
    `now`. `bound` says that nobody asked for `since`: a default that is to be told.
    """

    filter: Query = Query()
    since: int | None = None
    until: int | None = None
    session_id: str | None = None
    now: int = 0
    bound: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether it leaves anything out."""
        return bool(self.filter) or (self.since, self.until, self.session_id) != (None,) * 3

    def where(self, target: Target, dialect: Dialect = DUCKDB) -> Condition | None:
        """The filter's condition for the rows of a list, without the stretch of time."""
        if not self.filter:
            return None
        return self.filter.compile(target, dialect, self.now, since=self.since, until=self.until)

    def condition(self, target: Target, dialect: Dialect = DUCKDB) -> Condition:
        """All of it as what stands behind WHERE."""
        parts = [
            ("start_time >= ?", [self.since] if self.since is not None else []),
            ("start_time < ?", [self.until] if self.until is not None else []),
            ("session_id = ?", [self.session_id] if self.session_id is not None else []),
        ]
        held = [Condition(sql, values) for sql, values in parts if values]
        where = self.where(target, dialect)
        if where is not None:
            held.append(Condition(f"({where.sql})", where.parameters))
        return Condition(
            " AND ".join(part.sql for part in held) or "true",
            [value for part in held for value in part.parameters],
        )

    def stretch(self) -> tuple[int | None, int | None]:
        """`[since, until)` with the filter's own times."""
        known = self.filter.time_range(self.now)
        since = max((t for t in (self.since, known.since) if t is not None), default=None)
        until = min((t for t in (self.until, known.until) if t is not None), default=None)
        return since, until

    def promise(self, target: Target, condition: Condition) -> Promise:
        """`since` and `until` for `Reader.query`, of a statement whose rows fit `condition`.

        Where that looks at other rows as well: a trace's spans start with it or later; a span's
        trace may have begun earlier, and its other spans at any time.
        """
        since, until = self.stretch()
        if "SELECT" not in condition.sql:
            return {"since": since, "until": until}
        return {"since": since} if target == "traces" else {}

    def told(self, moment: Callable[[int], datetime] = local) -> str:
        """The stretch of time in words for a status line; empty where all times are looked at.

        `moment` makes a time of Unix ns.
        """
        since, until = self.stretch()
        words = [
            f"{word} {moment(time):%Y-%m-%d %H:%M:%S}"
            for word, time in (("since", since), ("until", until))
            if time is not None
        ]
        text = " ".join(words)
        return f"{text} only (--all looks at all times)" if self.bound else text


def scope(
    text: str = "",
    *,
    now: int,
    since: str | None = None,
    until: str | None = None,
    session: str | None = None,
) -> Scope:
    """A scope from what a person typed. Raises `UsageError`, `FilterError`."""
    return Scope(
        filter=parse(text),
        since=parse_time(since, now) if since else None,
        until=parse_time(until, now) if until else None,
        session_id=session,
        now=now,
    )


def bounded(reader: Reader, wanted: Scope) -> Scope:
    """The same, bound to the newest `BOUND_NS` where it would read all texts of a large store.

    Only a filter that asks for free text, attributes and their like is; never one that says when,
    or names a session or a trace.
    """
    if not _reads_all(wanted):
        return wanted
    found = reader.query(
        "SELECT records, newest_time FROM ads_pipeline WHERE stage = 'stored' AND kind = 'span'"
    ).rows
    records, newest = found[0] if found else (0, None)
    if newest is None or records <= BOUND_SPANS:
        return wanted
    return msgspec.structs.replace(wanted, since=int(newest) - BOUND_NS, bound=True)


def _reads_all(wanted: Scope) -> bool:
    root, known = wanted.filter.root, wanted.filter.time_range(wanted.now)
    if (wanted.since, wanted.until, wanted.session_id, *known) != (None,) * 5:
        return False
    parts = root.parts if isinstance(root, And) else (root,)
    if any(isinstance(p, Match) and p.of.name in ("trace", "session", "span") for p in parts):
        return False
    return any(_deep(term) for term in terms(root))


def _deep(term: Text | Match | Has) -> bool:
    if isinstance(term, Text):
        return True
    names = term.of if isinstance(term, Has) else (term.of,)
    return any(name.field.kind in _DEEP for name in names)
