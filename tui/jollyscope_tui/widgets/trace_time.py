"""A trace's time under the fingers: zooming, panning, the divider, gaps; by key and mouse."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from jollyscope_tui.widgets.trace_lines import TraceLines

__all__ = ["TraceTime"]


class TraceTime(TraceLines):
    """`TraceLines` with the keys and the mouse that choose which time is on show."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "zoom", "Zoom"),
        Binding("Z", "unzoom", "Whole time", show=False),
        Binding("v", "scale(0.5)", "Half the time on show", show=False),
        Binding("V", "scale(2)", "Twice the time on show", show=False),
        Binding("left_parenthesis,shift+left", "pan(-0.25)", "Earlier", show=False),
        Binding("right_parenthesis,shift+right", "pan(0.25)", "Later", show=False),
        Binding("i", "gaps", "Gaps", show=False),
        Binding("less_than_sign,comma", "split(-4)", "Divider left", show=False),
        Binding("greater_than_sign,full_stop", "split(4)", "Divider right", show=False),
    ]

    class Said(Message):
        """A short answer to a key, such as that there are no more errors."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Split(Message):
        """The divider was moved."""

    _dragging = False

    # Time

    def action_zoom(self) -> None:
        node = self.selected
        if node is not None:
            self.timeline.span = node.span_id
            self.set_time()
            self.redraw()

    def action_unzoom(self) -> None:
        self.timeline.out()
        self.redraw()

    def show_time(self, start: int, end: int) -> None:
        """Show this stretch of time (Unix ns), as far as it lies within the trace."""
        self.timeline.show(start, end)
        self.redraw()

    def action_pan(self, share: float) -> None:
        if self.timeline.pan(share):
            self.redraw()
        elif not self.timeline.zoomed:
            self.post_message(self.Said("All of the time is on show; z or v narrow it."))
        else:
            self.post_message(self.Said("The trace begins here." if share < 0 else "It ends here."))

    def action_scale(self, factor: float) -> None:
        node = self.selected
        if node is not None:
            start, end = self.timeline.shown
            # Around the chosen span where it is on show, else around the middle.
            around = node.start if start <= node.start <= end else (start + end) // 2
            self._scale(factor, around)

    def _scale(self, factor: float, around: int) -> None:
        if self.timeline.scale(factor, around):
            self.redraw()

    def action_gaps(self) -> None:
        self.gaps = not self.gaps
        self.redraw()
        shown = "shown: ┈ where no child was at work" if self.gaps else "not shown"
        self.post_message(self.Said(f"Gaps are {shown}."))

    # The divider

    def action_split(self, cells: int) -> None:
        self._split_at(self.divider + cells)
        self.post_message(self.Split())

    def _split_at(self, column: int) -> None:
        self.share = (max(0, column) + 0.5) / max(1, self.line_width)
        self.redraw()

    # Mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if abs(event.x - self.divider) <= (0 if event.y else 1):
            self._dragging = True
            self.capture_mouse()
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging:
            self._split_at(event.x)

    def on_mouse_up(self, _event: events.MouseUp) -> None:
        if self._dragging:
            self._dragging = False
            self.release_mouse()
            self.post_message(self.Split())

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        """Over the bars, with ctrl the wheel zooms around the pointer, with shift it pans."""
        column = event.x - self.divider - 1
        if column < 0 or not (event.ctrl or event.shift):
            super()._wheel(event, step)
            return
        event.stop()
        event.prevent_default()
        if event.shift:
            self.action_pan(0.125 if step > 0 else -0.125)
            return
        window = self.window
        around = window.start + (window.end - window.start) * column // max(1, window.width)
        self._scale(1.25 if step > 0 else 0.8, around)
