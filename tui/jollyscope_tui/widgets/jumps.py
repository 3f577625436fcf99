"""Where the jumps of a trace lead. Each gives a row, revealed where it was folded away, or None when
there is nowhere to go. No Textual.
"""

from __future__ import annotations

from array import array

from jollyscope_tui.widgets.insight import near
from jollyscope_tui.widgets.rows import RowModel

__all__ = ["in_time", "parent", "sibling"]


def parent(model: RowModel, row: int) -> int | None:
    """The row above in the tree."""
    up = model.projection.parent[model.visible[row]]
    return model.row_of(up) if up >= 0 else None


def sibling(model: RowModel, row: int, step: int) -> int | None:
    """The next (`step` 1) or previous (-1) child of the same parent."""
    at, projection = model.visible[row], model.projection
    above = projection.parent[at]
    if step > 0:
        other = at + projection.size[at]
        if other >= len(projection) or projection.parent[other] != above:
            return None
        return model.row_of(other)
    other = at - 1
    while other > above and projection.parent[other] != above:
        other = projection.parent[other]
    return model.row_of(other) if other > above else None


def in_time(model: RowModel, order: array[int], row: int, step: int) -> int | None:
    """The next or previous of the nodes in `order` (positions by time) that the mode keeps; wraps
    round.
    """
    at = model.node(row)
    for _ in order:
        found = near(order, model.outline.nodes, at, step)
        assert found is not None
        kept = model.reveal(found)
        if kept is not None:
            return kept
        at = found
    return None
