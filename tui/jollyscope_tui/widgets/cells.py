"""Text made fit for a fixed number of terminal cells: CJK, emoji and control characters included.

What terminals disagree about is taken out before it is measured, since a row that is one cell
longer on the terminal than here shifts everything behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size

__all__ = [
    "Paint", "clean", "cut", "fit", "fit_right", "paint_width", "pieces", "wrap", "wrap_paint",
]  # fmt: skip

Paint = list[tuple[str, str]]
"""Pieces of one line: text and the name of its style (see `palette.py`)."""

# C0, DEL and C1; zero-width and bidirectional controls; line separators; variation selectors, tag
# characters and skin tones (tmux 3.3 and most terminals draw these apart from what they modify);
# regional indicators (one or two cells, depending on the terminal); lone surrogates.
_ODD = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff\U000e0000-\U000e01ef]"
)


def clean(text: str) -> str:
    """The text with nothing in it that moves the cursor or has no agreed width.

    Control characters show as their pictures (`␛`), flags as their two letters, a tab or a newline
    as a space; joiners, variation selectors and skin tones go.
    """
    return text if text.isascii() and text.isprintable() else _ODD.sub(_replace, text)


def _replace(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code in (9, 10, 13):
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if 0x1F1E6 <= code <= 0x1F1FF:
        return chr(code - 0x1F1E6 + ord("A"))
    return "�" if 0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000 else ""


def fit(text: str, width: int) -> str:
    """Exactly `width` cells of cleaned text: padded, or cut with `…`."""
    if width <= 0:
        return ""
    text = clean(text[: width * 4 + 8]) if len(text) > width * 4 + 8 else clean(text)
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)


def fit_right(text: str, width: int) -> str:
    """As `fit`, with the padding on the left: for numbers."""
    fitted = fit(text, width)
    bare = fitted.rstrip(" ")
    return " " * (len(fitted) - len(bare)) + bare


def paint_width(paint: Paint) -> int:
    """Cells of a line."""
    return sum(cell_len(text) for text, _ in paint)


def cut(paint: Paint, width: int) -> Paint:
    """A line of at most `width` cells, its text cleaned, with `…` where something was cut."""
    shown: Paint = []
    for text, style in paint:
        text = clean(text)
        if cell_len(text) > width:
            return [*shown, (fit(text, width), style)]
        shown.append((text, style))
        width -= cell_len(text)
    return shown


def wrap(text: str, width: int) -> list[str]:
    """One line of cleaned text in pieces of at most `width` cells, broken after a blank where
    there is one in the last third; at least one piece.
    """
    return list(pieces(text, width))


def pieces(text: str, width: int, later: int | None = None) -> Iterator[str]:
    """As `wrap`, one by one; all but the first at most `later` cells wide."""
    width = max(2, width)
    if len(text) <= width and (text.isascii() or cell_len(text) <= width):
        yield text
        return
    at = 0
    while at < len(text):
        end = at + _fitting(text, at, width)
        if end < len(text):
            blank = text.rfind(" ", at + (end - at) * 2 // 3, end)
            end = blank + 1 if blank > 0 else end
        yield text[at:end]
        at = end
        width = max(2, later or width)


def _fitting(text: str, at: int, width: int) -> int:
    """How many characters from `at` fit into `width` cells; at least one."""
    chunk = text[at : at + width]
    if chunk.isascii():
        return len(chunk)
    while len(chunk) > 1 and (over := cell_len(chunk) - width) > 0:
        chunk = chunk[: -max(1, over // 2)]
    return max(1, len(chunk))


def wrap_paint(paint: Paint, width: int) -> list[Paint]:
    """A line of cleaned pieces as lines of at most `width` cells; at least one."""
    width = max(2, width)
    if len(paint) == 1:
        return [[(piece, paint[0][1])] for piece in wrap(paint[0][0], width)]
    lines: list[Paint] = [[]]
    room = width
    for text, style in paint:
        at = 0
        while at < len(text):
            end = at + _fitting(text, at, room) if room else at
            if cell_len(text[at:end]) > room or end == at:
                lines.append([])
                room = width
                continue
            lines[-1].append((text[at:end], style))
            room -= cell_len(text[at:end])
            at = end
    return lines
