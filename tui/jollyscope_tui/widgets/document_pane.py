"""A document on the screen: a cursor on its lines, folds, search; rows are made as time allows."""

from __future__ import annotations

from time import perf_counter
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from jollyscope_tui.navigation import CopyAsked
from jollyscope_tui.widgets.document import Document, Folds, Line, note
from jollyscope_tui.widgets.json_lines import written
from jollyscope_tui.widgets.page import Page, Row, marked
from jollyscope_tui.widgets.palette import PAINT_CLASSES, Palette

__all__ = ["DocumentPane"]

AT_ONCE = 0.012
"""Seconds of work before the screen is drawn: a key must be answered within 0.05."""

TELL_EVERY = 0.1
"""Seconds between two times that the scrollbar is told how many rows are made: each lays it out anew."""

SLICE = 0.006
"""Seconds of work between two looks at what else is to do."""


class DocumentPane(  # pyright: ignore[reportIncompatibleMethodOverride] ScrollView.scroll_to, not ours
    ScrollView, Palette, can_focus=True, inherit_bindings=False
):
    """Shows a document. What was shown stays until enough of the next is made to fill the screen."""

    COMPONENT_CLASSES = PAINT_CLASSES
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "fold", "Unfold", key_display="⏎"),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False),
        Binding("g,home", "go(0)", "First line", show=False),
        Binding("G,end", "go(-1)", "Last line", show=False),
        Binding("asterisk,plus", "fold_all(True)", "Unfold all", show=False),
        Binding("underscore,minus", "fold_all(False)", "Fold all", show=False),
        Binding("c", "copy_value", "Copy the value", show=False),
        Binding("slash", "find", "Find, filter"),
        Binding("n", "again(1)", "Next match", show=False),
        Binding("N", "again(-1)", "Previous match", show=False),
    ]

    class FindAsked(Message):
        """Someone wants to type what to look for."""

    class Lost(Message):
        """What was looked for is not there."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = 0
        self.needle = ""
        self._document = note("")
        self._folds = Folds()
        self._page = Page(self._document, self._folds, 0)
        self._next: Page | None = None
        self._place = 0
        self._seek = ""
        """The key of the fold whose line is to be stood on, instead of `_place`."""
        self._told = 0.0
        self._to_end = False
        self._timer: Timer | None = None

    # What is shown

    def show(self, document: Document, folds: Folds, *, keep_place: bool = False) -> None:
        """Show this instead, from the top unless `keep_place`."""
        self._document, self._folds = document, folds
        if not keep_place:
            self._to_end = False
            self.needle = ""
        self._begin(self.cursor if keep_place else 0)

    @property
    def busy(self) -> bool:
        """Whether rows are still to be made."""
        return self._next is not None or not self._page.done

    @property
    def rows(self) -> list[Row]:
        """The rows made so far."""
        return self._page.rows

    @property
    def line(self) -> Line | None:
        """The line under the cursor."""
        return self.rows[self.cursor].line if self.cursor < len(self.rows) else None

    @property
    def line_width(self) -> int:
        """Cells of a row: one at its left is the cursor's mark, one at its right is bare."""
        return max(0, self.scrollable_content_region.width - 2)

    def _begin(self, place: int, seek: str = "") -> None:
        width = self.line_width
        # Before the first layout there is no width: what is drawn then would flash by, torn.
        if not width:
            return
        self._place, self._seek = place, seek
        self._next = Page(self._document, self._folds, width)
        self._work(AT_ONCE)

    def _work(self, seconds: float) -> None:
        self._timer = None
        if self._next is None:
            self._page.make(seconds)
        else:
            self._next.make(seconds, None if self._seek else self._enough)
            if self._seek and (found := self._next.fold_row(self._seek)) is not None:
                self._place, self._seek = found, ""
            if self._next.done or (not self._seek and len(self._next.rows) >= self._enough):
                self._swap()
        if not self.busy or perf_counter() > self._told + TELL_EVERY:
            self._resized()
        if self.busy and self.is_attached:
            self._timer = self.set_timer(0.004, lambda: self._work(SLICE))
        elif self._to_end:
            self._to_end = False
            self._stand(len(self.rows) - 1)

    @property
    def _enough(self) -> int:
        """Rows that fill the screen from the place to stand on."""
        return self._place + self.size.height + 1

    def _swap(self) -> None:
        """Show what is made of the next page."""
        if self._next is not None:
            self._page, self._next = self._next, None
            self._resized()
            self._stand(self._place)
            self.refresh()

    def _resized(self) -> None:
        self._told = perf_counter()
        size = Size(self._page.width, len(self._page.rows))
        if size != self.virtual_size:
            self.virtual_size = size

    def on_resize(self, _event: events.Resize) -> None:
        if self.line_width != (self._next or self._page).width:
            self._begin(self.cursor)

    def render_line(self, y: int) -> Strip:
        at = self.scroll_offset.y + y
        width = self.scrollable_content_region.width
        rows = self._page.rows
        paint = rows[at].paint if at < len(rows) else []
        at_cursor = at == self.cursor and self.has_focus and bool(rows)
        lead = ("▌" if at_cursor else " ", "strong")
        shown = [lead, *marked(paint, self.needle)]
        return self.paint_strip(shown, width, "cursor" if at_cursor else "")

    # Moving

    def _stand(self, row: int) -> None:
        """Put the cursor on a row and bring it into sight."""
        old, self.cursor = self.cursor, max(0, min(row, len(self.rows) - 1))
        height = max(1, self.scrollable_content_region.height)
        top = self.scroll_offset.y
        wanted = min(self.cursor, max(top, self.cursor - height + 1))
        wanted = max(0, min(wanted, len(self.rows) - height))
        if wanted != top:
            self.scroll_to(y=wanted, animate=False, immediate=True, force=True)
        if old != self.cursor:
            self.refresh()

    def on_focus(self, _event: events.Focus) -> None:
        self.refresh()

    def on_blur(self, _event: events.Blur) -> None:
        self.refresh()

    def action_move(self, step: int) -> None:
        self._stand(self.cursor + step)

    def action_page(self, pages: float) -> None:
        self._stand(self.cursor + int(pages * max(1, self.scrollable_content_region.height)))

    def action_go(self, row: int) -> None:
        # The end may not be made yet: the cursor goes there when it is.
        self._to_end = row < 0 and self.busy
        self._stand(row if row >= 0 else len(self.rows) - 1)

    # Folding

    def action_fold(self) -> None:
        line = self.line
        if line is not None and line.fold:
            self._toggle(line)
        else:
            self.action_page(1)

    def _toggle(self, line: Line) -> None:
        signs = "".join(text for text, style in line.paint if style == "fold")
        # The end of what was unfolded leads back to where it is folded.
        is_end = signs.startswith("▴")
        self._folds.set(line.fold, not is_end and "▾" not in signs)
        first = next(at for at, row in enumerate(self.rows) if row.line is line)
        self._begin(first, line.fold if is_end else "")

    def action_fold_all(self, is_open: bool) -> None:
        self._folds.set_all(is_open)
        self._begin(0)

    def action_copy_value(self) -> None:
        line = self.line
        if line is not None:
            value = line.text.strip() if line.value is None else written(line.value)
            self.post_message(CopyAsked(value, "the value"))

    # Searching

    def action_find(self) -> None:
        self.post_message(self.FindAsked())

    def find(self, text: str, *, start: int | None = None) -> None:
        """Go to the first row from `start` on (else from the cursor) that has the text, and mark it."""
        self.needle = text.casefold()
        if self.needle and self.rows:
            found = self._page.find(self.needle, (self.cursor if start is None else start) - 1, 1)
            if found is not None:
                self._stand(found)
        self.refresh()

    def action_again(self, step: int) -> None:
        found = self._page.find(self.needle, self.cursor, step) if self.needle else None
        if found is not None:
            self._stand(found)
        elif self.needle:
            self.post_message(self.Lost(self.needle))

    # Mouse

    def on_click(self, event: events.Click) -> None:
        at = self.scroll_offset.y + event.y - self.gutter.top
        if not 0 <= at < len(self.rows):
            return
        self._stand(at)
        row = self.rows[at]
        if row.line.fold and (
            event.chain == 2 or self._on_sign(row, event.x - self.gutter.left - 1)
        ):
            self._toggle(row.line)

    def _on_sign(self, row: Row, x: int) -> bool:
        at = 0
        for text, style in row.paint:
            at += cell_len(text)
            if x < at:
                return style == "fold"
        return False
