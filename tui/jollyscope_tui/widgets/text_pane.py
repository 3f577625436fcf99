"""Painted text of any length, wrapped to the width; only the lines in sight are drawn."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from jollyscope_tui.widgets.cells import Paint, wrap_paint
from jollyscope_tui.widgets.palette import PAINT_CLASSES, Palette

__all__ = ["TextPane"]


class TextPane(  # pyright: ignore[reportIncompatibleMethodOverride] ScrollView.scroll_to, not ours
    ScrollView, Palette, can_focus=True, inherit_bindings=False
):
    """Shows lines of paint."""

    COMPONENT_CLASSES = PAINT_CLASSES
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "screen.tab(1)", "Next tab", key_display="←→"),
        Binding("left,h", "screen.tab(-1)", "Previous tab", show=False),
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("pageup,ctrl+b", "page_up", "Page up", show=False),
        Binding("pagedown,space,ctrl+f", "page_down", "Page down", show=False),
        Binding("g,home", "scroll_home", "First line", show=False),
        Binding("G,end", "scroll_end", "Last line", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Paint] = []
        self._wrapped: list[Paint] = []
        self._at_width = 0

    def show_lines(self, lines: list[Paint], *, keep_place: bool = False) -> None:
        """Show these instead, from the top unless `keep_place`."""
        if lines == self._lines:
            return
        self._lines = lines
        self._wrap()
        if not keep_place:
            self.scroll_to(y=0, animate=False, immediate=True, force=True)

    def _wrap(self) -> None:
        self._at_width = self.scrollable_content_region.width
        # Before the first layout there is no width: what is drawn then would flash by, torn.
        lines = self._lines if self._at_width else []
        self._wrapped = [part for line in lines for part in wrap_paint(line, self._at_width)]
        size = Size(self._at_width, len(self._wrapped))
        if size != self.virtual_size:
            self.virtual_size = size
        self.refresh()

    def on_resize(self, _event: events.Resize) -> None:
        if self.scrollable_content_region.width != self._at_width:
            self._wrap()

    def render_line(self, y: int) -> Strip:
        at = self.scroll_offset.y + y
        paint = self._wrapped[at] if at < len(self._wrapped) else []
        return self.paint_strip(paint, self.scrollable_content_region.width)
