"""From one screen to another: what screens ask for, and who opens it.

Screens are imported when they are first gone to, and never import each other.
"""

# Textual leaves the type of its apps open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import msgspec
from textual import on
from textual.app import App

from jollyscope.query.filter import add_term, term
from jollyscope_tui.navigation import (
    AnnotateAsked,
    CompareAsked,
    DashboardAsked,
    ExportAsked,
    ListAsked,
    TermAsked,
    TraceAsked,
)
from jollyscope_tui.opening import Place
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.services import Services
from jollyscope_tui.view import View

__all__ = ["READ_ONLY", "Going"]

READ_ONLY = "Opened with --read-only: nothing is written to the store."


class Going(App[int]):
    """Opens what is asked for above what is on the screen."""

    services: Services

    @on(TraceAsked)
    def _open_trace(self, event: TraceAsked) -> None:
        from jollyscope_tui.screens.trace import TraceScreen

        self.push_screen(TraceScreen(self.services, event.trace, event.span, tab=event.tab))

    @on(ListAsked)
    def _open_list(self, event: ListAsked) -> None:
        self.open_list(event.view)

    def open_list(self, view: View) -> None:
        """A list above what is on the screen."""
        from jollyscope_tui.screens.traces import TracesScreen

        self.push_screen(TracesScreen(self.services, view=view))

    @on(TermAsked)
    def _narrow(self, event: TermAsked) -> None:
        """The list below as it was, with one more term, above the screen that asked: q goes back."""
        from jollyscope_tui.screens.traces import TracesScreen

        lists = [screen for screen in self.screen_stack if isinstance(screen, TracesScreen)]
        view = lists[-1].view if lists else View()
        narrowed = add_term(view.filter, event.term)
        self.open_list(msgspec.structs.replace(view, filter=narrowed))

    @on(CompareAsked)
    def _compare(self, event: CompareAsked) -> None:
        from jollyscope_tui.screens.compare import CompareScreen

        self.push_screen(CompareScreen(self.services, event.left, event.right))

    @on(DashboardAsked)
    def _open_dashboard(self, event: DashboardAsked) -> None:
        self.open_dashboard(event.filter)

    def open_dashboard(self, filter: str = "") -> None:
        """The dashboard, over what `filter` leaves."""
        from jollyscope_tui.screens.dashboard import DashboardScreen

        self.push_screen(DashboardScreen(self.services, filter))

    def open_place(self, place: Place, filter: str = "") -> None:
        """The screen that an option named; `filter` as far as it takes one."""
        if place == "dashboard":
            self.open_dashboard(filter)
        elif place == "tail":
            self.open_tail(filter)
        else:
            self.action_health()

    def open_tail(self, filter: str = "") -> None:
        """Records as they come, as far as `filter` leaves them."""
        from jollyscope_tui.screens.tail import TailScreen

        self.push_screen(TailScreen(self.services, filter))

    @on(ExportAsked)
    def _export(self, event: ExportAsked) -> None:
        from jollyscope_tui.screens.export import ExportDialog

        if event.traces:
            self.push_screen(ExportDialog(self.services, event.traces))

    @on(AnnotateAsked)
    def _annotate(self, event: AnnotateAsked) -> None:
        from jollyscope_tui.screens.annotate import AnnotateDialog

        if self.services.read_only:
            self.notify(READ_ONLY, severity="warning", markup=False)
        elif event.traces:
            self.push_screen(AnnotateDialog(self.services, event.traces, event.span))

    # Keys

    def action_home(self) -> None:
        """Back to the list that the explorer began with."""
        while len(self.screen_stack) > 2:
            self._leave_one()

    def action_out(self) -> None:
        """Back to the screen below; from the first one, out."""
        if len(self.screen_stack) > 2:
            self._leave_one()
        else:
            self.exit(0)

    def _leave_one(self) -> None:
        if isinstance(self.screen, ReadingScreen):
            self.screen.stop_reading()
        self.pop_screen()

    def action_compare_with(self) -> None:
        """Choose what the trace on the screen is compared with."""
        from jollyscope_tui.screens.compare_with import CompareWithDialog
        from jollyscope_tui.screens.trace import TraceScreen

        if isinstance(self.screen, TraceScreen):
            self.push_screen(CompareWithDialog(self.services, self.screen.text))
        else:
            self.notify(
                "Open a trace first; in the list, mark two with space and press =.", timeout=3
            )

    def action_dashboard(self) -> None:
        """The dashboard, over what the list on the screen shows."""
        from jollyscope_tui.screens.dashboard import DashboardScreen

        if not isinstance(self.screen, DashboardScreen):
            view = getattr(self.screen, "view", None)
            self.open_dashboard(view.filter if isinstance(view, View) else "")

    def action_tail(self) -> None:
        """Records as they come: of the trace on the screen, or all."""
        from jollyscope_tui.screens.tail import TailScreen
        from jollyscope_tui.screens.trace import TraceScreen

        if isinstance(self.screen, TraceScreen):
            self.open_tail(term("trace", self.screen.text))
        elif not isinstance(self.screen, TailScreen):
            self.open_tail()

    def action_health(self) -> None:
        """How everything is that the store stands on."""
        from jollyscope_tui.screens.health import HealthScreen

        if not isinstance(self.screen, HealthScreen):
            self.push_screen(HealthScreen(self.services))
