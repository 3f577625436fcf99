"""What the halves of the trace screen share."""

from __future__ import annotations

from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.widgets.detail import DetailPane
from jollyscope_tui.widgets.trace_view import TraceView

__all__ = ["TraceParts"]


class TraceParts(ReadingScreen):
    """A screen with a `TraceView` and a `DetailPane`."""

    @property
    def view(self) -> TraceView:
        """The tree with its waterfall."""
        return self.query_one(TraceView)

    @property
    def detail(self) -> DetailPane:
        """The pane below or beside it."""
        return self.query_one(DetailPane)
