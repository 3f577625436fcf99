"""Small dialogs over a screen: what they share, and the plain one with a list to choose from."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from jollyscope_tui.widgets.choices import Choice, Choices

__all__ = ["Dialog", "PickDialog"]

T = TypeVar("T")


class Dialog(ModalScreen[T | None]):
    """Esc, or a click beside it, leaves it with None."""

    CSS_PATH = "choosing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Close")]

    def action_cancel(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)

    def say(self, words: str) -> None:
        """What is wrong, at the foot of the dialog."""
        self.query_one("#said", Static).update(words)


class PickDialog(Dialog[str]):
    """One of a few."""

    def __init__(self, title: str, choices: Sequence[Choice], at: str | None = None) -> None:
        super().__init__()
        self._title, self._choices, self._at = title, choices, at

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Choices(self._title, self._choices, self._at)
            yield Static("Enter chooses · Esc closes", classes="hint")

    @on(Choices.Chosen)
    def _chosen(self) -> None:
        chosen = self.query_one(Choices).chosen
        self.dismiss(chosen.key if chosen else None)
