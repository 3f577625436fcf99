"""A filter as SQL: what goes behind `WHERE` over `ads_traces`, the spans, or `ads_sessions`.

A term that the list has columns for is asked of the row. Another is asked of the rows that have
them: of a trace's spans (any of them), of a session's traces (any), or of a span's trace.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from jollyscope.query.filter.attributes import PRESENT, attribute_test
from jollyscope.query.filter.dialect import Dialect, doubles, in_list, integers, one_of, texts
from jollyscope.query.filter.moments import TimeRange
from jollyscope.query.filter.nodes import And, FieldName, Has, Match, Node, Not, Or, Term, Text
from jollyscope.query.filter.patterns import Pattern
from jollyscope.query.filter.predicate import TEXT_COLUMNS, time_ranges
from jollyscope.query.filter.sql import TRUE, Sql, all_of, any_of, known
from jollyscope.query.filter.table import LISTS, Field, Target
from jollyscope.store.state import AnnotationKind

__all__ = ["SPANS", "Compiler"]

SPANS = "(SELECT * FROM dwd_spans UNION ALL SELECT * FROM dwd_open_spans)"
ID_LENGTH = {"trace": 32, "span": 16, "parent": 16}


class Compiler(NamedTuple):
    """Compiles for one engine. `rows` is what is known of when the list's rows began: a trace's
    spans begin no earlier than it, a span's trace no later, so that less has to be looked through.
    """

    dialect: Dialect
    now: int
    target: Target
    rows: TimeRange = TimeRange()

    def node(self, node: Node) -> Sql:
        """The condition; true exactly where the filter matches, else false or null."""
        if isinstance(node, And):
            return all_of([self.node(part) for part in node.parts])
        if isinstance(node, Or):
            return self._either(node)
        if isinstance(node, Not):
            return "NOT coalesce(" + self.node(node.part) + ", false)"
        return self._term(node, self.target)

    def _either(self, node: Or) -> Sql:
        """Terms that are asked of a trace's spans are asked in one go."""
        below = [p for p in node.parts if self.target == "traces" and _only_on_spans(p)]
        rest = [self.node(part) for part in node.parts if part not in below]
        if below:
            asked = any_of(self._term(cast("Term", part), "spans") for part in below)
            rest.append(self._any_span(asked))
        return any_of(rest)

    # -- a term, wherever its columns are ------------------------------------------------------

    def _term(self, term: Term, target: Target) -> Sql:
        if isinstance(term, Has):
            return any_of(self._has(name, target) for name in term.of)
        if isinstance(term, Match):
            if term.of.field.kind == "calls" and target != "sessions":
                return self._calls(term, target)
            if term.of.field.added:
                said = self._text_column(term, "text")
                return self._annotated(term.of.field.added, said, target, term)
            return self._placed(
                term.of.field, target, lambda columns: self._match(term, columns), term
            )
        if target == "spans":
            return any_of(self._contains(Sql(c), (term.pattern,)) for c in TEXT_COLUMNS)
        if target == "traces":
            return self._any_span(self._term(term, "spans"))
        return self._any_trace(self._term(term, "traces"))

    def _has(self, name: FieldName, target: Target) -> Sql:
        if name.field.added:
            return self._annotated(name.field.added, TRUE, target, Has((name,)))
        return self._placed(
            name.field, target, lambda columns: self._there(name, columns), Has((name,))
        )

    def _placed(
        self,
        field: Field,
        target: Target,
        ask: Callable[[tuple[str, ...]], Sql],
        term: Term,
    ) -> Sql:
        """A question about a field, asked of the rows that have its columns."""
        columns = field.columns.get(target)
        if columns is not None:
            return ask(columns)
        if target == "traces":
            return self._any_span(ask(field.columns["spans"]))
        if target == "spans":
            return self._of_trace(ask(field.columns["traces"]))
        return self._any_trace(self._term(term, "traces"))

    def _annotated(self, kind: AnnotationKind, said: Sql, target: Target, term: Term) -> Sql:
        """Whether such a label or note is on the span; on the trace or any span of it."""
        if target == "sessions":
            return self._any_trace(self._term(term, "traces"))
        key, ids = "trace_id", "trace_id"
        if target == "spans":
            key, ids = "(trace_id, span_id)", "trace_id, coalesce(span_id, '')"
        return f"{key} IN (SELECT {ids} FROM ads_annotations WHERE " + all_of(
            [Sql("kind = ?", (kind,)), said]
        ) + ")"  # fmt: skip

    def _any_span(self, condition: Sql) -> Sql:
        began = self._since()
        return f"trace_id IN (SELECT trace_id FROM {SPANS} AS s WHERE " + all_of(
            [condition, *began]
        ) + ")"  # fmt: skip

    def _any_trace(self, condition: Sql) -> Sql:
        return "session_id IN (SELECT session_id FROM ads_traces WHERE " + all_of(
            [condition, *self._since()]
        ) + ")"  # fmt: skip

    def _of_trace(self, condition: Sql) -> Sql:
        until = self.rows.until
        began = [] if until is None else [Sql("start_time < ?", (until,))]
        return "trace_id IN (SELECT trace_id FROM ads_traces WHERE " + all_of(
            [condition, *began]
        ) + ")"  # fmt: skip

    def _since(self) -> list[Sql]:
        """What bounds the rows that traces and sessions are made of."""
        if self.rows.since is None or self.target == "spans":
            return []
        return [Sql("start_time >= ?", (self.rows.since,))]

    # -- one question, of these columns ----------------------------------------------------------

    def _there(self, name: FieldName, columns: tuple[str, ...]) -> Sql:
        field = name.field
        if field.kind == "attribute":
            key = cast("Pattern", name.key).text
            return self.dialect.attribute(columns[0], key, PRESENT)
        if field.name == "error":
            return Sql("status = ?", ("error",))
        return any_of(self.dialect.not_empty(c) if c in LISTS else known(Sql(c)) for c in columns)

    def _match(self, term: Match, columns: tuple[str, ...]) -> Sql:
        field = term.of.field
        if field.kind == "attribute":
            key = cast("Pattern", term.of.key).text
            return self.dialect.attribute(columns[0], key, attribute_test(term))
        if field.kind == "count":
            return integers(self.dialect, self._sum(columns), term.numbers)
        if field.numeric:
            return doubles(self.dialect, Sql(columns[0]), term.numbers)
        return any_of(self._text_column(term, column) for column in columns)

    def _text_column(self, term: Match, column: str) -> Sql:
        kind, expression = term.of.field.kind, Sql(column)
        if kind == "time":
            return any_of(_within(since, until) for since, until in time_ranges(term, self.now))
        if kind == "choice":
            return one_of(expression, sorted({value.text.lower() for value in term.values}))
        if kind == "id":
            length = ID_LENGTH[term.of.name]
            return any_of(_begins(column, value, length) for value in term.values)
        if kind == "text" and term.op == ":":
            return self._contains(expression, term.values)
        if column in LISTS:
            return in_list(self.dialect, column, term.values)
        return texts(self.dialect, expression, term.values)

    def _contains(self, expression: Sql, patterns: tuple[Pattern, ...]) -> Sql:
        """Whether a text contains one of these, in any case."""
        found: list[Sql] = []
        for pattern in patterns:
            folded = pattern.folded().within()
            if folded.shape.test == "all":
                found.append(known(expression))
            else:
                found.append(self.dialect.contains_folded(expression, folded))
        return any_of(found)

    def _sum(self, columns: tuple[str, ...]) -> Sql:
        """Of several columns their sum in a type that holds it, null where all of them are."""
        if len(columns) == 1:
            return Sql(columns[0])
        unknown = " AND ".join(f"{c} IS NULL" for c in columns)
        wide = self.dialect.wide
        total = " + ".join(f"CAST(coalesce({c}, 0) AS {wide})" for c in columns)
        return Sql(f"(CASE WHEN {unknown} THEN NULL ELSE {total} END)")

    def _calls(self, term: Match, target: Target) -> Sql:
        """Traces by how many calls of a tool they have; none is a number too."""
        named = texts(self.dialect, Sql("tool_name"), (cast("Pattern", term.of.key),))
        began = self._since() if target == "traces" else []
        calls = all_of([Sql("step_type = 'act'"), named, *began])
        number = integers(self.dialect, Sql("count(*)"), term.numbers)
        none = term.numbers.integer(0)
        asked = "NOT (" + number + ")" if none else number
        return (
            f"trace_id {'NOT ' if none else ''}IN (WITH calls AS (SELECT {_CALL} FROM {SPANS} AS s WHERE "
            + calls
            + f") SELECT trace_id FROM calls WHERE (trace_id, span_id) NOT IN ({_DOUBLED}) "
            "GROUP BY trace_id HAVING " + asked + ")"
        )


# A call within a call of the same tool, with at most one other span between, is that call recorded
# by a second library. Ordered by place, so that of a cycle one is left.
_CALL = "trace_id, span_id, parent_span_id, tool_name, start_time, end_time"
_DOUBLED = f"""
SELECT c.trace_id, c.span_id FROM calls AS c
INNER JOIN calls AS p ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id
WHERE p.tool_name = c.tool_name AND {{p}} < {{c}}
UNION ALL
SELECT c.trace_id, c.span_id FROM calls AS c
INNER JOIN (SELECT * FROM {SPANS} AS s WHERE step_type = 'other') AS o
    ON o.trace_id = c.trace_id AND o.span_id = c.parent_span_id
INNER JOIN calls AS p ON p.trace_id = o.trace_id AND p.span_id = o.parent_span_id
WHERE p.tool_name = c.tool_name AND {{o}} < {{c}} AND {{p}} < {{o}}
""".strip().format(
    **{x: f"({x}.start_time, -coalesce({x}.end_time, 0), {x}.span_id)" for x in "cop"}
)


def _only_on_spans(node: Node) -> bool:
    """Whether a term is asked of spans alone, even in a list of traces."""
    if isinstance(node, Text):
        return True
    return isinstance(node, Match) and set(node.of.field.columns) == {"spans"}


def _within(since: int | None, until: int | None) -> Sql:
    return all_of(
        [
            *([] if since is None else [Sql("start_time >= ?", (since,))]),
            *([] if until is None else [Sql("start_time < ?", (until,))]),
        ]
    )


def _begins(column: str, value: Pattern, length: int) -> Sql:
    """Whether an id begins so: as a range, which statistics of parts and indexes can serve."""
    prefix = value.text.lower().removesuffix("*")
    if not prefix:
        return known(Sql(column))
    if len(prefix) == length:
        return Sql(f"{column} = ?", (prefix,))
    # Above every hex digit.
    return Sql(f"({column} >= ? AND {column} < ?)", (prefix, prefix + "g"))
