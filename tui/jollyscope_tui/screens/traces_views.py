"""How the list of traces is laid out, and views of it that are kept."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import ClassVar

import msgspec
from textual import on
from textual.binding import Binding, BindingType

from jollyscope.query.listing import SessionRow
from jollyscope.store.state import SavedView
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.choosing import PickDialog
from jollyscope_tui.screens.columns_dialog import ColumnsDialog
from jollyscope_tui.screens.command import CommandDialog
from jollyscope_tui.screens.traces_filtering import Filtering
from jollyscope_tui.screens.views_dialog import READ_ONLY, ViewAsked, ViewsDialog, view_of
from jollyscope_tui.sources.notes import NoteSource
from jollyscope_tui.view import View
from jollyscope_tui.widgets.choices import Choice
from jollyscope_tui.widgets.columns import COLUMNS, USUAL, sortable
from jollyscope_tui.widgets.traces_list import TracesList

__all__ = ["Viewing"]


class Viewing(Filtering):
    """Sorting, columns, sessions, saved views, and the command line of it all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "sort", "Sort", show=False),
        Binding("O", "reverse", "Sort the other way round", show=False),
        Binding("c", "columns", "Columns", show=False),
        Binding("s", "sessions", "Sessions"),
        Binding("v", "views", "Saved views", show=False),
        Binding("Y,exclamation_mark", "command", "Command line", show=False, key_display="Y"),
    ]

    # Order and columns

    @on(TracesList.OrderAsked)
    def _order_asked(self, event: TracesList.OrderAsked) -> None:
        self.ask_view(sort=event.order.column, descending=event.order.descending)

    def action_reverse(self) -> None:
        self.ask_view(descending=not self.view.descending)

    def action_sort(self) -> None:
        view = self.view
        fields = sortable(tuple(COLUMNS), sessions=view.group == "sessions")
        way = "▼" if view.descending else "▲"
        choices = [
            Choice(field, name, "", way if field == view.sort else " ")
            for name, field in fields.items()
        ]

        def chosen(field: str | None) -> None:
            if field is not None:
                down = not view.descending if field == view.sort else True
                self.ask_view(sort=field, descending=down)

        title = "sort by (the same again: the other way round)"
        self.app.push_screen(PickDialog(title, choices, view.sort), chosen)

    def action_columns(self) -> None:
        def chosen(names: tuple[str, ...] | None) -> None:
            if names is not None:
                self.view = msgspec.structs.replace(self.view, columns=names)
                memory = self.services.memory
                memory.change(view=msgspec.structs.replace(memory.now.view, columns=names))
                self.show_columns()

        self.app.push_screen(ColumnsDialog(self.listing.columns), chosen)

    def show_columns(self) -> None:
        """The columns chosen, else the usual ones, and labels where any trace has one."""
        listing = self.listing
        at = USUAL.index("bar") + 1
        labels = ("labels",) if any(listing.labels.values()) else ()
        listing.columns = self.view.columns or (*USUAL[:at], *labels, *USUAL[at:])
        listing.changed()

    def action_sessions(self) -> None:
        if self.view.group == "sessions":
            self.ask_view(group="traces")
        elif self.view.sort in SessionRow.__struct_fields__:
            self.ask_view(group="sessions")
        else:
            self.ask_view(group="sessions", sort="start_time", descending=True)

    def action_command(self) -> None:
        self.app.push_screen(CommandDialog(self.view.command(), self.view.ls_command()))

    # Saved views

    def action_views(self) -> None:
        notes = self.services.source.notes
        self.read("views", lambda: notes.views())

    @on(ReadingScreen.Read)
    def _views_arrived(self, event: ReadingScreen.Read) -> None:
        if event.job == "views" and isinstance(event.result, list):
            saved = [one for one in event.result if isinstance(one, SavedView)]
            dialog = ViewsDialog(saved, self.view, read_only=self.services.read_only)
            self.app.push_screen(dialog, lambda asked: self._do(saved, asked))
        elif event.job == "view kept":
            self.notify(str(event.result), timeout=3, markup=False)

    def _do(self, saved: list[SavedView], asked: ViewAsked | None) -> None:
        if asked is None:
            return
        found = {one.name: one for one in saved}
        if asked.do == "open":
            view = view_of(found[asked.name])
            if view is None:
                words = f"The view {asked.name} was saved by another version and cannot be read."
                self.notify(words, severity="error", markup=False)
            else:
                self.ask_list("list", view, anew=True)
                self.asking()
            return
        if self.services.read_only:
            self.notify(READ_ONLY, severity="warning", markup=False)
            return
        notes, view = self.services.source.notes, self.view
        self.read("view kept", lambda: _keep(notes, asked, view, found))


def _keep(notes: NoteSource, asked: ViewAsked, view: View, saved: dict[str, SavedView]) -> str:
    """Do what was asked, in a worker; what to say about it."""
    if asked.do == "save":
        notes.save_view(asked.name, msgspec.json.encode(view).decode())
        return f"Saved the view as {asked.name}."
    if asked.do == "rename":
        notes.save_view(asked.new, saved[asked.name].text)
        if asked.new != asked.name:
            notes.drop_view(asked.name)
        return f"The view {asked.name} is now called {asked.new}."
    notes.drop_view(asked.name)
    return f"Deleted the view {asked.name}."
