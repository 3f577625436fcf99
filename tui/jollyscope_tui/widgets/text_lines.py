"""Texts as lines, folded where they are long: plain, as Markdown, or as JSON, by what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import msgspec

from jollyscope.model.format import count
from jollyscope_tui.widgets.document import Folds, Line, lines_until, text_line
from jollyscope_tui.widgets.markdown_lines import looks_like_markdown, markdown_lines

__all__ = ["FOLD_LINES", "as_json", "long_lines", "plain_lines", "prose_lines"]

FOLD_LINES = 40
"""Lines of a text that stand while it is folded: a screen or two."""

FOLD_CHARACTERS = 6_000
"""Characters that stand while it is folded, for texts without line breaks."""


def as_json(text: str) -> Any:
    """The value of a text that is a JSON object or array; None of any other text."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    return cast("Any", value) if isinstance(value, dict | list) else None


def plain_lines(text: str, style: str = "text") -> Iterator[Line]:
    """The text line by line, as it is."""
    at = 0
    while (end := text.find("\n", at)) >= 0:
        yield text_line(text[at:end].removesuffix("\r"), style)
        at = end + 1
    yield text_line(text[at:], style)


def prose_lines(text: str, key: str, folds: Folds, *, most: int = FOLD_LINES) -> Iterator[Line]:
    """The text as Markdown where it looks like it, folded where it is long."""
    read = markdown_lines if looks_like_markdown(text) else plain_lines
    return long_lines(text, key, folds, read, most=most)


def long_lines(
    text: str,
    key: str,
    folds: Folds,
    read: Callable[[str], Iterator[Line]] = plain_lines,
    *,
    most: int = FOLD_LINES,
    spare: int = 5,
) -> Iterator[Line]:
    """The text as `read` makes it of it; of one longer than `most` lines only its beginning, and what
    says how much there is more, until its fold is opened. Up to `spare` lines more are not hidden.
    """
    if folds.is_open(key):
        shown = 0
        for line in read(text):
            shown += 1
            yield line
        if shown > most or len(text) > FOLD_CHARACTERS:
            yield Line([("▴ fold it again", "fold")], fold=key)
        return
    head = _head(text, most + spare)
    if len(head) == len(text):
        yield from read(text)
        return
    head = _head(head, most)
    lines, _more = lines_until(read(head), 2 * most)
    yield from lines
    yield Line([(f"… {_left(text, len(head))}", "fold")], fold=key)


def _head(text: str, lines: int) -> str:
    """Its first lines, cut within one where that is very long."""
    end = -1
    for _ in range(lines):
        found = text.find("\n", end + 1)
        if found < 0:
            end = len(text)
            break
        if found > FOLD_CHARACTERS:
            end = max(end, FOLD_CHARACTERS)
            break
        end = found
    if end > FOLD_CHARACTERS * 5 // 4:
        end = FOLD_CHARACTERS
    return text[:end]


def _left(text: str, at: int) -> str:
    more = text.count("\n", at)
    if more > 1:
        return f"{count(more)} more lines, {count(len(text) - at)} characters"
    return f"{count(len(text) - at)} more characters"
