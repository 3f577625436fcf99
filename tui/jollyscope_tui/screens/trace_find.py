"""Finding inside a trace: the box that opens with `/`."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from jollyscope_tui.screens.trace_parts import TraceParts
from jollyscope_tui.services import Services
from jollyscope_tui.widgets.trace_view import TraceView

__all__ = ["FindBox", "TraceFind"]


class FindBox(Input):
    """One line below the trace, there while someone types what to look for."""

    def __init__(self) -> None:
        super().__init__(id="find", placeholder="find in names, texts, models, ids", compact=True)


class TraceFind(TraceParts):
    """Looks for what is typed, as it is typed."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._origin = 0

    @on(TraceView.FindAsked)
    def _find(self) -> None:
        box, model = self.query_one(FindBox), self.view.model
        self._origin = model.node(self.view.cursor) if model and len(model) else 0
        box.add_class("-open")
        box.value = ""
        box.focus()

    @on(Input.Changed, "#find")
    def _typed(self, event: Input.Changed) -> None:
        if event.input.has_class("-open"):
            self.view.find(event.value, self._origin)

    @on(Input.Submitted, "#find")
    def _close_find(self) -> None:
        self.query_one(FindBox).remove_class("-open")
        self.view.focus()

    def stop_finding(self) -> bool:
        """Close the box and go back to where the search began; False where it is not open."""
        box = self.query_one(FindBox)
        if not box.has_class("-open"):
            return False
        box.remove_class("-open")
        self.view.find("", self._origin)
        self.view.focus()
        return True
