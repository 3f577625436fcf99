"""Reads a filter character by character: words, quotes, operators, values."""

from __future__ import annotations

from typing import NamedTuple

from jollyscope.query.filter.errors import FilterError
from jollyscope.query.filter.patterns import Pattern, Piece
from jollyscope.query.filter.table import find

__all__ = ["OPERATORS", "Scanner", "Word"]

OPERATORS = ("!=", ">=", "<=", ":", "=", ">", "<")
"""Longest first."""

QUOTE_IT = 'Put text with such signs in quotes: "…".'

MAX_WILDCARDS = 32
"""In one value; more of them say nothing, and the engines' time grows with them."""


class Word(NamedTuple):
    """A word up to its end or to an operator: `raw` as written, `op` empty where there is none."""

    raw: str
    op: str
    start: int
    end: int


class Scanner:
    """A place in a text, which moves on as things are read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def fail(self, message: str, at: int, length: int = 1, hint: str = "") -> FilterError:
        """The error that points there."""
        return FilterError(message, self.text, at, length, hint=hint)

    def skip_space(self) -> None:
        """To the next thing."""
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def peek(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.at : self.at + 1]

    def word(self) -> Word:
        """A bare word or a field's name with its operator, which is read over."""
        start = self.at
        while (char := self.peek()) and not char.isspace() and char not in ")":
            if char == "(":
                raise self.fail("A `(` cannot stand within a word.", self.at, hint=QUOTE_IT)
            if char == '"':
                self._quoted_key(start)
                continue
            op = self._operator()
            if op:
                end, self.at = self.at, self.at + len(op)
                return Word(self.text[start:end], op, start, end)
            self.at += 1
            if char == "\\":
                self._escaped()
        return Word(self.text[start : self.at], "", start, self.at)

    def quoted(self) -> str:
        """A quoted text with its quotes."""
        start = self.at
        self.at += 1
        while (char := self.peek()) != '"':
            if not char:
                raise self.fail(
                    "This quote is never closed.", start, hint='Close it with another `"`.'
                )
            self.at += 1 + (char == "\\" and self.at + 1 < len(self.text))
        self.at += 1
        return self.text[start : self.at]

    def end_of_quote(self, start: int, ends: str = ")") -> None:
        """After a quote: nothing may follow it but an end."""
        char = self.peek()
        if char and not char.isspace() and char not in ends:
            raise self.fail(
                "Something stands right behind a quote.",
                start,
                self.at - start + 1,
                hint='Put all of it in quotes; `\\"` is a quote within.',
            )

    def value(self, *, names: bool = False) -> str:
        """One value, quoted or bare, as written; empty where there is none. With `names`, of fields,
        it may have a quoted key: `attr."odd key"`.
        """
        start = self.at
        if self.peek() == '"':
            raw = self.quoted()
            self.end_of_quote(start, "),")
            return raw
        while (char := self.peek()) and not char.isspace() and char not in "),":
            if char == '"' and names:
                self._quoted_key(start)
                continue
            if char in '("':
                raise self.fail(f"A `{char}` cannot stand within a value.", self.at, hint=QUOTE_IT)
            self.at += 1
            if char == "\\":
                self._escaped()
        return self.text[start : self.at]

    def take_operator(self) -> str:
        """The operator that stands here, read over; empty where there is none."""
        op = self._operator()
        self.at += len(op)
        return op

    def _operator(self) -> str:
        return next((op for op in OPERATORS if self.text.startswith(op, self.at)), "")

    def _quoted_key(self, start: int) -> None:
        """The quoted part of `attr."odd key"`."""
        at = self.at
        field = find(self.text[start : at - 1]) if self.text[at - 1] == "." else None
        if field is None or not field.keyed:
            raise self.fail('A `"` cannot stand within a word.', at, hint=QUOTE_IT)
        self.quoted()
        if not self._operator():
            self.end_of_quote(at, "),")

    def _escaped(self) -> None:
        if self.at >= len(self.text):
            raise self.fail(
                "A backslash at the end stands before nothing.",
                self.at - 1,
                hint="`\\\\` is a backslash.",
            )
        self.at += 1

    def pattern(self, raw: str, at: int) -> Pattern:
        """The meaning of a value as written. Raises where it has too many wildcards."""
        if raw.startswith('"'):
            text = unescaped(raw[1:-1])
            return Pattern(raw, ((False, text),) if text else (), quoted=True)
        pieces = tuple(_pieces(raw))
        if sum(wild for wild, _ in pieces) > MAX_WILDCARDS:
            raise self.fail(
                f"There are more than {MAX_WILDCARDS} wildcards in this value.",
                at,
                len(raw),
                hint="Quote it if its `*` and `?` are meant as they are.",
            )
        return Pattern(raw, pieces)


def unescaped(text: str) -> str:
    """`text` without the backslashes that only guard what follows them."""
    chars = iter(text)
    return "".join(next(chars, "\\") if char == "\\" else char for char in chars)


def _pieces(raw: str) -> list[Piece]:
    """Literal runs and wildcards; neighbouring `*` are one."""
    found: list[Piece] = []
    chars = iter(raw)
    for char in chars:
        piece = (False, next(chars, "\\")) if char == "\\" else (char in "*?", char)
        if piece == (True, "*") and found and found[-1] == piece:
            continue
        if not piece[0] and found and not found[-1][0]:
            found[-1] = (False, found[-1][1] + piece[1])
        else:
            found.append(piece)
    return found
