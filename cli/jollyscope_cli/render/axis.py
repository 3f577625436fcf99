"""The time axis above the bars."""

from __future__ import annotations

from jollyscope.model import format as fmt
from jollyscope.model.waterfall import ticks
from jollyscope_cli.render.cells import wide

__all__ = ["axis", "mark"]

_UNITS = ((1, "ns"), (1_000, "µs"), (1_000_000, "ms"), (1_000_000_000, "s"))


def mark(at: int, length: int) -> str:
    """A round time (ns since the start) in the unit that suits a timeline of `length` ns."""
    if at >= 60 * 10**9:
        return fmt.duration(at / 1e6)
    unit, name = next(u for u in reversed(_UNITS) if length >= u[0] or u[0] == 1)
    return f"{at / unit:g}{name}"


def axis(length: int, width: int) -> str:
    """The axis of a timeline of `length` ns drawn over `width` cells; exactly that wide.

    A mark's first letter stands at its time.
    """
    line = ["─"] * width
    free = 0
    for at, column in ticks(length, width):
        text = mark(at, length)
        end = column + wide(text)
        if end > width or (column and column - 1 < free):
            continue
        if column:
            line[column - 1] = " "
        line[column:end] = text
        if end < width:
            line[end] = " "
        free = end + 1
    return "".join(line)
