"""A short list to choose from, in dialogs."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar, NamedTuple

from textual.binding import Binding, BindingType

from jollyscope_tui.widgets.cells import Paint, cut
from jollyscope_tui.widgets.line_list import LineList

__all__ = ["Choice", "Choices"]


class Choice(NamedTuple):
    """What is chosen, and how it is shown."""

    key: str
    text: str
    about: str = ""
    sign: str = " "


class Choices(LineList):
    """Enter or a double click chooses; the dialog hears of `Chosen`."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Choose")]
    DEFAULT_CSS = "Choices { background: $surface; scrollbar-size-vertical: 1; }"

    def __init__(self, title: str, choices: Sequence[Choice], at: str | None = None) -> None:
        super().__init__()
        self._title = title
        self.choices = list(choices)
        self.cursor = next((n for n, one in enumerate(choices) if one.key == at), 0)

    @property
    def chosen(self) -> Choice | None:
        """The one under the cursor."""
        return self.choices[self.cursor] if self.cursor < len(self.choices) else None

    def show_choices(self, choices: Sequence[Choice]) -> None:
        """These instead."""
        self.choices = list(choices)
        self.redraw()

    def row_total(self) -> int:
        return len(self.choices)

    def row_key(self, row: int) -> Hashable:
        return self.choices[row]

    def paint_head(self, width: int) -> Paint:
        return cut([(f" {self._title}", "title")], width)

    def paint_row(self, row: int, width: int) -> Paint:
        one = self.choices[row]
        cursor = "▌" if row == self.cursor else " "
        paint: Paint = [(f"{cursor}{one.sign} ", "strong"), (one.text, "text")]
        return cut([*paint, (f"  {one.about}" if one.about else "", "muted")], width)
