"""The table of parts and how each is."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from jollyscope.backend.watching import Watched
from jollyscope_tui.widgets.cells import Paint
from jollyscope_tui.widgets.health_paint import paint_health, paint_titles
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.text_pane import TextPane

__all__ = ["HealthDetail", "HealthList"]


class HealthList(LineList):
    """One row a part; the cursor stays on its part."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[Watched] = ()
        self._now = 0

    def show(self, rows: Sequence[Watched], now: int) -> None:
        """Show these parts, as of `now` (Unix ns)."""
        chosen = self.selected
        names = [row.health.name for row in rows]
        self.rows, self._now = rows, now
        if chosen is not None and chosen.health.name in names:
            self.cursor = names.index(chosen.health.name)
        self.redraw()

    @property
    def selected(self) -> Watched | None:
        """The part under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def row_total(self) -> int:
        return len(self.rows)

    def row_key(self, row: int) -> Hashable:
        return row

    def paint_head(self, width: int) -> Paint:
        return paint_titles(width)

    def paint_row(self, row: int, width: int) -> Paint:
        return paint_health(self.rows[row], width, self._now, cursor=row == self.cursor)


class HealthDetail(TextPane, inherit_bindings=False):
    """What is known of the part under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("pageup,ctrl+b", "page_up", "Page up", show=False),
        Binding("pagedown,space,ctrl+f", "page_down", "Page down", show=False),
        Binding("g,home", "scroll_home", "First line", show=False),
        Binding("G,end", "scroll_end", "Last line", show=False),
    ]
