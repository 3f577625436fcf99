"""Rows of a sheet on the screen: what is near it is asked for, and stays put as rows come and go."""

from __future__ import annotations

from textual.message import Message

from jollyscope_tui.sources.lists import Order, Row
from jollyscope_tui.widgets.folds import Folds, Inside, Line
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.sheet import Gap, Sheet

__all__ = ["SheetList"]

PREFETCH = 100
"""Rows are asked for when fewer than this are held before or behind the screen."""


class SheetList(LineList):
    """A list of any length. Subclasses draw it (`changed` is when all is to be drawn anew)."""

    class RowsWanted(Message):
        """Rows near the screen are not held."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, SheetList.RowsWanted)

    class AtTop(Message):
        """The list is at its top again, where new rows are seen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.folds = Folds(Sheet(total=0))
        self.order = Order()
        self.unseen = 0
        """Rows that came in above the screen since it was last at the top."""
        self._to_end = False

    @property
    def sheet(self) -> Sheet:
        """The rows."""
        return self.folds.sheet

    @property
    def line(self) -> Line:
        """What the cursor stands on."""
        return self.folds.at(self.cursor)

    @property
    def selected(self) -> Row | None:
        """The row under the cursor; None where it is not loaded."""
        return self.line.row

    def row_total(self) -> int:
        return self.folds.total

    # Rows come and change

    def show_sheet(
        self, sheet: Sheet, insides: dict[str, Inside], shift: int | None = None
    ) -> None:
        """Show these rows; the cursor stays on its row and the screen on its rows, or go `shift`
        rows on where they are no longer held. None begins at the top.
        """
        old, top = self.folds, self.scroll_offset.y
        chosen, first = self.selected, old.at(top)
        below = self.cursor - top
        self.folds = Folds(sheet)
        self.folds.open = insides
        self.folds.settle()
        if shift is None:
            self.cursor, self.unseen = 0, 0
            self.changed()
            self.scroll_rows_to(0)
            return
        found = self.folds.find(chosen) if chosen is not None else None
        self.cursor = self.cursor + shift if found is None else found
        self.changed()
        # At the very top new rows come into sight; further down nothing on the screen moves.
        if top:
            seen = self.folds.find(first.row) if first.row is not None else None
            stays = 0 <= below < self.rows_shown
            self.scroll_rows_to(max(0, self.cursor - below if stays else seen or top + shift))
        self.unseen = self.unseen + max(0, shift) if self.scroll_offset.y else 0
        if 0 <= below < self.rows_shown:
            self.keep_in_sight()

    def put(self, start: int, rows: list[Row]) -> None:
        """A further page."""
        self.sheet.put(start, rows)
        self.folds.settle()
        self.changed()

    def set_total(self, total: int) -> None:
        """How many rows there are became known."""
        self.sheet.end(total)
        self.folds.settle()
        self.changed()
        if self._to_end:
            self._to_end = False
            self.move_to(self.row_total() - 1)

    def set_inside(self, session_id: str, inside: Inside | None) -> None:
        """Unfold a session, or fold it."""
        if inside is None:
            self.folds.open.pop(session_id, None)
        else:
            self.folds.open[session_id] = inside
        self.folds.settle()
        self.changed()

    def changed(self) -> None:
        """Draw all anew."""
        self.redraw()
        self.ask()

    # What is to be read

    def gap(self) -> Gap | None:
        """The rows to ask for next, those on the screen first."""
        top = self.scroll_offset.y
        first = self.folds.at(top).place
        last = self.folds.at(min(top + self.rows_shown, max(0, self.row_total() - 1))).place + 1
        near = self.sheet.gap(first, last, self.order)
        return near or self.sheet.gap(first - PREFETCH, last + PREFETCH, self.order)

    def ask(self) -> None:
        """Have rows read that the screen is near."""
        if self.gap() is not None:
            self.post_message(self.RowsWanted())

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not new_value and self.unseen:
            self.unseen = 0
            self.post_message(self.AtTop())
        self.ask()

    def action_go(self, row: int) -> None:
        self._to_end = row < 0 and not self.sheet.exact
        super().action_go(row)
