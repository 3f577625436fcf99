"""A filter that was understood, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from jollyscope.model.records import SpanRecord
from jollyscope.query.filter.compiler import Compiler
from jollyscope.query.filter.dialect import Dialect
from jollyscope.query.filter.errors import FilterError
from jollyscope.query.filter.facts import TraceFacts
from jollyscope.query.filter.moments import TimeRange
from jollyscope.query.filter.needles import needles
from jollyscope.query.filter.nodes import And, Has, Match, Node, Or, terms
from jollyscope.query.filter.parser import parse_tree
from jollyscope.query.filter.predicate import on_span, on_trace, time_ranges
from jollyscope.query.filter.table import Target
from jollyscope.store.api import Needle
from jollyscope.store.state import Annotation

__all__ = ["Condition", "Query", "parse"]


class Condition(NamedTuple):
    """What stands behind `WHERE`, with `?` marks, and the values for them in their order."""

    sql: str
    parameters: list[Any]
    needles: tuple[Needle, ...] = ()
    """What every row of `dwd_spans` that it looks at and likes has: for `Reader.query`."""


class Query(msgspec.Struct, frozen=True):
    """A filter. Two are equal that mean the same tree; `str()` writes it, and reads back equal."""

    root: Node | None = None
    text: str = ""
    """As it was written, for pointing into it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self.root == other.root

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        return str(self.root) if self.root is not None else ""

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return self.root is not None

    def time_range(self, now: int) -> TimeRange:
        """The narrowest range that every match began in, as far as its time terms tell. Unix ns."""
        return _range(self.root, now)

    def compile(
        self,
        target: Target,
        dialect: Dialect,
        now: int,
        *,
        since: int | None = None,
        until: int | None = None,
    ) -> Condition:
        """The condition over `ads_traces`, the spans (`dwd_spans` and `dwd_open_spans`) or
        `ads_sessions`.

        True exactly for the rows that match, else false or null. `now` in Unix ns is what `2h` and
        `today` are counted from. Where the caller bounds the rows' `start_time` itself, `since` and
        `until` say so: they are not part of the condition, but let it look through less.
        """
        if self.root is None:
            return Condition("true", [])
        rows = _both(self.time_range(now), TimeRange(since, until))
        found = Compiler(dialect, now, target, rows).node(self.root)
        return Condition(found.text, list(found.values), needles(self.root, target, found.text))

    def predicate(self, now: int) -> Callable[[SpanRecord], bool]:
        """The filter as a function of one span. `now` in Unix ns.

        Raises `FilterError` where a term is about a whole trace, a label or a note: a single span
        cannot tell.
        """
        if self.root is None:
            return lambda span: True
        for term in terms(self.root):
            of = term.of if isinstance(term, Has) else (term.of,) if isinstance(term, Match) else ()
            for name in of:
                if name.field.level == "trace" or name.field.added:
                    about = "what people add" if name.field.added else "a whole trace"
                    raise FilterError(
                        f"`{name}` is about {about}, and here spans are looked at one by one.",
                        self.text,
                        term.place.at,
                        term.place.length,
                        hint="Leave it out, or ask the store: `jollyscope ls spans`.",
                    )
        return on_span(self.root, now)

    def trace_predicate(
        self, now: int, annotations: Callable[[str], Iterable[Annotation]] = lambda trace_id: ()
    ) -> Callable[[list[SpanRecord]], bool]:
        """The filter as a function of all settled spans of one trace. `now` in Unix ns;
        `annotations` gives what is on a trace and its spans.

        A trace without spans matches nothing.
        """
        if self.root is None:
            return bool
        test = on_trace(self.root, now)
        return lambda spans: bool(spans) and test(TraceFacts(spans, annotations(spans[0].trace_id)))


def parse(text: str) -> Query:
    """The filter that `text` says. Raises `FilterError`."""
    return Query(parse_tree(text), text)


def _range(node: Node | None, now: int) -> TimeRange:
    if isinstance(node, And):
        found = TimeRange()
        for part in node.parts:
            found = _both(found, _range(part, now))
        return found
    if isinstance(node, Or):
        return _hull([_range(part, now) for part in node.parts])
    if isinstance(node, Match) and node.of.field.kind == "time":
        return _hull([TimeRange(*both) for both in time_ranges(node, now)])
    return TimeRange()


def _both(a: TimeRange, b: TimeRange) -> TimeRange:
    since = [t for t in (a.since, b.since) if t is not None]
    until = [t for t in (a.until, b.until) if t is not None]
    return TimeRange(max(since, default=None), min(until, default=None))


def _hull(ranges: list[TimeRange]) -> TimeRange:
    since = [r.since for r in ranges]
    until = [r.until for r in ranges]
    return TimeRange(
        None if None in since else min(t for t in since if t is not None),
        None if None in until else max(t for t in until if t is not None),
    )
