"""A panel of the dashboard that lists rows: its cursor is there while it has the focus."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar, Generic, TypeVar

from textual.binding import Binding, BindingType

from jollyscope_tui.widgets.line_list import LineList

__all__ = ["RowPanel"]

Row = TypeVar("Row")


class RowPanel(LineList, Generic[Row]):
    """Subclasses draw the rows and say what one is about (`about`), however its numbers change."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Traces behind it")]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, classes="panel")
        self.rows: list[Row] = []

    def about(self, row: Row) -> Hashable:
        """What stays the same of a row while it is shown."""
        raise NotImplementedError

    def put(self, rows: list[Row]) -> None:
        """Show these; the cursor stays on what it was on."""
        chosen = self.selected
        self.rows = rows
        if chosen is not None:
            was = self.about(chosen)
            here = (at for at, row in enumerate(rows) if self.about(row) == was)
            self.cursor = next(here, self.cursor)
        self.redraw()

    @property
    def selected(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    @property
    def cursor_shown(self) -> bool:
        return self.has_focus

    def row_total(self) -> int:
        return len(self.rows)

    def row_key(self, row: int) -> Hashable:
        return row, self.rows[row], self.has_focus

    def on_focus(self) -> None:
        self.redraw()

    def on_blur(self) -> None:
        self.redraw()
