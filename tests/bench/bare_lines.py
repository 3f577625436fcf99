"""`python -m tests.bench.bare_lines ROWS`: a Textual list that does nothing but draw lines."""

# Textual leaves the type of its apps open.
# pyright: reportUnknownMemberType=false, reportMissingTypeArgument=false

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Segment, Strip


class Lines(ScrollView, can_focus=True):
    """Rows by number."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self.virtual_size = Size(80, total)

    def render_line(self, y: int) -> Strip:
        number = y + self.scroll_offset.y
        return Strip([Segment(f"line {number} ".ljust(self.size.width, "."))])


class BareLines(App[None]):
    """One list."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self.animation_level = "none"
        self._total = total

    def compose(self) -> ComposeResult:
        yield Lines(self._total)


if __name__ == "__main__":
    BareLines(int(sys.argv[1])).run()
