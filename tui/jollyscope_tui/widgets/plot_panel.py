"""One plot of the dashboard, with a cursor over its buckets."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from jollyscope.query.dashboard import Dashboard
from jollyscope_tui.widgets.cells import Paint, cut
from jollyscope_tui.widgets.palette import PAINT_CLASSES, Palette
from jollyscope_tui.widgets.panels import Plot, value_text
from jollyscope_tui.widgets.plots import bucket_at, paint_plot, top_of

__all__ = ["PlotPanel"]

LABEL = 9
"""Cells of the scale at the left."""


class PlotPanel(Palette, can_focus=True):
    """Draws a `Plot`. `clock` writes a moment (Unix ns) for the cursor's bucket."""

    COMPONENT_CLASSES = PAINT_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move(-1)", "Earlier", show=False),
        Binding("right,l", "move(1)", "Later", show=False),
        Binding("home", "edge(0)", "First", show=False),
        Binding("end", "edge(-1)", "Last", show=False),
        Binding("enter", "drill", "Traces behind it"),
        Binding("down,j", "screen.focus_next", "Next panel", show=False),
        Binding("up,k", "screen.focus_previous", "Previous panel", show=False),
    ]

    class Moved(Message):
        """The cursor goes to a bucket."""

        def __init__(self, bucket: int | None) -> None:
            super().__init__()
            self.bucket = bucket

    class Drilled(Message):
        """Enter or a double click: the traces behind the cursor's bucket, or behind all of them."""

        def __init__(self, plot: Plot, bucket: int | None) -> None:
            super().__init__()
            self.plot = plot
            self.bucket = bucket

    def __init__(self, plot: Plot, clock: Callable[[int], str]) -> None:
        super().__init__(classes="panel")
        self.plot = plot
        self.clock = clock
        self.cursor: int | None = None
        self._shown: Dashboard | None = None
        self._lines: list[Paint] = []

    def show(self, shown: Dashboard, cursor: int | None) -> None:
        """Show these numbers, with the cursor on a bucket or on none."""
        self._shown, self.cursor = shown, cursor
        self._draw()

    def _draw(self) -> None:
        width, height = self.size
        self._lines = []
        if self._shown is not None and self._shown.time.buckets:
            levels = self.plot.levels(self._shown)
            if top_of(levels):
                self._lines = paint_plot(
                    levels, (width, height - 1), self.plot.form, cursor=self.cursor, label=LABEL
                )
            else:
                self._lines = [[("   nothing", "muted")]]
        self.refresh()

    def _title(self) -> Paint:
        # As it is painted, since a handler of the focus runs before the focus is told.
        name = "tab" if self.has_focus else "title"
        title: Paint = [(f"{'▸' if self.has_focus else ' '}{self.plot.title} ", name)]
        if self._shown is None:
            return title
        levels = self.plot.levels(self._shown)
        if self.cursor is None:
            marks = " ".join(f"{level.mark} {level.name}" for level in levels if len(levels) > 1)
            return [*title, (f" {marks}", "muted")]
        bucket = self._shown.time.buckets[self.cursor]
        said = value_text(self.plot, levels, self.cursor)
        return [*title, (f" {self.clock(bucket.start_time)} ", "muted"), (said, "text")]

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            return self.paint_strip(cut(self._title(), width), width, "head")
        paint = self._lines[y - 1] if y <= len(self._lines) else []
        return self.paint_strip(cut(paint, width), width)

    def on_resize(self, _event: events.Resize) -> None:
        self._draw()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def forget_styles(self) -> None:
        super().forget_styles()
        self.refresh()

    # Keys and mouse

    @property
    def _buckets(self) -> int:
        return len(self._shown.time.buckets) if self._shown else 0

    def action_move(self, step: int) -> None:
        if not self._buckets:
            return
        start = self._buckets if self.cursor is None else self.cursor
        start = -1 if self.cursor is None and step > 0 else start
        self.post_message(self.Moved(max(0, min(start + step, self._buckets - 1))))

    def action_edge(self, bucket: int) -> None:
        if self._buckets:
            self.post_message(self.Moved(bucket % self._buckets))

    def action_drill(self) -> None:
        self.post_message(self.Drilled(self.plot, self.cursor))

    def on_click(self, event: events.Click) -> None:
        bucket = bucket_at(event.x - LABEL, self._buckets, self.size.width - LABEL)
        if event.y and bucket is not None:
            self.post_message(self.Moved(bucket))
            if event.chain == 2:
                self.post_message(self.Drilled(self.plot, bucket))
