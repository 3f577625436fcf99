"""Two traces under the fingers: folding, jumping, and which rows there are."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from jollyscope.analysis.diff_result import Pair, TraceDiff
from jollyscope_tui.widgets.cells import Paint
from jollyscope_tui.widgets.compare_paint import Scale, paint_head, paint_pair, paint_stretch
from jollyscope_tui.widgets.compare_rows import CompareRows, Mode, Stretch
from jollyscope_tui.widgets.line_list import LineList

__all__ = ["CompareList"]


class CompareList(LineList):
    """The steps of both traces, row beside row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open"),
        Binding("space", "fold", "Fold", show=False),
        Binding("asterisk", "all(True)", "Unfold all", show=False),
        Binding("underscore", "all(False)", "Fold all", show=False),
        Binding("right_square_bracket,n", "difference(1)", "Next", key_display="n"),
        Binding("left_square_bracket,N", "difference(-1)", "Previous difference", show=False),
        Binding("x", "mode('differences')", "Differences"),
        Binding("t", "mode('impact')", "By impact"),
    ]

    class Said(Message):
        """A short answer to a key."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self) -> None:
        super().__init__()
        self.rows: CompareRows | None = None
        self._most = 0.0
        self._version = 0

    def show_diff(self, diff: TraceDiff) -> None:
        """Show this comparison; what was unfolded stays so, and the cursor on its step."""
        before, known = self.rows, self.selected
        self.rows = CompareRows(diff)
        if before is not None:
            self.rows.unfolded = before.unfolded
            if not self.rows.set_mode(before.mode):
                self.rows.set_mode("all")
        self._version += 1
        self._most = max((abs(pair.own.delta or 0) for pair in diff.pairs), default=0.0)
        self.cursor = self._row_of(known) if known else self.rows.nearest(diff.first or 0)
        self.redraw()
        self.keep_in_sight()

    @property
    def selected(self) -> Pair | None:
        """The pair under the cursor; None on a folded stretch."""
        return self.rows.pair(self.cursor) if self.rows and len(self.rows) else None

    def _row_of(self, known: Pair) -> int:
        rows = self.rows
        ids = {item.node.span_id for item in (known.left, known.right) if item}
        for at in range(len(rows) if rows else 0):
            pair = rows.pair(at) if rows else None
            if (
                pair
                and pair.shown.node.span_id in ids
                and pair.shown.derived == known.shown.derived
            ):
                return at
        return self.cursor

    # Drawing

    @property
    def _scale(self) -> Scale:
        assert self.rows is not None
        return Scale(self._most, indented=self.rows.mode == "all")

    def row_total(self) -> int:
        return len(self.rows) if self.rows else 0

    def row_key(self, row: int) -> Hashable:
        assert self.rows is not None
        return self._version, self.rows[row], self._scale.indented

    def paint_row(self, row: int, width: int) -> Paint:
        assert self.rows is not None
        shown, cursor = self.rows[row], row == self.cursor
        if isinstance(shown, Stretch):
            return paint_stretch(shown.end - shown.start, width, cursor=cursor)
        return paint_pair(self.rows.diff.pairs[shown], self._scale, width, cursor=cursor)

    def paint_head(self, width: int) -> Paint:
        return paint_head(width)

    # Keys

    def _rearrange(self, change: Callable[[CompareRows], bool | None]) -> bool:
        """Change which rows there are, the cursor staying on its step."""
        rows = self.rows
        if rows is None or not len(rows):
            return False
        place, offset = rows.place(self.cursor), self.cursor - self.scroll_offset.y
        if change(rows) is False:
            return False
        self.cursor = rows.nearest(place)
        self.redraw()
        self.scroll_rows_to(max(0, self.cursor - offset))
        self.keep_in_sight()
        self.post_message(self.Moved(self))
        return True

    def action_fold(self) -> None:
        if not self._rearrange(lambda rows: rows.toggle(self.cursor)):
            self.post_message(self.Said("No equal steps to fold here."))

    def action_all(self, opened: bool) -> None:
        self._rearrange(lambda rows: rows.fold_all(opened=opened))

    def action_mode(self, mode: Mode) -> None:
        if self.rows is None:
            return
        wanted: Mode = "all" if self.rows.mode == mode else mode
        if not self._rearrange(lambda rows: rows.set_mode(wanted)):
            self.post_message(self.Said("Nothing differs."))
        elif wanted == "impact":
            self.move_to(0)
            self.post_message(self.Said("The steps that make up the difference, the most first."))

    def action_difference(self, step: int) -> None:
        found = self.rows.difference(self.cursor, step) if self.rows else None
        if found is None:
            self.post_message(self.Said("Nothing differs."))
        else:
            self.move_to(found)
