"""The whole trace above its waterfall: click or drag to choose the time on show."""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.message import Message
from textual.strip import Strip

from jollyscope_tui.widgets.cells import Paint, fit
from jollyscope_tui.widgets.minimap_paint import Density, paint_map
from jollyscope_tui.widgets.palette import Palette

__all__ = ["Minimap", "Overview"]


class Overview(NamedTuple):
    """What a minimap shows: `shown` of `whole` (Unix ns each; None: all of it), over `cells` cells
    from column `left` on, and `said` before it.
    """

    density: Density
    whole: tuple[int, int]
    shown: tuple[int, int] | None
    left: int
    cells: int
    said: str


class Minimap(Palette):
    """A line, two where the screen is tall. While the whole is on show a drag chooses a stretch of it;
    after that a click or a drag moves the stretch.
    """

    class Picked(Message):
        """This stretch of time was chosen."""

        def __init__(self, start: int, end: int) -> None:
            super().__init__()
            self.start = start
            self.end = end

    def __init__(self) -> None:
        super().__init__()
        self._overview: Overview | None = None
        self._from: int | None = None
        self._length: int | None = None
        """Of the stretch that a drag moves; None while it chooses one."""

    def show_overview(self, overview: Overview) -> None:
        """Show this instead."""
        if overview != self._overview:
            self._overview = overview
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, overview = self.size.width, self._overview
        if overview is None:
            return self.paint_strip([], width)
        lines = paint_map(
            overview.density, overview.whole, overview.shown, overview.cells, self.size.height
        )
        said = overview.said if y == 0 else ""
        paint: Paint = [(fit(said, overview.left - 1), "muted"), ("│", "muted")]
        return self.paint_strip([*paint, *(lines[y] if y < len(lines) else [])], width)

    # Mouse

    def _time_at(self, x: int, overview: Overview) -> int:
        low, high = overview.whole
        cell = max(0, min(x - overview.left, overview.cells))
        return low + (high - low) * cell // max(1, overview.cells)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        overview = self._overview
        if overview is None or event.x < overview.left:
            return
        self._from = event.x
        shown = overview.shown
        self._length = None if shown is None else shown[1] - shown[0]
        self.capture_mouse()
        if self._length is not None:
            self._choose(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._from is not None:
            self._choose(event.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._from is None:
            return
        overview, began, self._from = self._overview, self._from, None
        self.release_mouse()
        if overview is not None and self._length is None and began == event.x:
            # A click alone: an eighth of the time around it.
            around, part = self._time_at(began, overview), overview.whole[1] - overview.whole[0]
            self.post_message(self.Picked(around - part // 16, around + part // 16))

    def _choose(self, x: int) -> None:
        overview = self._overview
        if overview is None or self._from is None:
            return
        at = self._time_at(x, overview)
        if self._length is not None:
            start = at - self._length // 2
            self.post_message(self.Picked(start, start + self._length))
        elif x != self._from:
            other = self._time_at(self._from, overview)
            self.post_message(self.Picked(min(at, other), max(at, other)))
