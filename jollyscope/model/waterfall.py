"""Where a span's bar stands in a timeline of so many cells: arithmetic only, no drawing."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Bar", "Window", "ticks"]

_NICE = (1, 2, 5)


class Bar(NamedTuple):
    """A bar in eighths of a cell: from `start` (inclusive) to `end` (exclusive).

    Never empty inside the window: a span shorter than an eighth still gets one.
    """

    start: int
    end: int

    def cells(self) -> str:
        """The bar drawn with eighth blocks, from column `start // 8`; at least one cell.

        A left edge inside a cell is drawn by that cell's own block where the terminal has one
        (right halves do not exist as eighths, so it is rounded to the cell).
        """
        first, whole, rest = self.start // 8, self.end // 8, self.end % 8
        full = "█" * (whole - first)
        return full + ("▏▎▍▌▋▊▉"[rest - 1] if rest else "") or "▏"


class Window(NamedTuple):
    """The stretch of time on show, Unix ns, drawn over `width` cells."""

    start: int
    end: int
    width: int

    def bar(self, start: int, end: int) -> Bar | None:
        """The bar of `[start, end]` (Unix ns), clipped; None when all of it is out of sight.

        An end before the start, from a clock that was set back, counts as the start.
        """
        length = max(1, self.end - self.start)
        end = max(start, end)
        if self.width <= 0 or end < self.start or start > self.end:
            return None
        eighths = self.width * 8
        left = (max(start, self.start) - self.start) * eighths // length
        right = -(-(min(end, self.end) - self.start) * eighths // length)
        left = min(left, eighths - 1)
        return Bar(left, max(left + 1, min(right, eighths)))


def ticks(length_ns: int, width: int, every: int = 12) -> list[tuple[int, int]]:
    """Round marks for a time axis: (ns since the start, column), about `every` cells apart.

    Steps are 1, 2 or 5 times a power of ten ns; below 1 ns there are none but zero.
    """
    if length_ns <= 0 or width <= 0:
        return [(0, 0)]
    least = max(1, length_ns * every // width)
    power = 10 ** (len(str(least)) - 1)
    step = next(n * power for n in (*_NICE, 10) if n * power >= least)
    marks = ((at, at * width // length_ns) for at in range(0, length_ns + 1, step))
    return [(at, column) for at, column in marks if column < width]
