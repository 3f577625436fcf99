"""A filter as a Python function: of one span, for streams, or of a whole trace's spans."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

from jollyscope.model.records import SpanRecord
from jollyscope.query.filter.attributes import PRESENT, AttributeTest, attribute_test
from jollyscope.query.filter.facts import TraceFacts
from jollyscope.query.filter.moments import bound, stretch
from jollyscope.query.filter.nodes import And, FieldName, Has, Match, Node, Not, Or, Term, Text
from jollyscope.query.filter.numbers import NumberTest
from jollyscope.query.filter.patterns import Pattern, fold
from jollyscope.query.filter.table import LISTS, Field
from jollyscope.store.state import AnnotationKind

__all__ = ["TEXT_COLUMNS", "on_span", "on_trace", "time_ranges"]

SpanTest = Callable[[SpanRecord], bool]
TraceTest = Callable[[TraceFacts], bool]
ValueTest = Callable[[Any], bool]
S = TypeVar("S")

TEXT_COLUMNS = ("name", "input", "output", "error_type", "error_message")
"""Where free text is looked for, in each span."""


def on_span(node: Node, now: int) -> SpanTest:
    """A test of single spans; terms on whole traces are none of it."""
    return _tree(node, lambda term: _span_term(term, now))


def on_trace(node: Node, now: int) -> TraceTest:
    """A test of whole traces."""
    return _tree(node, lambda term: _trace_term(term, now))


def _tree(node: Node, leaf: Callable[[Term], Callable[[S], bool]]) -> Callable[[S], bool]:
    if isinstance(node, And):
        tests = [_tree(part, leaf) for part in node.parts]
        return lambda subject: all(test(subject) for test in tests)
    if isinstance(node, Or):
        tests = [_tree(part, leaf) for part in node.parts]
        return lambda subject: any(test(subject) for test in tests)
    if isinstance(node, Not):
        inner = _tree(node.part, leaf)
        return lambda subject: not inner(subject)
    return leaf(node)


def _span_term(term: Term, now: int) -> SpanTest:
    if isinstance(term, Text):
        holds = text_test((term.pattern,))
        return lambda span: any(_fits(holds, getattr(span, c)) for c in TEXT_COLUMNS)
    if isinstance(term, Has):
        tests = [_span_has(name) for name in term.of]
        return lambda span: any(test(span) for test in tests)
    field = term.of.field
    if field.kind == "attribute":
        return _attribute(field, term.of, attribute_test(term))
    return _columns(field, field.columns["spans"], value_test(term, now))


def _span_has(name: FieldName) -> SpanTest:
    field = name.field
    if field.kind == "attribute":
        return _attribute(field, name, PRESENT)
    if field.name == "error":
        return lambda span: span.status == "error"
    return _columns(field, field.columns["spans"], lambda value: True)


def _attribute(field: Field, name: FieldName, test: AttributeTest) -> SpanTest:
    column, key = field.columns["spans"][0], cast("Pattern", name.key).text
    return lambda span: test.holds(getattr(span, column).get(key))


def _trace_term(term: Term, now: int) -> TraceTest:
    if isinstance(term, Has):
        tests = [_trace_has(name) for name in term.of]
        return lambda trace: any(test(trace) for test in tests)
    if isinstance(term, Match):
        field = term.of.field
        if field.added:
            return _annotated(field.added, value_test(term, now))
        if field.kind == "calls":
            named = cast("Pattern", term.of.key).matches
            numbers = term.numbers
            return lambda trace: numbers.integer(trace.calls(named))
        if "traces" in field.columns:
            return _columns(field, field.columns["traces"], value_test(term, now))
    test = _span_term(term, now)
    return lambda trace: any(test(span) for span in trace.spans)


def _annotated(kind: AnnotationKind, holds: ValueTest) -> TraceTest:
    return lambda trace: any(one.kind == kind and holds(one.text) for one in trace.annotations)


def _trace_has(name: FieldName) -> TraceTest:
    field = name.field
    if field.added:
        return _annotated(field.added, lambda value: True)
    if "traces" in field.columns:
        return _columns(field, field.columns["traces"], lambda value: True)
    test = _span_has(name)
    return lambda trace: any(test(span) for span in trace.spans)


def _columns(field: Field, columns: tuple[str, ...], holds: ValueTest) -> Callable[[Any], bool]:
    """Holds a field's columns against a test: sums numbers, takes any of texts and of lists."""
    (first, *rest) = columns
    if field.numeric and rest:
        return lambda subject: _fits(holds, _sum(getattr(subject, c) for c in columns))
    if first in LISTS:
        return lambda subject: any(holds(value) for value in getattr(subject, first))
    return lambda subject: any(_fits(holds, getattr(subject, c)) for c in columns)


def _fits(holds: ValueTest, value: Any) -> bool:
    """Nothing known fits nothing; a double that is no number is written as null, so it is unknown."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return False
    return holds(value)


def _sum(values: Any) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def value_test(term: Match, now: int) -> ValueTest:
    """The test of one value that is there."""
    kind = term.of.field.kind
    if kind == "count":
        return term.numbers.integer
    if term.of.field.numeric:
        return _double(term.numbers)
    if kind == "time":
        return _time(term, now)
    if kind == "text" and term.op == ":":
        return text_test(term.values)
    if kind == "choice":
        wanted = {value.text.lower() for value in term.values}
        return lambda value: value in wanted
    if kind == "id":
        return id_test(term.values)
    return _any_of([value.matches for value in term.values])


def text_test(patterns: tuple[Pattern, ...]) -> ValueTest:
    """Whether a text contains one of these, in any case."""
    holds = _any_of([pattern.folded().within().matches for pattern in patterns])
    return lambda value: holds(fold(value))


def id_test(values: tuple[Pattern, ...]) -> ValueTest:
    """Whether an id begins with one of these."""
    prefixes = tuple(value.text.lower().removesuffix("*") for value in values)
    return lambda value: value.startswith(prefixes)


def _any_of(tests: list[Callable[[str], bool]]) -> ValueTest:
    return tests[0] if len(tests) == 1 else lambda value: any(test(value) for test in tests)


def _double(numbers: NumberTest) -> ValueTest:
    return lambda value: numbers.double(float(value))


def _time(term: Match, now: int) -> ValueTest:
    ranges = time_ranges(term, now)
    return lambda value: any(
        (since is None or value >= since) and (until is None or value < until)
        for since, until in ranges
    )


def time_ranges(term: Match, now: int) -> list[tuple[int | None, int | None]]:
    """The stretches of a time term, Unix ns, each with its start and without its end."""
    found: list[tuple[int | None, int | None]] = []
    for value in term.values:
        if term.of.name == "since":
            found.append((bound(value.text, now), None))
        elif term.of.name == "until":
            found.append((None, bound(value.text, now)))
        else:
            found.append(stretch(value.text, now)[:2])
    return found
