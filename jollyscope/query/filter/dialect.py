"""Where the engines differ: names of functions, and how the JSON columns are read.

Everything else that the compiler writes both engines run as it is. Marks are `?` for both; a
client without them binds each by the type of its value: `str` String, `int` Int64, `float` Float64.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from jollyscope.query.filter.attributes import AttributeTest
from jollyscope.query.filter.numbers import Comparison, NumberTest
from jollyscope.query.filter.patterns import Pattern
from jollyscope.query.filter.sql import FALSE, TRUE, Sql, all_of, any_of, known

__all__ = ["Dialect", "Json", "doubles", "in_list", "integers", "one_of", "text", "texts"]

INT64 = (-(2**63), 2**63 - 1)
WIDE = 2**100
"""Beyond any whole number in a store: comparing with more is decided here."""


class Json(ABC):
    """One JSON value as an engine reads it. Pieces of SQL, null where it is none of that."""

    strings: tuple[str, ...]
    integers: tuple[str, ...]
    doubles: tuple[str, ...]
    booleans: tuple[str, ...]
    arrays: tuple[str, ...]
    objects: tuple[str, ...]
    null: str
    """Names of types, as `type` gives them."""

    type: Sql
    text: Sql
    """Of a string."""
    digits: Sql
    """Of a whole number, as written."""
    integer: Sql
    double: Sql
    true: Sql
    special: Sql
    """The text under its `@double`."""
    element: Callable[[], Json]
    """What `any_element` speaks of."""

    @abstractmethod
    def any_element(self, test: Sql) -> Sql:
        """Whether an element of the array fits; `test` is made of `element`."""


class Dialect(ABC):
    """One engine's way of saying things."""

    name: str
    starts: str
    ends: str
    wide: str
    """The type of whole numbers beyond 64 bits."""

    def starts_with(self, expression: Sql, text: str) -> Sql:
        """Whether a text begins so."""
        return f"{self.starts}(" + expression + Sql(", ?)", (text,))

    def ends_with(self, expression: Sql, text: str) -> Sql:
        """Whether a text ends so."""
        return f"{self.ends}(" + expression + Sql(", ?)", (text,))

    @abstractmethod
    def contains(self, expression: Sql, text: str) -> Sql:
        """Whether a text stands in another."""

    @abstractmethod
    def regex(self, expression: Sql, pattern: str) -> Sql:
        """Whether RE2 finds `pattern`."""

    @abstractmethod
    def lower(self, expression: Sql, pattern: Pattern) -> Sql:
        """A text as `patterns.fold` has it, as far as `pattern` can tell."""

    def contains_folded(self, expression: Sql, folded: Pattern) -> Sql:
        """Whether a text fits a pattern in any case."""
        return text(self, self.lower(expression, folded), folded)

    @abstractmethod
    def in_list(self, column: str, text: str) -> Sql:
        """Whether a text is an element of a list."""

    @abstractmethod
    def any_in_list(self, column: str, test: Callable[[Sql], Sql]) -> Sql:
        """Whether an element of a list of texts fits."""

    @abstractmethod
    def not_empty(self, column: str) -> Sql:
        """Whether a list has elements."""

    @abstractmethod
    def double(self, value: float) -> Sql:
        """A double, to the bit."""

    @abstractmethod
    def json(self, column: str, key: str) -> Json:
        """The value at a key of a flat JSON object; keys may hold any character."""

    @abstractmethod
    def keys(self, column: str) -> Sql:
        """The keys of a JSON object, a row each."""

    def text_at(self, column: str, key: str) -> Sql:
        """The text or the digits at a key, null or empty where there are none."""
        value = self.json(column, key)
        cases = [
            (value.strings, value.text),
            (value.integers, value.digits),
        ]
        return _case(value, cases, "NULL")

    def whole(self, value: int) -> Sql:
        """A whole number of any size."""
        if INT64[0] <= value <= INT64[1]:
            return Sql("?", (value,))
        return Sql(f"CAST(? AS {self.wide})", (str(value),))

    def attribute(self, column: str, key: str, test: AttributeTest) -> Sql:
        """Whether the value at a key fits. The one place to change where attributes are kept in
        another form.
        """
        value = self.json(column, key)
        if test.present:
            return "coalesce(" + value.type + f" <> '{value.null}', false)"
        scalar = self._scalar_cases(value.element(), test)
        if not scalar:
            return FALSE
        inner = _case(value.element(), scalar)
        cases = [*self._scalar_cases(value, test), (value.arrays, value.any_element(inner))]
        return _case(value, cases)

    def _scalar_cases(self, value: Json, test: AttributeTest) -> list[tuple[tuple[str, ...], Sql]]:
        """What is asked of a value of each type."""
        cases = [
            (value.strings, texts(self, value.text, test.texts)),
            (
                value.integers,
                any_of(
                    (
                        integers(self, value.integer, test.numbers),
                        texts(self, value.digits, test.digits),
                    )
                ),
            ),
            (value.doubles, doubles(self, value.double, test.numbers)),
            (value.booleans, _truth(value.true, test.truths)),
            (value.objects, any_of(value.special + Sql(" = ?", (s,)) for s in test.specials)),
        ]
        return [(types, asked) for types, asked in cases if asked != FALSE]


def _truth(true: Sql, wanted: tuple[bool, ...]) -> Sql:
    if len(set(wanted)) == 2:
        return TRUE
    return FALSE if not wanted else true if wanted[0] else "NOT " + true


def _case(value: Json, cases: list[tuple[tuple[str, ...], Sql]], other: str = "false") -> Sql:
    """A `CASE`, so that an engine reads a value only as the type that it has."""
    found = "CASE " + value.type
    for types, asked in cases:
        for name in types:
            found += f" WHEN '{name}' THEN " + asked
    return found + f" ELSE {other} END"


def texts(dialect: Dialect, expression: Sql, patterns: tuple[Pattern, ...]) -> Sql:
    """Whether a text fits one of these, whole and case as written."""
    equal = [pattern.shape.text for pattern in patterns if pattern.shape.test == "equal"]
    rest = [pattern for pattern in patterns if pattern.shape.test != "equal"]
    return any_of(
        [one_of(expression, equal), *(text(dialect, expression, pattern) for pattern in rest)]
    )


def in_list(dialect: Dialect, column: str, patterns: tuple[Pattern, ...]) -> Sql:
    """Whether an element of a list of texts fits one of these."""
    equal = [pattern.shape.text for pattern in patterns if pattern.shape.test == "equal"]
    rest = tuple(pattern for pattern in patterns if pattern.shape.test != "equal")
    found = [dialect.in_list(column, part) for part in equal]
    if rest:
        found.append(dialect.any_in_list(column, lambda element: texts(dialect, element, rest)))
    return any_of(found)


def one_of(expression: Sql, values: Sequence[str]) -> Sql:
    """Whether a text is one of these."""
    if not values:
        return FALSE
    test = " = ?" if len(values) == 1 else f" IN ({', '.join('?' * len(values))})"
    return expression + Sql(test, tuple(values))


def text(dialect: Dialect, expression: Sql, pattern: Pattern) -> Sql:
    """Whether a text fits, whole and case as written."""
    test, part = pattern.shape
    if test == "all":
        return known(expression)
    if test == "equal":
        return expression + Sql(" = ?", (part,))
    if test == "starts":
        return dialect.starts_with(expression, part)
    if test == "ends":
        return dialect.ends_with(expression, part)
    if test == "contains":
        return dialect.contains(expression, part)
    return dialect.regex(expression, pattern.regex())


def integers(dialect: Dialect, expression: Sql, test: NumberTest) -> Sql:
    """Whether a whole number fits; null stays null."""

    def one(comparison: Comparison) -> Sql:
        bound = comparison.whole()
        if isinstance(bound, bool):
            return TRUE if bound else FALSE
        op, number = bound
        if abs(number) >= WIDE:
            below = (number > 0) == (op in ("<", "<="))
            return known(expression) if below and op != "=" else FALSE
        return expression + f" {op} " + dialect.whole(number)

    return any_of(all_of(one(c) for c in both) for both in test.alternatives)


def doubles(dialect: Dialect, expression: Sql, test: NumberTest) -> Sql:
    """Whether a double fits; null stays null."""

    def one(comparison: Comparison) -> Sql:
        return expression + f" {comparison.op} " + dialect.double(comparison.nearest)

    return any_of(all_of(one(c) for c in both) for both in test.alternatives)
