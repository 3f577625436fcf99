"""The heading of a comparison: both traces, and in what they differ."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from jollyscope_tui.widgets.cells import Paint, clean, cut
from jollyscope_tui.widgets.palette import Palette

__all__ = ["CompareHeading"]

LINES = 4


class CompareHeading(Palette):
    """A line for each trace and two for the sentences; what does not fit is in the Summary tab."""

    def __init__(self) -> None:
        super().__init__()
        self._sides: list[Paint] = []
        self._sentences: list[str] = []

    def show_sides(self, sides: list[Paint], sentences: list[str]) -> None:
        """Show these instead."""
        self._sides, self._sentences = sides, sentences
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        lines = [*self._sides, *_fold(self._sentences, width)]
        paint = cut(lines[y], width) if y < len(lines) else []
        return self.paint_strip(paint, width, "head")


def _fold(sentences: list[str], width: int) -> list[Paint]:
    """The sentences in two lines, each whole; `… 2 more in the Summary tab` where there is no room."""
    lines: list[str] = [""]
    for at, sentence in enumerate(sentences):
        text = clean(sentence)
        left = len(sentences) - at
        more = f" … {left} more: 5" if left > 1 else ""
        joined = f"{lines[-1]} · {text}" if lines[-1] else f" {text}"
        room = width - (cell_len(more) if len(lines) == 2 else 0)
        if cell_len(joined) <= room or not lines[-1]:
            lines[-1] = joined
        elif len(lines) == 1:
            lines.append(f" {text}")
        else:
            lines[-1] += f" … {left} more: 5"
            break
    return [[(line, "strong" if at == 0 else "text")] for at, line in enumerate(lines)]
