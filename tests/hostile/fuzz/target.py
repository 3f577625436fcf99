"""One parser to be tried, and the inputs that are kept for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

__all__ = ["CORPUS", "Target", "evolved", "found"]

CORPUS = Path(__file__).parents[1] / "corpus"
"""A folder a parser: files of what once broke it or may, and `evolved.json`, inputs that reach far into
it, each as a text of Latin-1.
"""


class Target(NamedTuple):
    """`check` raises for what must not be: another error than the parser's own, or an answer that does
    not hold. Nothing may stay of one call for the next.
    """

    name: str
    check: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    """Inputs that are right, to begin with."""
    words: tuple[bytes, ...] = ()
    """What the grammar is made of."""
    slow: bool = False
    """A whole store for each input."""


def found(name: str) -> dict[str, bytes]:
    """The files kept for a parser, by their name."""
    return {
        file.name: file.read_bytes()
        for file in sorted((CORPUS / name).glob("*"))
        if file.name != "evolved.json"
    }


def evolved(name: str) -> list[bytes]:
    """The inputs that a guided run came upon."""
    file = CORPUS / name / "evolved.json"
    texts = msgspec.json.decode(file.read_bytes(), type=list[str]) if file.exists() else []
    return [text.encode("latin-1") for text in texts]
