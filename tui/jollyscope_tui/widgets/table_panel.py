"""One table of sums of the dashboard."""

from __future__ import annotations

from collections.abc import Hashable

from jollyscope.query.groups import GroupRow
from jollyscope_tui.widgets.cells import Paint, fit, fit_right
from jollyscope_tui.widgets.panels import Column, Table
from jollyscope_tui.widgets.row_panel import RowPanel

__all__ = ["TablePanel"]

_KEY = 16
"""Cells of the key at least."""
_BAR = 8
_LEFT = " ▏▎▍▌▋▊▉█"


class TablePanel(RowPanel[GroupRow]):
    """Draws a `Table`'s rows. Enter asks for the traces behind one."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.table = table
        self._more = False

    def show(self, rows: list[GroupRow], *, more: bool) -> None:
        """Show these; the cursor stays on its row's key. `more`: the store has further ones."""
        self._more = more
        self.put(rows)

    def about(self, row: GroupRow) -> Hashable:
        return row.key

    @property
    def key(self) -> str | None:
        """What the row under the cursor is the sum of."""
        return self.selected.key if self.selected else None

    def paint_head(self, width: int) -> Paint:
        said = f"{'▸' if self.has_focus else ' '}{self.table.title}"
        said += f" · first {len(self.rows)}" if self._more else ""
        key, kept, _bar = self._layout(width)
        paint: Paint = [(fit(said, key), "tab" if self.has_focus else "title")]
        return paint + [(" " + fit_right(name, cells), "muted") for name, cells, _text in kept]

    def paint_row(self, row: int, width: int) -> Paint:
        shown = self.rows[row]
        key, kept, bar = self._layout(width)
        here = row == self.cursor and self.has_focus
        name = shown.key if shown.key is not None else "-"
        failed = shown.error_count > 0
        paint: Paint = [("▌" if here else " ", "strong"), (fit(name, key - 1), "text")]
        for title, cells, text in kept:
            style = "error" if title == "failed" and failed else "text"
            paint.append((" " + fit_right(text(shown), cells), style))
        if bar:
            paint.append((" " + self._bar(shown), "muted"))
        return paint

    def paint_blank(self, width: int) -> Paint:
        return [(" none", "muted")] if not self.rows else []

    def _bar(self, row: GroupRow) -> str:
        top = max((self.table.bar(other) for other in self.rows), default=0.0)
        value = self.table.bar(row)
        eighths = max(1, round(value / top * _BAR * 8)) if top and value else 0
        return fit("█" * (eighths // 8) + (_LEFT[eighths % 8] if eighths % 8 else ""), _BAR)

    def _layout(self, width: int) -> tuple[int, list[Column], bool]:
        """Cells of the key, the columns that fit, and whether a bar does: the first first."""
        kept: list[Column] = []
        room = width - _KEY
        for column in self.table.columns:
            if column[1] + 1 > room:
                break
            kept.append(column)
            room -= column[1] + 1
        bar = room > _BAR
        room -= _BAR + 1 if bar else 0
        return _KEY + room, kept, bar
