"""The line a filter is typed in: its keys go to the bar around it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

__all__ = ["FilterInput"]


class FilterInput(Input):
    """One line without a border."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "press('enter')", "Apply"),
        Binding("tab", "press('tab')", "Complete"),
        Binding("up", "press('up')", "Earlier filter, or the completion above", show=False),
        Binding("down", "press('down')", "Later filter, or the completion below", show=False),
        Binding("escape", "press('escape')", "Back"),
    ]

    class Pressed(Message):
        """A key that the bar answers."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def action_press(self, key: str) -> None:
        self.post_message(self.Pressed(key))
