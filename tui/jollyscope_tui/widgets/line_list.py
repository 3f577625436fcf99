"""A list of one-line rows of any number: only what is on the screen is drawn.

The first line is a heading that stays; the rest are rows. A key that moves the cursor redraws two
lines, a scroll draws the lines that came into sight (the others come from a cache).
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from jollyscope_tui.widgets.cells import Paint
from jollyscope_tui.widgets.palette import PAINT_CLASSES, Palette

__all__ = ["LineList"]


class LineList(  # pyright: ignore[reportIncompatibleMethodOverride] ScrollView.scroll_to, not ours
    ScrollView, Palette, can_focus=True, inherit_bindings=False
):
    """Subclasses say how many rows there are (`row_total`), what tells one drawing of a row from
    another (`row_key`), and draw them (`paint_row`, `paint_head`).
    """

    COMPONENT_CLASSES = PAINT_CLASSES
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False),
        Binding("g,home", "go(0)", "First", show=False),
        Binding("G,end", "go(-1)", "Last", show=False),
    ]

    class Moved(Message):
        """The cursor stands on another row. Only the latest one matters."""

        def __init__(self, sender: LineList) -> None:
            super().__init__()
            self.sender = sender

        @property
        def control(self) -> LineList:
            return self.sender

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, LineList.Moved)

    class Chosen(Moved):
        """Enter or a double click on the row under the cursor."""

        def can_replace(self, message: Message) -> bool:
            return False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.cursor = 0
        self._strips: LRUCache[Hashable, Strip] = LRUCache(1024)

    # For subclasses

    def row_total(self) -> int:
        raise NotImplementedError

    def row_key(self, row: int) -> Hashable:
        raise NotImplementedError

    def paint_row(self, row: int, width: int) -> Paint:
        raise NotImplementedError

    def paint_head(self, width: int) -> Paint:
        raise NotImplementedError

    def paint_blank(self, width: int) -> Paint:
        """A line behind the last row."""
        return []

    # Drawing

    @property
    def cursor_shown(self) -> bool:
        """Whether the row under the cursor stands out."""
        return True

    @property
    def rows_shown(self) -> int:
        """Rows that fit on the screen."""
        return max(1, self.scrollable_content_region.height - 1)

    @property
    def line_width(self) -> int:
        """Cells of a line."""
        return self.scrollable_content_region.width

    def render_line(self, y: int) -> Strip:
        width = self.line_width
        row = self.scroll_offset.y + y - 1
        if y == 0:
            return self.paint_strip(self.paint_head(width), width, "head")
        if row >= self.row_total():
            return self.paint_strip(self.paint_blank(width), width)
        at_cursor = row == self.cursor and self.cursor_shown
        key = (self.row_key(row), at_cursor, width)
        strip = self._strips.get(key)
        if strip is None:
            painted = self.paint_row(row, width)
            strip = self.paint_strip(painted, width, "cursor" if at_cursor else "")
            self._strips[key] = strip
        return strip

    def forget_styles(self) -> None:
        super().forget_styles()
        self._strips = LRUCache(1024)

    def redraw(self) -> None:
        """Draw all lines anew: their rows mean something else now."""
        self._strips.clear()
        self.rows_changed()

    def rows_changed(self, from_row: int = 0) -> None:
        """There are more or fewer rows from `from_row` on; 0 draws the heading anew too."""
        size = Size(self.line_width, self.row_total() + 1)
        self.cursor = max(0, min(self.cursor, self.row_total() - 1))
        if size != self.virtual_size:
            height = self.styles.height
            if height is not None and height.is_auto:
                self.virtual_size = size
            else:
                # Setting it lays out the whole screen anew (20 ms). The bar at the side is always
                # there, so that nothing but its thumb depends on how many rows there are.
                self.set_reactive(Widget.virtual_size, size)  # type: ignore[arg-type]
                self._scroll_update(size)
        top = max(0, from_row + 1 - self.scroll_offset.y) if from_row else 0
        self.refresh(Region(0, top, self.size.width, max(0, self.size.height - top)))

    def refresh_row(self, row: int) -> None:
        """Draw one row anew if it is on the screen."""
        y = row + 1 - self.scroll_offset.y
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def refresh_head(self) -> None:
        """Draw the heading anew."""
        self.refresh(Region(0, 0, self.size.width, 1))

    def on_resize(self, _event: events.Resize) -> None:
        self.redraw()
        self.keep_in_sight()

    # Moving

    def move_to(self, row: int, *, tell: bool = True) -> None:
        """Put the cursor on a row and bring it into sight."""
        total = self.row_total()
        if not total:
            return
        old, self.cursor = self.cursor, max(0, min(row, total - 1))
        if old != self.cursor:
            self.refresh_row(old)
            self.refresh_row(self.cursor)
        self.keep_in_sight()
        if tell and old != self.cursor:
            self.post_message(self.Moved(self))

    def keep_in_sight(self) -> None:
        """Scroll no further than it takes to see the cursor."""
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_rows_to(self.cursor)
        elif self.cursor >= top + self.rows_shown:
            self.scroll_rows_to(self.cursor - self.rows_shown + 1)

    def scroll_rows_to(self, top: int) -> None:
        """Make `top` the first row on the screen, at once."""
        self.scroll_to(y=top, animate=False, immediate=True, force=True)

    def action_move(self, step: int) -> None:
        self.move_to(self.cursor + step)

    def action_page(self, pages: float) -> None:
        step = int(pages * self.rows_shown)
        top = self.scroll_offset.y + step
        self.scroll_rows_to(max(0, min(top, self.row_total() - self.rows_shown)))
        self.move_to(self.cursor + step)

    def action_go(self, row: int) -> None:
        self.move_to(row if row >= 0 else self.row_total() - 1)

    # Mouse

    def row_at(self, y: int) -> int | None:
        """The row drawn at line `y` of the widget."""
        row = self.scroll_offset.y + y - 1
        return row if y > 0 and row < self.row_total() else None

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, 3)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -3)

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        event.stop()
        event.prevent_default()
        top = self.scroll_offset.y + step
        self.scroll_rows_to(max(0, min(top, self.row_total() - self.rows_shown)))

    def on_click(self, event: events.Click) -> None:
        row = self.row_at(event.y)
        if row is None:
            return
        self.move_to(row)
        if event.chain == 2:
            self.post_message(self.Chosen(self))

    def action_choose(self) -> None:
        if self.row_total():
            self.post_message(self.Chosen(self))
