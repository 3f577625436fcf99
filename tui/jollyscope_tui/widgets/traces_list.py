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
from jollyscope_tui.widgets.sheet_list import SheetList

__all__ = ["TracesList"]


class TracesList(SheetList):
    """Traces, or sessions with the traces of the unfolded ones below them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open"),
        Binding("space", "mark", "Mark", show=False),
        Binding("right", "fold(True)", "Unfold the session", show=False),
        Binding("left", "fold(False)", "Fold the session", show=False),
    ]

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

    class Marked(Message):
        """Other rows are marked now."""

    def __init__(
        self, *, now: Callable[[], int] = time_ns, tz: tzinfo | None = None, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.now = now
        self.tz = tz
        self.columns: tuple[str, ...] = USUAL
        self.marks: dict[str, None] = {}
        """Ids of the traces that are marked, in the order they were."""
        self.labels: dict[str, list[str]] = {}
        self._look = Look(0, tz)

    def changed(self) -> None:
        """Draw all anew: rows, marks, labels or columns are others."""
        now = self.now()
        longest = max((ends_at(row, now) for row in self.sheet.held()), default=0.0)
        self._look = Look(now, self.tz, longest, self.labels)
        super().changed()

    def grow(self) -> None:
        """Time has passed: what is running has taken longer."""
        if any(row.state == "open" for row in self.sheet.held()):
            self.changed()

    def set_marks(self, marks: Iterable[str]) -> None:
        """Mark these traces and no others."""
        self.marks = dict.fromkeys(marks)
        self.redraw()
        self.post_message(self.Marked())

    # Drawing

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

    # Keys and the mouse

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
