"""Columns over time in block characters. No Textual.

A plot is a stack of levels a column: what is below the first level is drawn in the first's mark, what
is between the first and the second in the second's, and so on. Marks differ in shape, not in colour
only. A column stands for a bucket, or for several where there are more buckets than cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from jollyscope_tui.widgets.cells import Paint, fit, fit_right

__all__ = ["Level", "bucket_at", "column_of", "paint_plot", "top_of"]

_EIGHTHS = " ▁▂▃▄▅▆▇█"
Number = float | int | None


class Level(NamedTuple):
    """The upper bound of one part of the columns: a number a bucket, no less than the level before."""

    name: str
    style: str
    mark: str
    values: Sequence[Number]


def top_of(levels: Sequence[Level]) -> float:
    """The highest value; 0 where there is none."""
    return max(
        (value for level in levels for value in level.values if value is not None), default=0
    )


def bucket_at(column: int, buckets: int, width: int) -> int | None:
    """The (first) bucket that a column of a plot of `width` cells stands for."""
    return column * buckets // width if 0 <= column < width and buckets else None


def column_of(bucket: int, buckets: int, width: int) -> tuple[int, int]:
    """The columns `[first, end)` that stand for a bucket; at least one."""
    if buckets > width:
        first = ((bucket + 1) * width - 1) // buckets
        return first, first + 1
    return -(-bucket * width // buckets), -(-(bucket + 1) * width // buckets)


def paint_plot(
    levels: Sequence[Level],
    size: tuple[int, int],
    form: Callable[[float], str],
    *,
    cursor: int | None = None,
    label: int = 7,
) -> list[Paint]:
    """A plot in `size` (cells, lines) with its scale of `label` cells at the left.

    `form` writes a value of the scale; the columns of the bucket at `cursor` stand on a `▲`, in a line
    of its own at the bottom.
    """
    width, height = size[0] - label, size[1] - 1
    buckets = len(levels[0].values) if levels else 0
    top = top_of(levels)
    if width < 4 or height < 1 or not buckets:
        return [[] for _ in range(size[1])]
    columns = [_heights(levels, buckets, width, column, top, height) for column in range(width)]
    lines: list[Paint] = []
    for line in range(height, 0, -1):
        text = form(top) if line == height and top else ("0" if line == 1 else "")
        scale = [(fit_right(text, label - 1), "muted"), ("▕", "muted")]
        lines.append(scale + _merge([_cell(levels, heights, line) for heights in columns]))
    foot = " " * label + "".join("▔" for _ in range(width))
    if cursor is not None:
        first, end = column_of(cursor, buckets, width)
        foot = foot[: label + first] + "▲" * (end - first) + foot[label + end :]
    lines.append([(fit(foot, size[0]), "muted" if cursor is None else "title")])
    return lines


def _heights(
    levels: Sequence[Level], buckets: int, width: int, column: int, top: float, height: int
) -> list[int]:
    """How high each level reaches in a column, in eighths of a line."""
    first, end = column * buckets // width, (column + 1) * buckets // width
    found: list[int] = []
    for level in levels:
        known = [value for value in level.values[first : max(end, first + 1)] if value]
        share = max(known) / top if known and top else 0.0
        # What there is a little of is to be seen.
        found.append(max(1, round(share * height * 8)) if share > 0 else 0)
    return found


def _cell(levels: Sequence[Level], heights: list[int], line: int) -> tuple[str, str]:
    """The character at a line (1 is the lowest) and its style."""
    low = (line - 1) * 8
    for at, (level, high) in enumerate(zip(levels, heights, strict=True)):
        inside = high - low
        if inside <= 0:
            continue
        highest = all(other <= high for other in heights[at + 1 :])
        if level.mark == "█" and highest:
            return _EIGHTHS[min(8, inside)], level.style
        # A part that does not fill half of the line leaves it to the next, if there is one.
        if inside >= 4 or highest:
            return level.mark, level.style
    return " ", ""


def _merge(cells: list[tuple[str, str]]) -> Paint:
    """Neighbours of one style as one piece."""
    merged: Paint = []
    for text, style in cells:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        else:
            merged.append((text, style))
    return merged
