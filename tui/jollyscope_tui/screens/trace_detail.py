"""The detail's half of the trace screen: it follows the cursor, and its keys."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from jollyscope.query.dialogue import Said
from jollyscope_tui.navigation import CopyAsked, PageAsked
from jollyscope_tui.screens.trace_parts import TraceParts
from jollyscope_tui.services import Services
from jollyscope_tui.widgets.details import TABS
from jollyscope_tui.widgets.trace_view import TraceView

__all__ = ["TraceDetail"]


class TraceDetail(TraceParts):
    """Shows the chosen span in the detail pane."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy"),
        Binding("o", "page", "Pager", show=False),
        Binding("d", "detail", "Show or hide the detail", show=False),
        *(Binding(str(n), f"tab_at({n - 1})", f"Tab {n}", show=False) for n in range(1, 9)),
    ]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.logged: Said = {}
        """Messages that came as log records, by span."""

    @on(TraceView.Moved)
    def _moved(self) -> None:
        self.detail.show_soon(self.show_detail)

    def show_detail(self) -> None:
        """Show the span under the cursor now."""
        node, model = self.view.selected, self.view.model
        if node is not None and model is not None:
            self.detail.show_node(node, model.outline.tree.start, self.logged)

    @on(TraceView.Chosen)
    def _focus_detail(self) -> None:
        self.show_detail()
        self.detail.remove_class("-hidden")
        self.detail.text_pane.focus()

    def choose_tab(self, name: str) -> None:
        """Show a tab by its name, letter case aside; one that does not exist is said."""
        names = [tab.casefold() for tab in TABS]
        if name.casefold() in names:
            self.detail.choose(names.index(name.casefold()))
            return
        said = f"There is no tab {name}. Tabs: {', '.join(TABS)}."
        self.notify(said, severity="warning", markup=False)

    def action_tab_at(self, number: int) -> None:
        self.detail.choose(number)

    def action_tab(self, step: int) -> None:
        self.detail.step(step)

    def action_detail(self) -> None:
        self.view.focus()
        self.detail.toggle_class("-hidden")

    def action_copy(self) -> None:
        self.post_message(CopyAsked(self.detail.document.text, self.detail.tab))

    def action_page(self) -> None:
        self.post_message(PageAsked(self.detail.document.text))
