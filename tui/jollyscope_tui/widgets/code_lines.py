"""Source text in colours, by Pygments, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from jollyscope_tui.widgets.cells import Paint, clean

__all__ = ["LARGEST", "code_paint", "language_of"]

LARGEST = 200_000
"""Characters of a block that are coloured: Pygments reads about 1 MB a second of most languages and
goes through some texts much slower; a longer block is shown plain.
"""


def language_of(name: str) -> str:
    """The name as Pygments knows it, of what stands behind a fence; empty for one it does not know."""
    word = name.strip().split()[0].strip("{}.,").lower() if name.strip() else ""
    return word if word and _lexer(word) is not None else ""


def code_paint(text: str, language: str) -> Iterator[Paint]:
    """The text's lines in colours; in one colour where the language is not known."""
    lexer = _lexer(language) if language and len(text) <= LARGEST else None
    if lexer is None:
        for line in text.split("\n"):
            yield [(clean(line.expandtabs(4)), "text")]
        return
    row: Paint = []
    for kind, value in lexer.get_tokens(text.expandtabs(4)):
        style = _style(kind)
        first, *rest = value.split("\n")
        if first:
            row.append((clean(first), style))
        for part in rest:
            yield row or [("", "")]
            row = [(clean(part), style)] if part else []
    if row:
        yield row


@lru_cache(64)
def _lexer(name: str) -> Any:
    # Loaded when the first block of code is shown: 40 ms.
    from pygments.lexers import (
        get_lexer_by_name,  # pyright: ignore[reportUnknownVariableType] its options are open
    )
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


_STYLES = (
    ("Token.Comment", "muted"),
    ("Token.Keyword", "literal"),
    ("Token.Operator.Word", "literal"),
    ("Token.Literal.String", "string"),
    ("Token.Literal.Number", "number"),
    ("Token.Name.Function", "key"),
    ("Token.Name.Class", "key"),
    ("Token.Name.Tag", "key"),
    ("Token.Name.Builtin", "key"),
    ("Token.Name.Exception", "error"),
    ("Token.Generic.Inserted", "ok"),
    ("Token.Generic.Deleted", "error"),
    ("Token.Generic.Error", "error"),
    ("Token.Generic", "strong"),
)


@lru_cache(256)
def _style(kind: object) -> str:
    name = str(kind)
    return next((style for prefix, style in _STYLES if name.startswith(prefix)), "text")
