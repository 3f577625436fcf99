"""What is wrong with the filter, with carets below the place."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from jollyscope.query.filter import FilterError
from jollyscope_tui.widgets.cells import Paint, clean, cut
from jollyscope_tui.widgets.palette import Palette

__all__ = ["Mistake", "caret_cells"]


def caret_cells(error: FilterError) -> tuple[int, int]:
    """Where the carets begin, in cells from the filter's first one, and how many there are."""
    wrong = error.text[error.at : error.at + error.length]
    return cell_len(error.text[: error.at]), max(1, cell_len(wrong))


class Mistake(Palette):
    """Hidden until there is one."""

    DEFAULT_CSS = "Mistake { height: 3; width: 1fr; display: none; }"

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Paint] = []

    def show_error(self, error: FilterError | None, left: int = 0, room: int = 80) -> None:
        """Point at it: `left` is the column of the filter's first cell, `room` where the input ends."""
        self.display = error is not None
        if error is None:
            return
        at, length = caret_cells(error)
        at = max(0, min(left + at, room - 1))
        carets = "^" * max(1, min(length, room - at))
        self._lines = [[(" " * at + carets, "error")], [(f"  {clean(error.message)}", "error")]]
        if error.hint:
            self._lines.append([(f"  {clean(error.hint)}", "muted")])
        self.styles.height = len(self._lines)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        line = self._lines[y] if y < len(self._lines) else []
        return self.paint_strip(cut(line, width), width)
