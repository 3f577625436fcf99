"""A trace under the fingers: folding, filtering, jumping, searching, zooming, by key and mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from jollyscope_tui.widgets.outline import Mode
from jollyscope_tui.widgets.row_paint import ARROW_CELLS, arrow_column
from jollyscope_tui.widgets.rows import RowModel
from jollyscope_tui.widgets.trace_lines import TraceLines

__all__ = ["TraceView"]


class TraceView(TraceLines):
    """The central widget: `TraceLines` with its keys and its mouse."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Detail"),
        Binding("space", "fold", "Fold"),
        Binding("right,l", "right", "Unfold, then first child", show=False),
        Binding("left,h", "left", "Fold, then parent", show=False),
        Binding("plus,equals_sign", "level(1)", "Unfold a level", show=False),
        Binding("minus", "level(-1)", "Fold a level", show=False),
        Binding("asterisk", "all(True)", "Unfold all", show=False),
        Binding("underscore", "all(False)", "Fold all", show=False),
        Binding("s", "mode('steps')", "Steps"),
        Binding("x", "mode('errors')", "Errors"),
        Binding("right_square_bracket", "error(1)", "Next error", show=False),
        Binding("left_square_bracket", "error(-1)", "Previous error", show=False),
        Binding("p", "parent", "Parent", show=False),
        Binding("J", "sibling(1)", "Next sibling", show=False),
        Binding("K", "sibling(-1)", "Previous sibling", show=False),
        Binding("slash", "find", "Find"),
        Binding("n", "search(1)", "Next match", show=False),
        Binding("N", "search(-1)", "Previous match", show=False),
        Binding("z", "zoom", "Zoom"),
        Binding("Z", "unzoom", "Whole time", show=False),
        Binding("less_than_sign,comma", "split(-4)", "Divider left", show=False),
        Binding("greater_than_sign,full_stop", "split(4)", "Divider right", show=False),
    ]

    class FindAsked(Message):
        """`/`: someone wants to type what to look for."""

    class Said(Message):
        """A short answer to a key, such as that there are no more errors."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    _dragging = False

    # Folding and modes

    def _rows_after(self, change: bool) -> None:
        if change:
            self.rows_changed(self.cursor)
            self.refresh_head()

    def action_fold(self) -> None:
        if self.model and len(self.model):
            self._rows_after(self.model.toggle(self.cursor))

    def action_right(self) -> None:
        if not self.model or not len(self.model):
            return
        if self.model.unfold(self.cursor):
            self._rows_after(True)
        elif self.model.below(self.cursor):
            self.action_move(1)

    def action_left(self) -> None:
        if not self.model or not len(self.model):
            return
        if self.model.fold(self.cursor):
            self._rows_after(True)
        else:
            self.action_parent()

    def _rearrange(self, change: Callable[[RowModel], bool | None]) -> bool:
        """Change many rows at once, the cursor staying on its node or on what now hides it."""
        if not self.model or not len(self.model):
            return False
        node, offset = self.model.node(self.cursor), self.cursor - self.scroll_offset.y
        if change(self.model) is False:
            return False
        self.cursor = self.model.nearest(node)
        self.rows_changed()
        self.scroll_rows_to(max(0, self.cursor - offset))
        self.keep_in_sight()
        self.post_message(self.Moved(self))
        return True

    def action_level(self, step: int) -> None:
        self._rearrange(lambda m: m.unfold_level() if step > 0 else m.fold_level())

    def action_all(self, opened: bool) -> None:
        self._rearrange(lambda m: m.fold_all(opened=opened))

    def action_mode(self, mode: Mode) -> None:
        if self.model is None:
            return
        wanted: Mode = "all" if self.model.mode == mode else mode
        self._strips.clear()
        if not self._rearrange(lambda m: m.set_mode(wanted)):
            self.post_message(self.Said(f"No {mode} in this trace."))

    # Jumps and search

    def _jump(self, row: int | None, otherwise: str) -> None:
        """Go to a row that may have been revealed just now."""
        if row is None:
            self.post_message(self.Said(otherwise))
            return
        if len(self.model or ()) + 1 != self.virtual_size.height:
            self.rows_changed()
            self.refresh_head()
        self.move_to(row, tell=False)
        self.post_message(self.Moved(self))

    def action_error(self, step: int) -> None:
        if self.model and len(self.model):
            self._jump(self.model.error(self.cursor, step), "No errors in this trace.")

    def action_parent(self) -> None:
        if self.model and len(self.model):
            self._jump(self.model.parent(self.cursor), "This is a root.")

    def action_sibling(self, step: int) -> None:
        if self.model and len(self.model):
            way = "next" if step > 0 else "previous"
            self._jump(self.model.sibling(self.cursor, step), f"No {way} sibling.")

    def action_find(self) -> None:
        self.post_message(self.FindAsked())

    def action_search(self, step: int) -> None:
        if not self.needle:
            self.action_find()
        elif self.model and len(self.model):
            found = self.model.search(self.needle, self.cursor, step)
            self._jump(found, f"Nothing matches “{self.needle}”.")

    def find(self, needle: str, origin: int) -> bool:
        """Look for `needle` from node `origin` on, as it is typed; empty ends the search."""
        if not self.model or not len(self.model):
            return False
        self.needle = needle
        count = self.model.outline.count(needle) if needle else 0
        self.matches = f"{count:,}{'+' if count >= 10_000 else ''} found" if count else "not found"
        start = self.model.nearest(origin)
        row = self.model.search(needle, start, 1, here=True) if count else None
        self.redraw()
        self._jump(start if row is None else row, "")
        return row is not None

    def forget_search(self) -> None:
        """End the search; the cursor stays."""
        self.needle = ""
        self.redraw()

    # Time

    def action_zoom(self) -> None:
        node = self.selected
        if node is not None:
            self._zoom_to(node.span_id)

    def action_unzoom(self) -> None:
        self._zoom_to(None)

    def _zoom_to(self, span_id: str | None) -> None:
        self.zoomed = span_id
        self.set_time()
        self.redraw()

    # The divider

    def action_split(self, cells: int) -> None:
        self._split_at(self.divider + cells)

    def _split_at(self, column: int) -> None:
        self.share = (max(0, column) + 0.5) / max(1, self.line_width)
        self.redraw()

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

    def on_click(self, event: events.Click) -> None:
        row = self.row_at(event.y)
        if row is None or self.model is None or event.x == self.divider:
            event.prevent_default()
            return
        arrow = arrow_column(self.model.depth(row), self.divider)
        if arrow <= event.x < arrow + ARROW_CELLS and self.model.below(row):
            event.prevent_default()
            self.move_to(row)
            self.action_fold()
