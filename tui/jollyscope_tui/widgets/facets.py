"""What is in the result, beside the list: a value becomes a term of the filter."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.binding import Binding, BindingType

from jollyscope.model.format import count
from jollyscope.query.facets import Facet
from jollyscope.query.filter import has_term, term
from jollyscope_tui.navigation import TermAsked
from jollyscope_tui.widgets.cells import Paint, fit, fit_right
from jollyscope_tui.widgets.line_list import LineList

__all__ = ["FacetList"]

COUNT_CELLS = 6
BAR_CELLS = 5


class _Line(NamedTuple):
    """A field's name, one of its values, or that there are more."""

    field: str
    value: str | None = None
    number: int = 0
    most: int = 1
    more: bool = False


class FacetList(LineList):
    """Values by field with their counts. Enter asks for the term under the cursor, or drops it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "pick", "Add or drop the term"),
        Binding("escape", "screen.to_list", "Back to the list", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[_Line] = []
        self._filter = ""

    def show_facets(self, facets: Sequence[Facet], filter: str) -> None:
        """Show these; terms of `filter` are marked."""
        at = self._lines[self.cursor] if self.cursor < len(self._lines) else None
        self._filter = filter
        self._lines = [line for facet in facets if facet.values for line in _lines(facet)]
        same = (
            n
            for n, line in enumerate(self._lines)
            if at and (line.field, line.value) == (at.field, at.value)
        )
        self.cursor = next(same, min(1, len(self._lines)))
        self.redraw()
        self.keep_in_sight()

    def row_total(self) -> int:
        return len(self._lines)

    def row_key(self, row: int) -> Hashable:
        return row, self.has_focus

    def paint_head(self, width: int) -> Paint:
        return [(fit(" in these traces", width), "title")]

    def paint_row(self, row: int, width: int) -> Paint:
        line = self._lines[row]
        if line.more:
            return [(fit(f"   … more {line.field}s: type {line.field}:", width), "muted")]
        if line.value is None:
            return [(fit(f" {line.field}", width), "strong")]
        cursor = "▌" if row == self.cursor and self.has_focus else " "
        chosen = "●" if has_term(self._filter, term(line.field, line.value)) else " "
        eighths = max(1, round(line.number / line.most * BAR_CELLS * 8))
        bar = "█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8] if eighths % 8 else "")
        name = fit(line.value or '""', max(1, width - COUNT_CELLS - BAR_CELLS - 5))
        return [
            (cursor + chosen, "strong"),
            (f" {name} ", "text"),
            (fit(bar, BAR_CELLS), "muted"),
            (fit_right(count(line.number), COUNT_CELLS) + " ", "number"),
        ]

    def watch_has_focus(self, focused: bool) -> None:
        self.redraw()

    def action_pick(self) -> None:
        line = self._lines[self.cursor] if self._lines else None
        if line is not None and line.value is not None:
            self.post_message(TermAsked(term(line.field, line.value)))

    def on_click(self, event: events.Click) -> None:
        event.prevent_default()
        row = self.row_at(event.y)
        if row is not None:
            self.move_to(row)
            self.action_pick()


def _lines(facet: Facet) -> list[_Line]:
    most = max(1, facet.values[0].count)
    lines = [_Line(facet.field)]
    lines += [_Line(facet.field, one.value, one.count, most) for one in facet.values]
    return lines + ([_Line(facet.field, more=True)] if facet.more else [])
