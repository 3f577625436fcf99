"""Text and JSON as painted lines, at most so much of it at once. No Textual."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from jollyscope.model.format import size
from jollyscope_tui.widgets.cells import Paint, clean

__all__ = ["SHOWN", "Document", "json_text", "plain", "pretty"]

SHOWN = 32_768
"""Characters shown of one text: 32 kB are wrapped and coloured in about 10 ms, 1 MB would take
300 ms on every move of the cursor. The whole is one key away.
"""

_TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))|(?P<string>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<literal>true|false|null)"
)


class Document(NamedTuple):
    """Lines to show, not yet wrapped, and the whole text that they come from."""

    lines: list[Paint]
    text: str


def plain(text: str, style: str = "text") -> Document:
    """Text as it is, line by line."""
    lines: list[Paint] = [[(clean(line.expandtabs(4)), style)] for line in text[:SHOWN].split("\n")]
    return Document(lines + _rest(text), text)


def pretty(text: str) -> Document:
    """Text; indented and coloured where it is a JSON object or array."""
    if text[:1] not in ("{", "[") or len(text) > 16 * SHOWN:
        return plain(text)
    try:
        formatted = msgspec.json.format(text, indent=2)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return plain(text)
    return json_text(formatted, text)


def json_text(formatted: str, text: str | None = None) -> Document:
    """Formatted JSON, coloured. `text` is what it came from, to copy."""
    lines: list[Paint] = [_tokens(clean(line)) for line in formatted[:SHOWN].split("\n")]
    return Document(lines + _rest(formatted), formatted if text is None else text)


def as_json(value: Any) -> Document:
    """A value as coloured JSON."""
    return json_text(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _tokens(line: str) -> Paint:
    paint: Paint = []
    at = 0
    for token in _TOKEN.finditer(line):
        if token.start() > at:
            paint.append((line[at : token.start()], "muted"))
        paint.append((token[0], token.lastgroup or "text"))
        at = token.end()
    if at < len(line):
        paint.append((line[at:], "muted" if paint else "text"))
    return paint or [("", "")]


def _rest(text: str) -> list[Paint]:
    if len(text) <= SHOWN:
        return []
    said = f"… the first {size(SHOWN)} of {size(len(text))} characters; o opens it whole"
    return [[("", "")], [(said.replace(" B ", " "), "warning")]]
