"""The dialog for which columns the list has, and in which order."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from jollyscope_tui.screens.choosing import Dialog
from jollyscope_tui.view import COLUMN_NAMES
from jollyscope_tui.widgets.choices import Choice, Choices

__all__ = ["ColumnsDialog"]

_ABOUT = {
    "when": "when it began",
    "input": "the first line of what was asked",
    "output": "the first line of the answer",
    "steps": "the run as a strip, or how many traces",
    "time": "how long it took",
    "bar": "how long, beside the others",
    "labels": "what people put on it",
    "models": "the models called",
    "trace": "its id",
}


class ColumnsDialog(Dialog[tuple[str, ...]]):
    """Gives the names picked, in their order; none for those that fit."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", "Show or hide"),
        Binding("J,shift+down", "shift(1)", "Further right", key_display="J"),
        Binding("K,shift+up", "shift(-1)", "Further left", key_display="K"),
        Binding("r", "reset", "As usual"),
    ]

    def __init__(self, shown: Sequence[str]) -> None:
        super().__init__()
        self._shown = set(shown)
        self._names = [*shown, *(name for name in COLUMN_NAMES if name not in shown)]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Choices("columns, from left to right", self._choices())
            yield Static("", id="said", markup=False)
            yield Static(
                "space shows or hides · J K move it · r as usual · Enter takes it\n"
                "Where there is no room for all, those that say least go first.",
                classes="hint",
            )

    def _choices(self) -> list[Choice]:
        return [
            Choice(name, f"{name:<8}", _ABOUT.get(name, ""), "✓" if name in self._shown else " ")
            for name in self._names
        ]

    @property
    def _list(self) -> Choices:
        return self.query_one(Choices)

    def action_turn(self) -> None:
        self._shown ^= {self._names[self._list.cursor]}
        self._list.show_choices(self._choices())

    def action_shift(self, step: int) -> None:
        at = self._list.cursor
        if 0 <= at + step < len(self._names):
            self._names.insert(at + step, self._names.pop(at))
            self._list.show_choices(self._choices())
            self._list.move_to(at + step)

    def action_reset(self) -> None:
        self.dismiss(())

    @on(Choices.Chosen)
    def _chosen(self) -> None:
        names = tuple(name for name in self._names if name in self._shown)
        if names:
            self.dismiss(names)
        else:
            self.say("A list has at least one column: space shows the one under the cursor.")
