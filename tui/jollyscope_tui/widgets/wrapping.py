"""Lines wrapped to a width: words stay whole where they can, and each piece keeps its colour."""

from __future__ import annotations

from collections.abc import Iterator

from jollyscope_tui.widgets.cells import Paint, pieces

__all__ = ["flow"]


def flow(paint: Paint, width: int, indent: int = 0) -> Iterator[Paint]:
    """The line as rows of at most `width` cells, at least one; all but the first moved in by `indent`
    cells where that leaves half of the width. The text is cleaned already.
    """
    indent = indent if 2 * indent <= width else 0
    lead: Paint = [(" " * indent, "")] if indent else []
    text = "".join(part for part, _ in paint)
    at = part = used = 0
    for piece in pieces(text, width, width - indent):
        row: Paint = []
        left = len(piece)
        while left and part < len(paint):
            content, style = paint[part]
            taken = content[used : used + left]
            row.append((taken, style))
            left -= len(taken)
            used += len(taken)
            if used == len(content):
                part, used = part + 1, 0
        yield lead + row if at and lead else row
        at += len(piece)
