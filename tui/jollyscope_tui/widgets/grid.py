"""A small canvas of terminal cells: text, and box lines that join where they meet. No Textual."""

from __future__ import annotations

from rich.cells import cell_len

from jollyscope_tui.widgets.cells import Paint, clean

__all__ = ["Grid"]

NORTH, EAST, SOUTH, WEST = 1, 2, 4, 8

_LINES = {
    NORTH: "╵", EAST: "╶", SOUTH: "╷", WEST: "╴", NORTH | SOUTH: "│", EAST | WEST: "─",
    EAST | SOUTH: "╭", SOUTH | WEST: "╮", NORTH | EAST: "╰", NORTH | WEST: "╯",
    NORTH | EAST | SOUTH: "├", NORTH | SOUTH | WEST: "┤", EAST | SOUTH | WEST: "┬",
    NORTH | EAST | WEST: "┴", NORTH | EAST | SOUTH | WEST: "┼",
}  # fmt: skip


class Grid:
    """`width` cells by `height` lines."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self._cells: dict[tuple[int, int], tuple[str, str]] = {}
        self._bits: dict[tuple[int, int], tuple[int, str]] = {}

    def text(self, x: int, y: int, text: str, style: str) -> int:
        """Write it; the cell behind it. What is there already is written over."""
        for char in clean(text):
            wide = cell_len(char)
            if wide:
                self._cells[x, y] = char, style
                if wide == 2:
                    self._cells[x + 1, y] = "", style
            x += wide
        return x

    def line(self, x: int, y: int, bits: int, style: str) -> None:
        """Let lines leave the cell in these directions, with those that do so already."""
        known, first = self._bits.get((x, y), (0, style))
        self._bits[x, y] = known | bits, first if known else style

    def across(self, left: int, right: int, y: int, style: str) -> None:
        """A line through the cells `[left, right]`, its ends open towards the inside only."""
        for x in range(left, right + 1):
            self.line(x, y, (WEST if x > left else 0) | (EAST if x < right else 0), style)

    def down(self, x: int, top: int, bottom: int, style: str) -> None:
        """A line from line `top` to line `bottom`, its ends open towards the inside only."""
        for y in range(top, bottom + 1):
            self.line(x, y, (NORTH if y > top else 0) | (SOUTH if y < bottom else 0), style)

    def paint(self, y: int) -> Paint:
        """A line, its end left bare."""
        row: Paint = []
        for x in range(self.width):
            char, style = self._cells.get((x, y)) or self._drawn(x, y)
            if row and row[-1][1] == style:
                row[-1] = (row[-1][0] + char, style)
            else:
                row.append((char, style))
        while row and not row[-1][0].strip():
            row.pop()
        return row or [("", "")]

    def _drawn(self, x: int, y: int) -> tuple[str, str]:
        bits, style = self._bits.get((x, y), (0, ""))
        return _LINES.get(bits, " "), style
