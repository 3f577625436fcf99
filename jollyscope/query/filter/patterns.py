"""Texts with wildcards, and what "in any case" means: once, for all three that compare.

In any case is: every character by itself as its simple lower-case form (Unicode), `İ` as `i`, both
small sigmas as `σ`. So `STRASSE` is not `straße`, `ΟΔΟΣ` is `οδος`, and no language's own rules
apply. DuckDB's `lower` and ClickHouse's `lowerUTF8` do that but for the two letters named, which
the dialects mend; Python's `str.lower` likewise. Cased letters that Unicode gained after version
14 are as the engine at hand knows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Literal, NamedTuple

import msgspec

__all__ = ["ANY", "ONE", "Pattern", "Shape", "fold", "literal"]

ANY, ONE = "*", "?"

Piece = tuple[bool, str]
"""`(True, "*")` and `(True, "?")` are wild, `(False, text)` stands for itself."""


def fold(text: str) -> str:
    """`text` in the form that is compared where case does not matter."""
    return text.replace("İ", "i").lower().replace("ς", "σ")


class Shape(NamedTuple):
    """The cheapest test that a pattern needs; `text` is its literal part."""

    test: Literal["all", "equal", "starts", "ends", "contains", "wild"]
    text: str = ""


class Pattern(msgspec.Struct, frozen=True, dict=True):
    """A value as it was written (`raw`, quotes and backslashes included), and what it means.

    A quoted value has no wildcards. Where it is not quoted, `*` is any text and `?` any one
    character, and a backslash takes the meaning from what follows it.
    """

    raw: str
    pieces: tuple[Piece, ...]
    quoted: bool = False

    @property
    def wild(self) -> bool:
        """Whether it has wildcards."""
        return any(wild for wild, _ in self.pieces)

    @property
    def text(self) -> str:
        """The value without quotes and backslashes."""
        return "".join(text for _, text in self.pieces)

    @property
    def present(self) -> bool:
        """Whether it is a bare `*`: anything that is there."""
        return bool(self.pieces) and all(piece == (True, ANY) for piece in self.pieces)

    def folded(self) -> Pattern:
        """For comparing in any case."""
        return Pattern(self.raw, tuple((w, t if w else fold(t)) for w, t in self.pieces))

    def within(self) -> Pattern:
        """For finding it anywhere in a text."""
        return Pattern(self.raw, ((True, ANY), *self.pieces, (True, ANY)))

    @cached_property
    def shape(self) -> Shape:
        """Which test it needs."""
        start, end = 0, len(self.pieces)
        while start < end and self.pieces[start] == (True, ANY):
            start += 1
        while start < end and self.pieces[end - 1] == (True, ANY):
            end -= 1
        inner = self.pieces[start:end]
        if any(wild for wild, _ in inner):
            return Shape("wild")
        if not inner:
            return Shape("all" if self.pieces else "equal")
        text = "".join(text for _, text in inner)
        return Shape(_TESTS[start > 0, end < len(self.pieces)], text)

    def regex(self) -> str:
        """For RE2, the whole text: linear in time, where `LIKE` with many wildcards is not."""
        parts = (
            (".*" if text == ANY else ".") if wild else _quoted(text) for wild, text in self.pieces
        )
        return rf"(?s)\A(?:{''.join(parts)})\z"

    @cached_property
    def matches(self) -> Callable[[str], bool]:
        """The same test in Python, linear too."""
        shape = self.shape
        if shape.test == "wild":
            return _glob(self.pieces)
        return _PLAIN[shape.test](shape.text)


def literal(text: str) -> Pattern:
    """A pattern that is `text` and nothing else."""
    return Pattern(text, ((False, text),) if text else (), quoted=True)


_TESTS: dict[tuple[bool, bool], Literal["equal", "starts", "ends", "contains"]] = {
    (False, False): "equal",
    (False, True): "starts",
    (True, False): "ends",
    (True, True): "contains",
}

_PLAIN: dict[str, Callable[[str], Callable[[str], bool]]] = {
    "all": lambda text: lambda value: True,
    "equal": lambda text: lambda value: value == text,
    "starts": lambda text: lambda value: value.startswith(text),
    "ends": lambda text: lambda value: value.endswith(text),
    "contains": lambda text: lambda value: text in value,
}


def _quoted(text: str) -> str:
    """Every character that is no letter or digit by its number."""
    return "".join(c if c.isascii() and c.isalnum() else f"\\x{{{ord(c):x}}}" for c in text)


def _glob(pieces: tuple[Piece, ...]) -> Callable[[str], bool]:
    """Between two `*` the first fit is as good as any, so that nothing is ever tried twice."""
    runs = list(_runs(pieces))
    head, *middle = [re.compile(run, re.DOTALL) for run in runs[:-1]] or [None]
    tail = re.compile(runs[-1] + r"\Z", re.DOTALL)
    tail_length = _length(pieces)

    def matches(value: str) -> bool:
        if head is None:
            return tail.match(value) is not None
        found = head.match(value)
        for run in middle:
            if found is None:
                return False
            assert run is not None
            found = run.search(value, found.end())
        if found is None:
            return False
        start = len(value) - tail_length
        return start >= found.end() and tail.match(value, start) is not None

    return matches


def _runs(pieces: tuple[Piece, ...]) -> Iterator[str]:
    """Regular expressions of what stands before, between and after the `*`."""
    run = ""
    for wild, text in pieces:
        if wild and text == ANY:
            yield run
            run = ""
        else:
            run += "." if wild else re.escape(text)
    yield run


def _length(pieces: tuple[Piece, ...]) -> int:
    """Characters after the last `*`."""
    length = 0
    for wild, text in pieces:
        length = 0 if wild and text == ANY else length + len(text)
    return length
