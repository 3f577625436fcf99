"""A trace under the fingers: folding, modes, jumps, matches of a search; by key and mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from jollyscope_tui.widgets import jumps
from jollyscope_tui.widgets.insight import near
from jollyscope_tui.widgets.matches import Matches
from jollyscope_tui.widgets.projection import Mode
from jollyscope_tui.widgets.row_paint import ARROW_CELLS, arrow_column
from jollyscope_tui.widgets.rows import RowModel
from jollyscope_tui.widgets.trace_time import TraceTime

__all__ = ["TraceView"]


class TraceView(TraceTime):
    """The central widget: a trace's rows with the keys and the mouse that fold, choose and jump."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Detail"),
        Binding("space", "fold", "Fold"),
        Binding("right,l", "right", "Unfold, then first child", show=False),
        Binding("left,h", "left", "Fold, then parent", show=False),
        Binding("plus,equals_sign", "level(1)", "Unfold a level", show=False),
        Binding("minus", "level(-1)", "Fold a level", show=False),
        Binding("asterisk", "all(True)", "Unfold all", show=False),
        Binding("underscore", "all(False)", "Fold all", show=False),
        Binding("s", "mode('steps')", "Steps"),
        Binding("x", "mode('errors')", "Errors"),
        Binding("c", "mode('critical')", "Critical path"),
        Binding("right_square_bracket", "error(1)", "Next error", show=False),
        Binding("left_square_bracket", "error(-1)", "Previous error", show=False),
        Binding("right_curly_bracket", "repeat(1)", "Next repeated call", show=False),
        Binding("left_curly_bracket", "repeat(-1)", "Previous repeated call", show=False),
        Binding("p", "parent", "Parent", show=False),
        Binding("J", "sibling(1)", "Next sibling", show=False),
        Binding("K", "sibling(-1)", "Previous sibling", show=False),
        Binding("slash", "find", "Find"),
        Binding("n", "search(1)", "Next match", show=False),
        Binding("N", "search(-1)", "Previous match", show=False),
    ]

    class FindAsked(Message):
        """`/`: someone wants to type what to look for."""

    class ModeChosen(Message):
        """Other rows are on show."""

    _sought_cause = False
    """Whether a jump has led to the failure that others come from."""

    # Folding and modes

    def _rows_after(self, change: bool) -> None:
        if change:
            self.rows_changed(self.cursor)
            self.refresh_head()

    def action_fold(self) -> None:
        if self.model and len(self.model):
            self._rows_after(self.model.toggle(self.cursor))

    def action_right(self) -> None:
        if not self.model or not len(self.model):
            return
        if self.model.unfold(self.cursor):
            self._rows_after(True)
        elif self.model.below(self.cursor):
            self.action_move(1)

    def action_left(self) -> None:
        if not self.model or not len(self.model):
            return
        if self.model.fold(self.cursor):
            self._rows_after(True)
        else:
            self.action_parent()

    def _rearrange(self, change: Callable[[RowModel], bool | None]) -> bool:
        """Change many rows at once, the cursor staying on its node or on what now hides it."""
        if not self.model or not len(self.model):
            return False
        node, offset = self.model.node(self.cursor), self.cursor - self.scroll_offset.y
        if change(self.model) is False:
            return False
        self.cursor = self.model.nearest(node)
        self.rows_changed()
        self.scroll_rows_to(max(0, self.cursor - offset))
        self.keep_in_sight()
        if self.model.node(self.cursor) != node:
            self.post_message(self.Moved(self))
        return True

    def action_level(self, step: int) -> None:
        self._rearrange(lambda m: m.unfold_level() if step > 0 else m.fold_level())

    def action_all(self, opened: bool) -> None:
        self._rearrange(lambda m: m.fold_all(opened=opened))

    def action_mode(self, mode: Mode) -> None:
        model = self.model
        if model is not None and self.choose_mode("all" if model.mode == mode else mode):
            self.post_message(self.ModeChosen())
        elif model is not None and self._knows(model):
            nothing = {"steps": "steps", "errors": "errors", "critical": "time"}
            self.post_message(self.Said(f"No {nothing.get(mode, mode)} in this trace."))

    def choose_mode(self, mode: Mode) -> bool:
        """Show the rows that a mode keeps; False where it would keep none."""
        self._strips.clear()
        return self._rearrange(lambda m: m.set_mode(mode))

    # Jumps and search

    def _jump(self, row: int | None, otherwise: str) -> None:
        """Go to a row that may have been revealed just now."""
        if row is None:
            self.post_message(self.Said(otherwise))
            return
        if len(self.model or ()) + 1 != self.virtual_size.height:
            self.rows_changed()
            self.refresh_head()
        if not self.scroll_offset.y <= row < self.scroll_offset.y + self.rows_shown:
            # Far away: with some of what stands around it.
            self.scroll_rows_to(max(0, row - self.rows_shown // 3))
        self.move_to(row, tell=False)
        self.post_message(self.Moved(self))

    def _knows(self, model: RowModel) -> bool:
        """Whether the trace has been studied; says so where not."""
        if model.outline.insight is None:
            self.post_message(self.Said("This trace is still being studied; a moment."))
        return model.outline.insight is not None

    def action_error(self, step: int) -> None:
        model = self.model
        if not model or not len(model) or not self._knows(model):
            return
        insight = model.outline.insight
        assert insight is not None
        first, self._sought_cause = not self._sought_cause, True
        here = model.node(self.cursor)
        at = near(insight.errors, model.outline.nodes, here, step)
        if first and step > 0 and insight.cause >= 0:
            at = insight.cause
        if at is not None and model.projection.find(at) is None:
            # Only the critical path leaves failures out.
            self.action_mode("all")
        self._jump(None if at is None else model.reveal(at), "No errors in this trace.")

    def action_repeat(self, step: int) -> None:
        model = self.model
        if model and len(model) and self._knows(model):
            insight = model.outline.insight
            assert insight is not None
            none = "No call is repeated with the same arguments."
            if len(insight.repeated):
                none = "None of the repeated calls is among these rows."
            self._jump(jumps.in_time(model, insight.repeated, self.cursor, step), none)

    def action_parent(self) -> None:
        if self.model and len(self.model):
            self._jump(jumps.parent(self.model, self.cursor), "This is a root.")

    def action_sibling(self, step: int) -> None:
        if self.model and len(self.model):
            way = "next" if step > 0 else "previous"
            self._jump(jumps.sibling(self.model, self.cursor, step), f"No {way} sibling.")

    def action_find(self) -> None:
        self.post_message(self.FindAsked())

    def action_search(self, step: int) -> None:
        if self.matches is None:
            self.action_find()
        elif self.model and len(self.model):
            self._go_to_match(step)

    def _go_to_match(self, step: int, *, here: bool = False) -> None:
        model, matches = self.model, self.matches
        assert model is not None
        assert matches is not None
        for at in matches.further(model.node(self.cursor), step, here=here):
            row = model.reveal(at)
            if row is not None:
                self._jump(row, "")
                self.refresh_head()
                return
        nothing = f"Nothing matches “{matches.text}”."
        elsewhere = f"What matches “{matches.text}” is not among these rows."
        self.post_message(self.Said(elsewhere if len(matches) else nothing))

    def show_matches(self, matches: Matches | None, origin: int) -> None:
        """Show what a search has found so far; the cursor goes to the first from the position `origin`
        on as soon as it is known, and back there where there is none. None ends the search.
        """
        model, before = self.model, self.matches
        self.matches = matches
        if model is None or not len(model):
            return
        known = before is not None and matches is not None and before.text == matches.text
        if matches is None or not known or len(matches) != len(before or ()):
            self.redraw()
        self.refresh_head()
        if known and before is not None and len(before):
            return
        if matches is not None and len(matches):
            self.cursor_to(origin)
            self._go_to_match(1, here=True)
        elif matches is None or matches.complete:
            self.cursor_to(origin)

    def cursor_to(self, at: int) -> None:
        """Put the cursor on an outline position, or on what hides it."""
        if self.model is not None:
            self._jump(self.model.nearest(at), "")

    def forget_search(self) -> None:
        """End the search; the cursor stays."""
        self.matches = None
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        row = self.row_at(event.y)
        if row is None or self.model is None or event.x == self.divider:
            event.prevent_default()
            return
        arrow = arrow_column(self.model.depth(row), self.divider)
        if arrow <= event.x < arrow + ARROW_CELLS and self.model.below(row):
            event.prevent_default()
            self.move_to(row)
            self.action_fold()
