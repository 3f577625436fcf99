"""The left half of a trace: one tree row in an exact number of cells. No Textual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from jollyscope.model.format import count
from jollyscope.model.oddities import oddities
from jollyscope.model.steps import glyph
from jollyscope.model.tree import Node
from jollyscope_tui.widgets.cells import Paint, clean, fit

__all__ = ["ARROW_CELLS", "TreeRow", "arrow_column", "marked", "paint_row", "style_of"]

ARROW_CELLS = 2
_GLYPH_CELLS = 2


class TreeRow(NamedTuple):
    """What is drawn of a row. `hidden` counts the rows folded away below it, `marks` are said at its
    right after that, `critical` is a line at its left edge.
    """

    node: Node
    label: str
    depth: int
    has_children: bool
    is_open: bool
    hidden: int
    cursor: bool
    needle: str = ""
    critical: bool = False
    marks: Sequence[tuple[str, str]] = ()


def style_of(node: Node) -> str:
    """The name of the style that a node's glyph and bar are drawn in."""
    span = node.span
    if span is None:
        return "warning"
    if span.status == "error":
        return "error"
    if span.state == "interrupted":
        return "interrupted"
    return span.step_type


def arrow_column(depth: int, width: int) -> int:
    """The column of a row's fold arrow. Beyond a third of the width, depth is a number."""
    return 1 + min(2 * depth, max(0, width // 3 // 2 * 2))


def paint_row(row: TreeRow, width: int) -> Paint:
    """Cursor mark, indentation, fold arrow, glyph, label, and at the right what is hidden, what is
    odd about the span, or its model.
    """
    indent = arrow_column(row.depth, width) - 1
    deep = 2 * row.depth > indent
    lead = fit(f"⋯{row.depth}", indent) if deep and indent >= 4 else " " * indent
    arrow = ("▾ " if row.is_open else "▸ ") if row.has_children else "  "
    room = max(0, width - 1 - indent - ARROW_CELLS - _GLYPH_CELLS)
    notes = _notes(row)
    note_cells = sum(cell_len(text) + 1 for text, _ in notes)
    while notes and note_cells > max(room // 2, room - 16):
        note_cells -= cell_len(notes.pop()[0]) + 1
    sign = glyph(row.node.span) if row.node.span else "?"
    edge = ("▌", "strong") if row.cursor else ("┃" if row.critical else " ", "literal")
    paint: Paint = [
        edge,
        (lead, "muted"),
        (arrow, "muted"),
        (fit(sign, _GLYPH_CELLS), style_of(row.node)),
    ]
    text_style = "error" if style_of(row.node) == "error" else "text"
    paint += marked(fit(row.label, room - note_cells), row.needle, text_style)
    for text, style in notes:
        paint.append((" " + text, style))
    return paint


def _notes(row: TreeRow) -> Paint:
    """From the most telling to the least; the last ones go first where there is no room."""
    notes: Paint = []
    if row.hidden:
        notes.append((f"… {count(row.hidden)} more", "muted"))
    notes += row.marks
    span = row.node.span
    if span is not None:
        notes += [(odd.word, "warning") for odd in oddities(row.node)]
        if span.model:
            notes.append((clean(span.model)[:24], "muted"))
    return notes


def marked(text: str, needle: str, style: str) -> Paint:
    """The text with the first place that has `needle` (casefolded) set off."""
    folded = text.casefold()
    at = folded.find(needle) if needle and len(folded) == len(text) else -1
    if at < 0:
        return [(text, style)]
    end = at + len(needle)
    return [(text[:at], style), (text[at:end], "match"), (text[end:], style)]
