"""The list of executions or sessions, of any number: what is on the screen is asked for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import tzinfo
from time import time_ns
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from jollyscope.query.listing import SessionRow, TraceRow
from jollyscope_tui.sources.lists import Order, Row
from jollyscope_tui.widgets.cells import Paint, fit, fit_right
from jollyscope_tui.widgets.column_paint import Look, ends_at
from jollyscope_tui.widgets.columns import EDGE, USUAL, layout, paint_line
from jollyscope_tui.widgets.folds import Folds, Inside, Line
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.sheet import Gap, Sheet

__all__ = ["TracesList"]

PREFETCH = 100
"""Rows are asked for when fewer than this are held before or behind the screen."""


class TracesList(LineList):
    """Shows the rows of a `Sheet`, and the traces of unfolded sessions below them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open"),
        Binding("space", "mark", "Mark", show=False),
        Binding("right", "fold(True)", "Unfold the session", show=False),
        Binding("left", "fold(False)", "Fold the session", show=False),
    ]

    class RowsWanted(Message):
        """Rows near the screen are not held."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TracesList.RowsWanted)

    class InsideWanted(Message):
        """A session is to be unfolded, or shown more of."""

        def __init__(self, session_id: str) -> None:
            super().__init__()
            self.session_id = session_id

    class OrderAsked(Message):
        """A click asks for another order."""

        def __init__(self, order: Order) -> None:
            super().__init__()
            self.order = order

    class Scrolled(Message):
        """The list is at its top again."""

    class Marked(Message):
        """Other rows are marked now."""

    def __init__(
        self, *, now: Callable[[], int] = time_ns, tz: tzinfo | None = None, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.now = now
        self.tz = tz
        self.folds = Folds(Sheet(total=0))
        self.order = Order()
        self.columns = USUAL
        self.marks: dict[str, None] = {}
        """Ids of the traces that are marked, in the order they were."""
        self.labels: dict[str, list[str]] = {}
        self.unseen = 0
        """Rows that came in above the screen since it was last at the top."""
        self._to_end = False
        self._look = Look(0, tz)

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
        """Draw all anew: rows, marks, labels or columns are others."""
        now = self.now()
        longest = max((ends_at(row, now) for row in self.sheet.held()), default=0.0)
        self._look = Look(now, self.tz, longest, self.labels)
        self.redraw()
        self.ask()

    def set_marks(self, marks: Iterable[str]) -> None:
        """Mark these traces and no others."""
        self.marks = dict.fromkeys(marks)
        self.redraw()
        self.post_message(self.Marked())

    # Drawing

    def row_total(self) -> int:
        return self.folds.total

    def row_key(self, row: int) -> Hashable:
        return row

    def paint_row(self, row: int, width: int) -> Paint:
        line = self.folds.at(row)
        cursor = "▌" if row == self.cursor else " "
        if line.row is None:
            said = "    … more: Enter shows them" if line.more else "  ·"
            return [(cursor, "strong"), (said, "muted")]
        look = self._look._replace(inner=True) if line.inner else self._look
        edge = cursor + self._sign(line.row)
        return paint_line(line.row, width - 1, look, self.columns, edge=edge)

    def _sign(self, row: Row) -> str:
        if isinstance(row, SessionRow):
            return "▾" if row.session_id in self.folds.open else "▸"
        return "✓" if row.trace_id in self.marks else " "

    def paint_head(self, width: int) -> Paint:
        paint: Paint = [(" " * EDGE, "")]
        for column, cells in layout(width - EDGE, self.columns):
            sorted_by = column.title and column.sort == self.order.column
            sign = ("▼" if self.order.descending else "▲") if sorted_by else ""
            place = fit_right if column.right else fit
            paint.append((place(column.title + sign, cells), "strong" if sorted_by else "title"))
            paint.append((" ", ""))
        return paint

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
            self.post_message(self.Scrolled())
        self.ask()

    # Keys and the mouse

    def action_go(self, row: int) -> None:
        self._to_end = row < 0 and not self.sheet.exact
        super().action_go(row)

    def action_mark(self) -> None:
        row = self.selected
        if isinstance(row, SessionRow):
            self.action_fold(row.session_id not in self.folds.open)
            return
        if row is not None:
            others = [trace for trace in self.marks if trace != row.trace_id]
            self.set_marks(others if row.trace_id in self.marks else [*others, row.trace_id])
        self.move_to(self.cursor + 1)

    def action_fold(self, unfold: bool) -> None:
        line = self.line
        owner = self.sheet.get(line.place)
        if not isinstance(owner, SessionRow):
            return
        if unfold and owner.session_id not in self.folds.open:
            self.post_message(self.InsideWanted(owner.session_id))
        elif not unfold:
            self.set_inside(owner.session_id, None)
            self.move_to(self.folds.line_of(line.place))

    def action_choose(self) -> None:
        line = self.line
        owner = self.sheet.get(line.place)
        if line.more and isinstance(owner, SessionRow):
            self.post_message(self.InsideWanted(owner.session_id))
        elif isinstance(line.row, SessionRow):
            self.action_fold(line.row.session_id not in self.folds.open)
        elif isinstance(line.row, TraceRow):
            self.post_message(self.Chosen(self))

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()
        if event.y == 0:
            self._sort_at(event.x)
            return
        row = self.row_at(event.y)
        if row is None:
            return
        self.move_to(row)
        if event.x == 1 or event.ctrl:
            self.action_mark()
        elif event.chain == 2:
            self.action_choose()

    def _sort_at(self, x: int) -> None:
        at = EDGE
        for column, cells in layout(self.line_width - EDGE, self.columns):
            if at <= x < at + cells and column.sort:
                again = column.sort == self.order.column
                down = not self.order.descending if again else True
                self.post_message(self.OrderAsked(Order(column.sort, down)))
            at += cells + 1
