"""One term: free text, or a field and what it is held against, checked against the field table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import cast

from jollyscope.errors import UsageError
from jollyscope.query.filter.errors import FilterError, drawn, short
from jollyscope.query.filter.moments import bound, stretch
from jollyscope.query.filter.nodes import FieldName, Has, Match, Node, Not, Operator, Place, Text
from jollyscope.query.filter.numbers import (
    EXAMPLES,
    Comparison,
    NumberTest,
    comparison_op,
    parse_number,
)
from jollyscope.query.filter.patterns import Pattern
from jollyscope.query.filter.scanner import Scanner, Word
from jollyscope.query.filter.table import FIELDS, Field, find, nearest

__all__ = ["read_term"]

_ORDERED = (">", ">=", "<", "<=")
_CHECK_NOW = 1_800_000_000_000_000_000
"""Any time will do to see whether a text says one."""


def read_term(scanner: Scanner) -> Node:
    """The term that begins where the scanner stands. Raises `FilterError`."""
    word = scanner.word()
    if not word.op:
        return Text(scanner.pattern(word.raw, word.start), _place(word.start, word.end))
    of = _name(scanner, word.raw, word.start)
    field = of.field
    if word.op == ":":
        word = word._replace(op=_github(scanner) or ":")
    places, raws = _values(scanner, word, names=field.kind == "presence")
    values = tuple(scanner.pattern(raw, at) for raw, at in zip(raws, places, strict=True))
    place = _place(word.start, scanner.at)
    negated = word.op == "!="
    op = cast("Operator", "=" if negated else word.op)
    _check_operator(scanner, field, word, values)
    if field.kind == "presence":
        names = tuple(_present(scanner, v, at) for v, at in zip(values, places, strict=True))
        found: Node = Has(names, place)
    else:
        check = _Checker(scanner, field, op)
        numbers = check.all(values, places)
        found = Match(of, op, values, numbers, place)
    return Not(found) if negated else found


def _place(start: int, end: int) -> Place:
    return Place(start, end - start)


def _github(scanner: Scanner) -> str:
    """The second operator of `duration:>2s`."""
    return scanner.take_operator() if scanner.peek() in (">", "<") else ""


def _values(scanner: Scanner, word: Word, *, names: bool) -> tuple[list[int], list[str]]:
    """Where the values stand, and what is written there."""
    places: list[int] = []
    raws: list[str] = []
    while True:
        start = scanner.at
        raw = scanner.value(names=names)
        if not raw:
            name = f"{word.raw}{word.op}{','.join(raws)}{',' if raws else ''}"
            raise scanner.fail(
                f"Nothing stands behind `{short(name)}`.",
                word.start,
                start - word.start,
                hint='The value follows without a space; `""` is an empty one.',
            )
        places.append(start)
        raws.append(raw)
        if scanner.peek() != ",":
            return places, raws
        scanner.at += 1


def _name(scanner: Scanner, raw: str, at: int) -> FieldName:
    """The field that is named there."""
    head, dot, rest = raw.partition(".")
    field = find(head)
    if not head:  # `:x`, and `.tool:x`
        raise scanner.fail("There is no field before this sign.", at, hint=_quote_it(scanner, at))
    if field is None:
        near = nearest(head)
        first = f"Did you mean `{near}`? " if near else ""
        message = f"There is no field `{short(head)}`."
        raise scanner.fail(message, at, len(head), hint=f"{first}{_quote_it(scanner, at)}")
    if dot and not field.keyed:
        raise scanner.fail(
            f"`{field.name}` has no parts.",
            at,
            len(raw),
            hint=f"Attributes are `attr.NAME`, as in `attr.{short(raw)}`.",
        )
    if field.keyed and not rest:
        raise scanner.fail(
            f"`{field.name}` needs to be told which.",
            at,
            len(raw),
            hint=f"Write `{field.example}`.",
        )
    key = scanner.pattern(rest, at + len(head) + 1) if field.keyed else None
    if key and field.kind == "attribute":
        key = Pattern(rest, ((False, key.text),), key.quoted)
    return FieldName(field.name, key)


def _quote_it(scanner: Scanner, at: int) -> str:
    """How the word that begins there would be searched for as text."""
    word = re.match(r'[^\s()"]*', scanner.text[at:])
    return f'Quotes search for text: "{short(word[0] if word else "")}".'


def _present(scanner: Scanner, value: Pattern, at: int) -> FieldName:
    """What `has:` asks for."""
    name = _name(scanner, value.raw, at) if not value.quoted else None
    if name is None or name.field.kind in ("time", "presence", "calls"):
        raise scanner.fail(
            f"`has:` cannot be asked for {short(value.raw)}.",
            at,
            len(value.raw),
            hint="It takes a field: `has:error`, `has:tool`, `has:attr.http.status_code`.",
        )
    return name


def _check_operator(scanner: Scanner, field: Field, word: Word, values: Sequence[Pattern]) -> None:
    """Whether this field can be held against these values in this way."""
    at = word.end
    ordered = word.op in _ORDERED
    if field.kind in ("time", "presence") and word.op != ":":
        raise scanner.fail(
            f"`{field.name}` goes with `:`.", at, len(word.op), hint=f"Write `{field.example}`."
        )
    if ordered and not (field.numeric or field.kind == "attribute"):
        raise scanner.fail(
            f"`{field.name}` cannot be compared with `{word.op}`.",
            at,
            len(word.op),
            hint=f"`{word.op}` compares numbers. Write `{field.example}`.",
        )
    if ordered and len(values) > 1:
        raise scanner.fail(
            f"`{word.op}` takes one number.",
            word.start,
            scanner.at - word.start,
            hint="Numbers are written without separators: 1000 or 1k.",
        )


class _Checker:
    """Gives values their meaning, by the kind of their field."""

    def __init__(self, scanner: Scanner, field: Field, op: Operator) -> None:
        self.scanner = scanner
        self.field = field
        self.op = op
        self.unit = "count" if field.keyed else field.kind

    def all(self, values: Sequence[Pattern], places: Sequence[int]) -> NumberTest:
        """Checks every value; what they say as numbers. Raises `FilterError`."""
        found: list[tuple[Comparison, ...]] = []
        for value, at in zip(values, places, strict=True):
            if self.field.numeric or (self.field.kind == "attribute" and self.op in _ORDERED):
                found.append(self.number(value, at))
            elif self.field.kind == "attribute":
                number = self.attribute(value, at)
                found += [number] if number else []
            else:
                self.other(value, at)
        return NumberTest(tuple(found))

    def number(self, value: Pattern, at: int) -> tuple[Comparison, ...]:
        """One number, or a range of two."""
        low, dots, high = value.raw.partition("..")
        if dots and self.op in _ORDERED:
            raise self._fail(
                value,
                at,
                f"`{self.op}` takes one number.",
                f"A range goes with `:`: `{self.field.name}:{short(value.raw)}`.",
            )
        if not dots:
            return (Comparison(comparison_op(self.op), self._parse(value, value.raw, at)),)
        bounds: list[Comparison] = []
        if low:
            bounds.append(Comparison(">=", self._parse(value, low, at)))
        if high:
            bounds.append(Comparison("<=", self._parse(value, high, at + len(low) + 2)))
        if not bounds:
            raise self._fail(value, at, "This range has no end.", "Write 1..5, 1.. or ..5.")
        if len(bounds) == 2 and bounds[0].number > bounds[1].number:
            raise self._fail(
                value,
                at,
                f"`{short(value.raw)}` is an empty range.",
                "The smaller number comes first.",
            )
        return tuple(bounds)

    def _parse(self, value: Pattern, text: str, at: int) -> Fraction:
        number = None if value.quoted else parse_number(text, self.unit)
        if number is not None:
            return number
        raise self.scanner.fail(
            self._no_number(text), at, len(text), hint=self._number_hint(value, text)
        )

    def _no_number(self, text: str) -> str:
        if self.unit in ("duration", "bytes") and parse_number(text, "count") is not None:
            return f"`{short(text)}` needs a unit."
        what = {"duration": "duration", "bytes": "size"}.get(self.unit, "number")
        return f"`{short(text)}` is no {what}."

    def _number_hint(self, value: Pattern, text: str) -> str:
        singular = self.field.name.removesuffix("s")
        if self.field.level == "trace" and find(singular) and not re.match(r"[\d.+-]", text):
            return f"`{self.field.name}` counts; `{singular}:{short(value.raw)}` finds what it is."
        return f"Write {EXAMPLES[self.unit]}."

    def attribute(self, value: Pattern, at: int) -> tuple[Comparison, ...] | None:
        """What an attribute's value says as a number; None where it is text only."""
        if value.quoted or value.wild:
            return None
        low, dots, high = value.raw.partition("..")
        sides = [parse_number(side, "count") for side in (low, high) if side]
        if dots and sides and None not in sides:
            return self.number(value, at)
        number = None if dots or value.raw[-1:].isalpha() else parse_number(value.raw, "count")
        return (Comparison("=", number),) if number is not None else None

    def other(self, value: Pattern, at: int) -> None:
        """Everything that is no number. Raises where it says nothing."""
        kind = self.field.kind
        if kind == "choice":
            self._choice(value, at)
        elif kind == "id" and not self._is_id(value):
            longest = 32 if self.field.name == "trace" else 16
            raise self._fail(
                value,
                at,
                f"`{short(value.raw)}` is no {self.field.name} id.",
                f"An id has up to {longest} hex digits; its beginning will do.",
            )
        elif kind == "time":
            self._time(value, at)

    def _choice(self, value: Pattern, at: int) -> None:
        choices = self.field.choices
        if value.text.lower() in choices and not value.wild:
            return
        near = nearest(value.text, choices)
        first = f"Did you mean `{near}`? " if near else ""
        raise self._fail(
            value,
            at,
            f"`{short(value.raw)}` is no {self.field.name}.",
            f"{first}There are {', '.join(choices)}.",
        )

    def _is_id(self, value: Pattern) -> bool:
        longest = 32 if self.field.name == "trace" else 16
        text = value.text[:-1] if value.text.endswith("*") and value.wild else value.text
        return bool(re.fullmatch(rf"[0-9a-fA-F]{{1,{longest}}}", text)) or value.present

    def _time(self, value: Pattern, at: int) -> None:
        try:
            if self.field.name == "at":
                stretch(value.text, _CHECK_NOW)
            else:
                bound(value.text, _CHECK_NOW)
        except UsageError as error:
            raise self._fail(value, at, drawn(error.message), drawn(error.hint)) from None

    def _fail(self, value: Pattern, at: int, message: str, hint: str) -> FilterError:
        return self.scanner.fail(message, at, len(value.raw), hint=hint)


assert all(field.kind != "choice" or field.choices for field in FIELDS)
