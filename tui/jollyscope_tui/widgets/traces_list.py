"""The list of executions, of any number: pages arrive as the cursor nears their end."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import tzinfo
from time import time_ns
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from jollyscope.query.listing import TraceRow
from jollyscope_tui.sources.lists import Order
from jollyscope_tui.widgets.cells import Paint, fit, fit_right
from jollyscope_tui.widgets.columns import Look, ends_at, layout, paint_trace
from jollyscope_tui.widgets.line_list import LineList

__all__ = ["TracesList"]

PREFETCH = 100
"""More rows are asked for when fewer than this lie behind the last one on the screen."""


class TracesList(LineList):
    """Shows `TraceRow`s in the order given. `next` is the key of the page behind them, if any."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open"),
        Binding("o", "sort(1)", "Sort"),
        Binding("O", "reverse", "Reverse order", show=False),
    ]
    SORTS = ("start_time", "duration_ms", "cost_usd", "input_tokens", "step_count", "status")

    class MoreWanted(Message):
        """The end of what is loaded comes near."""

    class OrderAsked(Message):
        """A key or a click asks for another order."""

        def __init__(self, order: Order) -> None:
            super().__init__()
            self.order = order

    def __init__(
        self,
        *,
        now: Callable[[], int] = time_ns,
        tz: tzinfo | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.now = now
        self.tz = tz
        self.rows: list[TraceRow] = []
        self.next: tuple[Any, str] | None = None
        self.order = Order()
        self._look = Look(0, tz)

    @property
    def selected(self) -> TraceRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    # Rows come and change

    def show_rows(self, rows: list[TraceRow], following: tuple[Any, str] | None) -> None:
        """Show these instead; the cursor stays on its trace where that is still among them."""
        chosen = self.selected
        offset = self.cursor - self.scroll_offset.y
        at_top = self.scroll_offset.y == 0
        self.rows, self.next = rows, following
        if chosen is not None:
            here = (i for i, row in enumerate(rows) if row.trace_id == chosen.trace_id)
            self.cursor = next(here, self.cursor)
        self._changed()
        # At the very top new rows come into sight; further down nothing on the screen moves.
        if not at_top:
            self.scroll_rows_to(max(0, self.cursor - offset))
        self.keep_in_sight()

    def add_rows(self, rows: list[TraceRow], following: tuple[Any, str] | None) -> None:
        """A further page."""
        known = {row.trace_id for row in self.rows}
        self.rows += [row for row in rows if row.trace_id not in known]
        self.next = following
        self._changed()

    def _changed(self) -> None:
        now = self.now()
        longest = max((ends_at(row, now) for row in self.rows), default=0.0)
        self._look = Look(now, self.tz, longest)
        self.redraw()

    def row_total(self) -> int:
        return len(self.rows)

    def row_key(self, row: int) -> Hashable:
        return row

    def paint_row(self, row: int, width: int) -> Paint:
        return paint_trace(self.rows[row], width - 1, self._look, cursor=row == self.cursor)

    def paint_head(self, width: int) -> Paint:
        paint: Paint = [(" ", "")]
        for column, cells in layout(width - 1):
            sorted_by = column.title and column.sort == self.order.column
            sign = ("▼" if self.order.descending else "▲") if sorted_by else ""
            place = fit_right if column.right else fit
            paint.append((place(column.title + sign, cells), "strong" if sorted_by else "title"))
            paint.append((" ", ""))
        return paint

    # Nearing the end

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self.next is not None and new_value + self.rows_shown + PREFETCH > len(self.rows):
            self.post_message(self.MoreWanted())

    # Sorting

    def action_sort(self, step: int) -> None:
        names = self.SORTS
        at = names.index(self.order.column) if self.order.column in names else -1
        self.post_message(self.OrderAsked(Order(names[(at + step) % len(names)], True)))

    def action_reverse(self) -> None:
        self.post_message(self.OrderAsked(Order(self.order.column, not self.order.descending)))

    def on_click(self, event: events.Click) -> None:
        if event.y:
            return
        at = 1
        for column, cells in layout(self.line_width - 1):
            if at <= event.x < at + cells and column.sort:
                again = column.sort == self.order.column
                down = not self.order.descending if again else True
                self.post_message(self.OrderAsked(Order(column.sort, down)))
            at += cells + 1
