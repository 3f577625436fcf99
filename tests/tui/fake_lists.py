"""Lists over rows in memory: what a store would answer, done plainly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from jollyscope.query.facets import FACETS, Facet, FacetValue
from jollyscope.query.filter import Query
from jollyscope.query.filter.nodes import And, Has, Match, Node, Not, Or, Text
from jollyscope.query.histogram import Bucket, Histogram
from jollyscope.query.listing import SessionRow, TraceRow
from jollyscope.query.scope import Scope, scope
from jollyscope_tui.sources.lists import Key, Order, Part, Row, Selection, Snapshot, identity
from jollyscope_tui.sources.narrowing import Hidden
from jollyscope_tui.view import ALL, View

STEPS = {"user_input": "u", "think": "t", "act": "a", "observe": "o", "response": "r"}


class FakeLists:
    """A `ListSource` and a `NarrowingSource`. `wait` is called before anything is answered."""

    def __init__(
        self,
        traces: Callable[[], list[TraceRow]],
        notes: Callable[[], list[str]],
        wait: Callable[[], None],
        asked: list[Any],
    ) -> None:
        self._traces = traces
        self._notes = notes
        self.bound = False
        """Whether a filter is answered as a large store does: of the last days alone."""
        self._wait = wait
        self._asked = asked

    def select(self, view: View, now: int) -> Selection:
        since = None if view.since == ALL else view.since
        found = scope(view.filter, now=now, since=since, until=view.until)
        if self.bound and view.filter and not view.since:
            found = Scope(filter=found.filter, since=now - 7 * 86400 * 10**9, now=now, bound=True)
        return Selection(found, Order(view.sort, view.descending), view.group)

    def snapshot(
        self, selection: Selection, limit: int, near: Key | None = None, *, count: bool = True
    ) -> Snapshot:
        self._asked.append(("snapshot", selection, limit, near))
        self._wait()
        rows = self._sorted(selection)
        more = len(rows) > limit
        place = _behind(rows, near, selection.order) if near and more else 0
        close = rows[place : place + limit] if near and more else []
        total = len(rows) if count or not more else None
        return Snapshot(rows[:limit], more, list(self._notes()), close, place, total)

    def rows(self, selection: Selection, part: Part) -> list[Row]:
        self._asked.append(("rows", selection, part))
        self._wait()
        rows = self._sorted(selection)
        order = selection.order
        if part.backwards:
            rows = rows[::-1]
            order = order._replace(descending=not order.descending)
        start = part.offset + (_behind(rows, part.after, order) if part.after else 0)
        found = rows[start : start + part.limit]
        return found[::-1] if part.backwards else found

    def count(self, selection: Selection) -> int:
        self._asked.append(("count", selection))
        self._wait()
        return len(self._kept(selection))

    def values(self, field: str, prefix: str) -> list[str]:
        self._asked.append(("values", field, prefix))
        self._wait()
        if field == "tool":
            names = {tool for row in self._traces() for tool in row.tools}
        else:
            column = {"user": "user_id", "session": "session_id"}.get(field, field)
            names = {getattr(row, column, None) for row in self._traces()}
        return sorted(str(name) for name in names if name and str(name).startswith(prefix))[:20]

    def facets(self, selection: Selection) -> list[Facet]:
        self._asked.append(("facets", selection))
        self._wait()
        found: dict[str, Counter[str]] = {field: Counter() for field in FACETS}
        for row in self._kept(selection._replace(group="traces")):
            assert isinstance(row, TraceRow)
            found["status"][row.status] += 1
            found["user"][row.user_id or ""] += 1
            found["service"][row.service or ""] += 1
            found["tool"].update(set(row.tools))
            found["model"].update(set(row.models))
            letters = row.step_strip.lower()
            found["step"].update(step for step, letter in STEPS.items() if letter in letters)
        return [
            Facet(field, [FacetValue(*one) for one in _commonest(counts)], len(counts) > 10)
            for field, counts in found.items()
        ]

    def histogram(self, selection: Selection, cells: int) -> Histogram:
        self._asked.append(("histogram", selection, cells))
        self._wait()
        rows = self._kept(selection._replace(group="traces"))
        if not rows:
            return Histogram(of="traces", width=0, buckets=[])
        first = min(row.start_time for row in rows)
        width = (max(row.start_time for row in rows) - first) // (cells - 1) + 1
        counts = Counter((row.start_time - first) // width for row in rows)
        errors = Counter((r.start_time - first) // width for r in rows if r.status == "error")
        at = first - width
        buckets = [
            Bucket(start_time=at + width * (n + 1), end_time=at + width * (n + 2), count=counts[n],
                   error_count=errors[n])
            for n in range(cells)
        ]  # fmt: skip
        return Histogram(of="traces", width=width, buckets=buckets)

    def hidden(self, selection: Selection) -> Hidden:
        whole = selection.scope
        anytime = Scope(filter=whole.filter, now=whole.now)
        unfiltered = Scope(since=whole.since, until=whole.until, now=whole.now)
        counts = [
            len(self._kept(selection._replace(scope=scope)))
            for scope in (Scope(now=whole.now), anytime, unfiltered)
        ]
        return Hidden(*counts)

    def _kept(self, selection: Selection) -> list[Any]:
        scope = selection.scope
        rows: list[Any] = self._traces()
        if selection.group == "sessions":
            rows = sessions_of(self._traces())
        if scope.session_id is not None:
            rows = [row for row in rows if row.session_id == scope.session_id]
        if scope.since is not None:
            rows = [row for row in rows if row.start_time >= scope.since]
        if scope.until is not None:
            rows = [row for row in rows if row.start_time < scope.until]
        return [row for row in rows if fits(scope.filter, row)] if scope.filter else rows

    def _sorted(self, selection: Selection) -> list[Any]:
        rows, order = self._kept(selection), selection.order
        if rows is self._traces() and order == Order():
            return rows  # the tests' rows are made newest first
        return sorted(rows, key=lambda r: _rank(r, order), reverse=order.descending)


def _rank(row: Row, order: Order) -> tuple[Any, ...]:
    held = getattr(row, order.column)
    return (held is not None, *([held] if held is not None else []), identity(row))


def _behind(rows: list[Any], key: Key, order: Order) -> int:
    at = next((n for n, row in enumerate(rows) if identity(row) == key[1]), None)
    if at is not None:
        return at + 1
    wanted = (key[0] is not None, *([key[0]] if key[0] is not None else []), key[1])
    if order.descending:
        return sum(_rank(row, order) >= wanted for row in rows)
    return sum(_rank(row, order) <= wanted for row in rows)


def fits(query: Query, row: Row) -> bool:
    """Whether a row fits a filter of words, statuses, tools, sessions, users and `has:error`."""
    return _fits(query.root, row)


def _fits(node: Node | None, row: Row) -> bool:
    if isinstance(node, And):
        return all(_fits(part, row) for part in node.parts)
    if isinstance(node, Or):
        return any(_fits(part, row) for part in node.parts)
    if isinstance(node, Not):
        return not _fits(node.part, row)
    if isinstance(node, Has):
        return row.error_count > 0 or row.status == "error"
    if isinstance(node, Text):
        return node.pattern.raw in (row.input or "")
    assert isinstance(node, Match)
    wanted = [value.raw for value in node.values]
    if node.of.name == "tool":
        return any(tool in wanted for tool in getattr(row, "tools", []))
    column = {"user": "user_id", "session": "session_id"}.get(node.of.name, node.of.name)
    return str(getattr(row, column)) in wanted


def sessions_of(rows: list[TraceRow]) -> list[SessionRow]:
    """The conversations of these traces, the newest first."""
    held: dict[str, list[TraceRow]] = {}
    for row in rows:
        if row.session_id:
            held.setdefault(row.session_id, []).append(row)
    return [_session(name, traces) for name, traces in held.items()]


def _session(name: str, traces: list[TraceRow]) -> SessionRow:
    first = min(traces, key=lambda r: r.start_time)
    end = max(r.end_time for r in traces)
    return SessionRow(
        session_id=name, user_id=first.user_id, service=first.service, input=first.input,
        start_time=first.start_time, end_time=end, duration_ms=(end - first.start_time) / 1e6,
        state="open" if any(r.state == "open" for r in traces) else "closed",
        status="error" if any(r.status == "error" for r in traces) else "ok",
        trace_count=len(traces), span_count=sum(r.span_count for r in traces),
        step_count=sum(r.step_count for r in traces), error_count=sum(r.error_count for r in traces),
        tool_calls=sum(r.tool_calls for r in traces),
        input_tokens=sum(r.input_tokens or 0 for r in traces),
        output_tokens=sum(r.output_tokens or 0 for r in traces),
        cost_usd=sum(r.cost_usd or 0 for r in traces),
    )  # fmt: skip


def _commonest(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:10]
