"""The command line that shows what the screen shows."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from jollyscope_tui.navigation import CopyAsked
from jollyscope_tui.screens.choosing import Dialog

__all__ = ["CommandDialog"]


class CommandDialog(Dialog[None]):
    """Shows two command lines, the first copied."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "copy(0)", "Copy", key_display="y"),
        Binding("l", "copy(1)", "Copy the second"),
    ]

    def __init__(self, command: str, listing: str) -> None:
        super().__init__()
        self._lines = (command, listing)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(
                Text.assemble(
                    ("opens the explorer on this view\n", "dim"),
                    (self._lines[0], "bold"),
                    ("\n\nprints the same rows\n", "dim"),
                    (self._lines[1], "bold"),
                ),
                id="command",
            )
            yield Static("y copies the first · l the second · Esc closes", classes="hint")

    def action_copy(self, which: int) -> None:
        self.app.post_message(CopyAsked(self._lines[which], "the command line"))
        self.dismiss(None)
