"""Home: every execution in the store, newest first."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Footer, Static

from jollyscope.transport.following.api import Heard
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.traces_marks import Marking
from jollyscope_tui.screens.traces_reading import Listed
from jollyscope_tui.screens.traces_views import Viewing
from jollyscope_tui.screens.waking import Waking
from jollyscope_tui.services import Services
from jollyscope_tui.sources.narrowing import Hidden
from jollyscope_tui.view import View
from jollyscope_tui.when import date_and_clock
from jollyscope_tui.widgets.cells import Paint, clean
from jollyscope_tui.widgets.facets import FacetList
from jollyscope_tui.widgets.filter_bar import FilterBar
from jollyscope_tui.widgets.first_steps import first_steps, nothing_fits
from jollyscope_tui.widgets.histogram import HistogramBar
from jollyscope_tui.widgets.history import remembered
from jollyscope_tui.widgets.line import Heading
from jollyscope_tui.widgets.state_panel import SPINNER_AFTER, StatePanel
from jollyscope_tui.widgets.traces_list import TracesList

__all__ = ["TracesScreen"]

POLL_SECONDS = 2.0
HEARD_TICKS = 5
"""So many times rarer is it read by itself where records are heard: that a process is gone is not."""


class TracesScreen(Viewing, Marking, Waking):
    """The list of executions, as `view` says or as it was left."""

    CSS_PATH = "traces.tcss"
    AUTO_FOCUS = "TracesList"
    HELP = (
        "Every execution in the store. / filters, t chooses the time; columns that do not fit the "
        "width are left out."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "follow", "Live"),
        Binding("r", "reload", "Refresh", show=False),
        Binding("escape", "stop", "Cancel loading", show=False),
        Binding("q", "app.out", "Quit"),
    ]

    def __init__(self, services: Services, view: View | None = None) -> None:
        super().__init__(services, view or services.memory.now.view)
        self.following = False
        self._ticks = 0
        self._asked = 0.0
        self._waiting: Timer | None = None
        self._slow = False

    def compose(self) -> ComposeResult:
        yield Heading(id="heading")
        yield FilterBar()
        yield HistogramBar(tz=self.services.tz)
        yield Static(id="notes", markup=False)
        yield StatePanel()
        with Horizontal(id="body"):
            yield FacetList()
            yield TracesList(now=self.services.now, tz=self.services.tz)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(FacetList).display = False
        self.set_interval(POLL_SECONDS, self._poll)
        self._show_bar(self.view)
        self.ask_list("list", self.view, anew=True)
        self.asking()

    # Reading

    def asking(self) -> None:
        if not self.listing.row_total():
            self.query_one("#body").display = False
            where = self.services.source.url or "the store"
            self.query_one(StatePanel).wait_for(f"Reading {where}")
        self._waited()
        self._waiting = self.set_timer(SPINNER_AFTER, self._say_slow)

    def _say_slow(self) -> None:
        self._slow = True
        self.show_heading()

    def _waited(self) -> None:
        if self._waiting is not None:
            self._waiting.stop()
        self._slow = False

    def action_reload(self) -> None:
        self.ask_list("list", self.view, anew=not self.listing.row_total())
        self.asking()

    def _poll(self) -> None:
        if not self.following:
            return
        self._ticks += 1
        if not self.hears or self._ticks % HEARD_TICKS == 0:
            self.read_again()
        else:
            self.listing.grow()

    def concerns(self, heard: Sequence[Heard]) -> bool:
        return True

    def read_again(self) -> bool:
        if self.reading("list") or self.reading("poll"):
            return False
        self._asked = monotonic()
        self.ask_list("poll", self.view, anew=False)
        return True

    def listed(self, job: str, found: Listed) -> None:
        self._waited()
        # No more than a third of the time goes into reading what is recorded.
        self.rest(2 * (monotonic() - self._asked) if job == "poll" else 0.0)
        panel, rows = self.query_one(StatePanel), found.snapshot.rows
        self.query_one("#body").display = bool(rows)
        if rows:
            panel.hide()
            if self.focused is None:
                self.listing.focus()
        elif found.view.narrowed or found.selection.scope.bound:
            selection, narrowing = found.selection, self.services.source.narrowing
            self.read("hidden", lambda: narrowing.hidden(selection))
        else:
            panel.tell(first_steps(self.services.source.url))
        if job == "list":
            self._show_bar(found.view)
            self.bar.forget_values()
            if self._home:
                self.services.memory.change(view=found.view)
        self._show_notes(found)
        self.show_columns()
        self.show_heading()
        self.ask_sums()

    @on(ReadingScreen.Read)
    def _hidden_arrived(self, event: ReadingScreen.Read) -> None:
        if isinstance(event.result, Hidden) and not self.listing.row_total():
            text = nothing_fits(self.view, event.result)
            url = self.services.source.url
            self.query_one(StatePanel).tell(text if event.result.stored else first_steps(url))

    @on(ReadingScreen.Failed)
    def _failed(self, event: ReadingScreen.Failed) -> None:
        self._waited()
        self.show_heading()
        if event.job in ("poll", "count", "facets", "histogram", "values"):
            self.went_wrong(event.error)
        elif self.listing.row_total() or event.job != "list":
            self.notify(str(event.error), severity="error", markup=False)
        else:
            self.query_one("#body").display = False
            self.query_one(StatePanel).failed(event.error)
        if event.job == "list":
            self._show_bar(self.view)

    # What is said

    def _show_bar(self, view: View) -> None:
        earlier = remembered(self.services.memory.now.filters, view.filter)
        self.services.memory.change(filters=earlier)
        self.bar.show_filter(view.filter, earlier)
        self.bar.show_range(f"t {view.range}")

    def _show_notes(self, found: Listed) -> None:
        scope, notes = found.selection.scope, list(found.snapshot.notes)
        if scope.bound and scope.since is not None:
            since = date_and_clock(scope.since, self.services.tz)[:16]
            notes.append(
                f"Texts of a large store: only since {since}. t chooses more time, or all."
            )
            self.bar.show_range(f"t since {since}")
        widget = self.query_one("#notes", Static)
        widget.display = bool(notes)
        widget.update("\n".join(f"! {clean(note)}" for note in notes))

    def show_heading(self) -> None:
        listing, sheet = self.listing, self.listing.sheet
        paint: Paint = [(" JollyScope ", "strong"), (self.view.group, "text")]
        if sheet.total:
            paint.append((f" · {sheet.total:,}{'' if sheet.exact else '+'}", "text"))
        if listing.marks:
            paint.append((f" · ✓ {len(listing.marks):,} marked", "strong"))
        if self.following:
            paint.append((" · ◐ live", "running"))
        if listing.unseen:
            paint.append((f" · ↑ {listing.unseen:,} new", "running"))
        if self._slow:
            paint.append((" · reading, Esc cancels", "muted"))
        paint.append((f" · {self.services.source.url}", "muted"))
        self.query_one(Heading).show_paint(paint)

    @on(TracesList.AtTop)
    def _at_top(self) -> None:
        self.show_heading()

    # Keys

    @property
    def _home(self) -> bool:
        """Whether no other screen lies below."""
        stack = list(self.app.screen_stack)
        below = stack[: stack.index(self)] if self in stack else []
        return not any(isinstance(screen, ReadingScreen) for screen in below)

    def action_follow(self) -> None:
        self.following = not self.following
        self.show_heading()
        if self.following:
            self.listen()
            self.read_again()
        else:
            self.listen_no_more()

    def action_stop(self) -> None:
        if self.stop_reading():
            self._waited()
            self._show_bar(self.view)
            if not self.listing.row_total():
                self.query_one(StatePanel).tell(Text("Cancelled.\n\nr reads again"))
        self.show_heading()
