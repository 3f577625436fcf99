"""Records as they come, the newest at the bottom: it follows the end until one looks further up."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from datetime import tzinfo
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from jollyscope_tui.widgets.cells import Paint
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.tail_history import TailHistory
from jollyscope_tui.widgets.tail_paint import TailLook, paint_tail_head, paint_tail_row
from jollyscope_tui.widgets.tail_rows import TailRow

__all__ = ["TailList"]


class TailList(LineList):
    """Shows a `TailHistory`. While `paused` nothing on it changes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Open the trace")]

    def __init__(self, now: Callable[[], int], tz: tzinfo | None) -> None:
        super().__init__()
        self.history = TailHistory()
        self.paused = False
        self.unread = 0
        """Rows that came in below what is looked at, or while it is paused."""
        self.needle = ""
        self._now, self._tz = now, tz
        self._held: deque[TailRow] = deque(maxlen=self.history.kept)
        self.lost = 0
        """Records that came in while it was paused, and more than are kept."""

    @property
    def selected(self) -> TailRow | None:
        """The row under the cursor."""
        shown = self.history.shown
        return shown[self.cursor] if self.cursor < len(shown) else None

    @property
    def at_end(self) -> bool:
        """Whether the cursor stands on the newest row, and that is in sight."""
        last = self.row_total() - 1
        return self.cursor >= last and last < self.scroll_offset.y + self.rows_shown

    # Rows come

    def add(self, rows: Sequence[TailRow]) -> None:
        """Show these too, or keep them for later while it is paused."""
        if self.paused:
            self.lost += max(0, len(self._held) + len(rows) - self.history.kept)
            self._held.extend(rows)
            self.unread += sum(row.shown for row in rows)
            return
        followed, top = self.at_end, self.scroll_offset.y
        change = self.history.add(rows)
        if change.gone:
            self.cursor = max(0, self.cursor - change.gone)
        if not any(change):
            return
        self.rows_changed()
        if followed:
            self.action_go(-1)
            return
        if change.gone:
            self.scroll_rows_to(max(0, top - change.gone))
        self.unread += change.came

    def action_pause(self) -> None:
        """Hold still, or go on with what came meanwhile."""
        self.paused = not self.paused
        if not self.paused:
            held = list(self._held)
            self._held.clear()
            self.history.heard += self.lost
            self.history.dropped += self.lost
            self.unread, self.lost = 0, 0
            self.add(held)

    def choose(self) -> None:
        """The rows' `shown` says otherwise now; the cursor stays on its row, or at the end."""
        chosen, followed = self.selected, self.at_end
        self.history.choose()
        if chosen is not None and not followed:
            self.cursor = self.history.place(chosen)
        else:
            self.cursor = self.row_total() - 1
        self.unread = sum(row.shown for row in self._held)
        self.redraw()
        self.keep_in_sight()

    def everything(self) -> list[TailRow]:
        """All rows that are kept, whether on show or not."""
        return [*self.history.rows, *self._held]

    def clear(self) -> None:
        """Let go of all rows."""
        self.history = TailHistory()
        self._held.clear()
        self.cursor, self.unread, self.lost = 0, 0, 0
        self.redraw()

    # Looking

    def find(self, needle: str, step: int, *, here: bool = False) -> bool:
        """Go to the next (`step` 1) or previous row that says `needle` (casefolded), going round;
        `here` looks at this row first. Whether there is one.
        """
        total, shown = self.row_total(), self.history.shown
        first = 0 if here else 1
        for away in range(first, total + 1):
            row = (self.cursor + step * away) % total
            if shown[row].has(needle):
                self.move_to(row)
                return True
        return False

    def mark(self, needle: str) -> None:
        """Set off what is searched for."""
        self.needle = needle
        self.redraw()

    def tick(self) -> None:
        """A second is over: the times of steps that go on have grown."""
        if self.history.running and not self.paused:
            self.refresh()

    # Drawing

    def row_total(self) -> int:
        return len(self.history.shown)

    def row_key(self, row: int) -> Hashable:
        found = self.history.shown[row]
        grows = self._now() // 10**9 if found.running and not self.paused else 0
        return found.number, found.version, grows

    def paint_head(self, width: int) -> Paint:
        return paint_tail_head(width)

    def paint_row(self, row: int, width: int) -> Paint:
        look = TailLook(self._now(), self._tz, self.needle)
        return paint_tail_row(self.history.shown[row], width, look, cursor=row == self.cursor)

    # The end

    def move_to(self, row: int, *, tell: bool = True) -> None:
        super().move_to(row, tell=tell)
        if self.at_end and not self.paused and self.unread:
            self.unread = 0
            self.post_message(self.Moved(self))

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        super()._wheel(event, step)
        last = self.row_total() - 1
        if step > 0 and last < self.scroll_offset.y + self.rows_shown:
            self.move_to(last)
