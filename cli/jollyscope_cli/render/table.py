"""An aligned table that fits a width: columns shrink, then the least important ones go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from jollyscope_cli.render.cells import clean, fit, wide

__all__ = ["Cell", "Column", "Layout", "draw", "layout"]

GAP = 2


class Cell(NamedTuple):
    """Text and its style (`output.paint`)."""

    text: str
    style: str = ""


class Column(NamedTuple):
    """How one column is shown. `least` and `most` bound its width in cells; columns of a higher
    `rank` are the first to go where the room ends, and those of rank 0 stay.
    """

    name: str
    show: Callable[[Any], Cell]
    right: bool = False
    least: int = 4
    most: int = 40
    rank: int = 1


class Layout(NamedTuple):
    """The columns that are shown, the width of each, and the names of those left out."""

    columns: list[Column]
    widths: list[int]
    dropped: list[str]


def layout(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], room: int) -> Layout:
    """Widths for `rows` of cells (one a column) in lines of `room` cells."""
    shown = list(range(len(columns)))
    natural = [
        max([wide(column.name), *(wide(clean(row[at].text)) for row in rows)])
        for at, column in enumerate(columns)
    ]
    most = [min(n, max(c.most, wide(c.name))) for n, c in zip(natural, columns, strict=True)]
    # Numbers stand at the right edge and are whole or not shown: a cut one is another number.
    least = [
        m if c.right else min(m, max(c.least, wide(c.name)))
        for m, c in zip(most, columns, strict=True)
    ]
    while len(shown) > 1 and _total(least, shown) > room:
        worst = max(shown, key=lambda at: (columns[at].rank, at))
        if columns[worst].rank == 0:
            break
        shown.remove(worst)
    widths = _shrink(most, least, shown, room)
    dropped = [column.name for at, column in enumerate(columns) if at not in shown]
    return Layout([columns[at] for at in shown], [widths[at] for at in shown], dropped)


def _total(widths: Sequence[int], shown: Sequence[int]) -> int:
    return sum(widths[at] for at in shown) + GAP * (len(shown) - 1)


def _shrink(most: list[int], least: list[int], shown: list[int], room: int) -> list[int]:
    """Take cells off the columns with the most to spare until the line fits."""
    widths = list(most)
    for _ in range(_total(widths, shown) - room):
        fattest = max(shown, key=lambda at: widths[at] - least[at])
        if widths[fattest] <= least[fattest]:
            break
        widths[fattest] -= 1
    return widths


def draw(plan: Layout, cells: Sequence[Cell], paint: Callable[[str, str], str]) -> str:
    """One line of the table; `cells` are those of the plan's columns."""
    parts: list[str] = []
    for column, cell, cells_wide in zip(plan.columns, cells, plan.widths, strict=True):
        text = fit(clean(cell.text), cells_wide, right=column.right)
        parts.append(paint(text, cell.style))
    return (" " * GAP).join(parts).rstrip()
