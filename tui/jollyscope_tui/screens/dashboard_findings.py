"""The dashboard's part that says what makes executions slow, dear or fail."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from jollyscope.analysis.report import Found
from jollyscope_tui.navigation import ListAsked
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.findings import FindingsDialog
from jollyscope_tui.sources.numbers import NumbersAsked
from jollyscope_tui.view import View
from jollyscope_tui.widgets.findings_panel import FindingsPanel

__all__ = ["DashboardFindings"]


class DashboardFindings(ReadingScreen):
    """A screen with a `FindingsPanel`, which is not on show where there is no room: `W` reads it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("W", "why", "What makes them slow, dear or fail", show=False),
    ]

    def look_for_findings(self, filter: str, since: str | None) -> None:
        """Have the findings of this stretch of time on show, as soon as they are there."""
        asked = NumbersAsked(filter, since, None, self.services.now(), 0)
        self.query_one(FindingsPanel).look(asked)

    def action_why(self) -> None:
        panel = self.query_one(FindingsPanel)
        if panel.looking:
            self.notify("Still looking at what executions did.", timeout=3)
            return
        self.app.push_screen(FindingsDialog(panel.head, panel.rows), self._list_behind)

    def _list_behind(self, found: Found | None) -> None:
        if found is not None:
            self.post_message(ListAsked(View(filter=found.finding.filter)))
