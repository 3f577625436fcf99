"""The dialog for views saved under a name."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

import msgspec
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Static

from jollyscope.store.state import SavedView
from jollyscope_tui.screens.choosing import Dialog
from jollyscope_tui.view import View
from jollyscope_tui.widgets.choices import Choice, Choices

__all__ = ["ViewAsked", "ViewsDialog", "view_of"]

READ_ONLY = "Opened with --read-only: views can be opened, not changed."


class ViewAsked(NamedTuple):
    """What is to be done with the view of this name."""

    do: Literal["open", "save", "drop", "rename"]
    name: str
    new: str = ""


def view_of(saved: SavedView) -> View | None:
    """The view saved; None where another version of the program wrote what this one cannot read."""
    try:
        return msgspec.json.decode(saved.text, type=View)
    except msgspec.DecodeError:
        return None


class ViewsDialog(Dialog[ViewAsked]):
    """Those saved, and a line to save or rename under a name."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete,d", "drop", "Delete", key_display="d"),
        Binding("r", "rename", "Rename"),
        Binding("n,s", "name", "Save this one", key_display="s"),
    ]

    def __init__(self, saved: Sequence[SavedView], current: View, *, read_only: bool) -> None:
        super().__init__()
        self._saved, self._current, self._read_only = list(saved), current, read_only
        self._renamed = ""
        self._doomed = ""

    def compose(self) -> ComposeResult:
        with Vertical():
            title = "saved views" if self._saved else "saved views: none yet"
            yield Choices(title, [self._choice(one) for one in self._saved])
            with Horizontal():
                yield Label("save as", id="name-label")
                yield Input(
                    placeholder="a name for the view on screen",
                    id="name",
                    compact=True,
                    select_on_focus=False,
                )
            yield Static("", id="said", markup=False)
            yield Static(
                "Enter opens · s saves the view on screen · r renames · d deletes · Esc closes",
                classes="hint",
            )

    def on_mount(self) -> None:
        if not self._saved and not self._read_only:
            self.query_one("#name", Input).focus()
        if self._read_only:
            self.query_one("#name", Input).disabled = True

    def _choice(self, saved: SavedView) -> Choice:
        view = view_of(saved)
        about = "cannot be read" if view is None else f"{view.filter or 'no filter'} · {view.range}"
        return Choice(saved.name, saved.name, about, "●" if view == self._current else " ")

    @property
    def _chosen(self) -> Choice | None:
        return self.query_one(Choices).chosen

    def _may(self) -> bool:
        if self._read_only:
            self.say(READ_ONLY)
        return not self._read_only

    @on(Choices.Chosen)
    def _open(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            self.dismiss(ViewAsked("open", chosen.key))

    @on(Choices.Moved)
    def _moved(self) -> None:
        self._doomed = ""
        self.say("")

    def action_drop(self) -> None:
        chosen = self._chosen
        if chosen is None or not self._may():
            return
        if self._doomed == chosen.key:
            self.dismiss(ViewAsked("drop", chosen.key))
        else:
            self._doomed = chosen.key
            self.say(f"d again deletes {chosen.key}.")

    def action_name(self) -> None:
        if self._may():
            self._ask("save as", "", "")

    def action_rename(self) -> None:
        chosen = self._chosen
        if chosen is not None and self._may():
            self._ask("rename", chosen.key, chosen.key)

    def _ask(self, label: str, text: str, renamed: str) -> None:
        self._renamed = renamed
        self.query_one("#name-label", Label).update(label)
        line = self.query_one("#name", Input)
        line.value = text
        line.focus()

    @on(Input.Submitted)
    def _named(self, event: Input.Submitted) -> None:
        name = event.value.strip()
        if not name:
            self.say("A view needs a name.")
        elif self._renamed:
            self.dismiss(ViewAsked("rename", self._renamed, name))
        else:
            self.dismiss(ViewAsked("save", name))
