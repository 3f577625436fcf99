"""Home: every execution in the store, newest first."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer, Static

from jollyscope_tui.navigation import TraceAsked
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.services import Services
from jollyscope_tui.sources.lists import Order, TracePage
from jollyscope_tui.widgets.cells import Paint, clean
from jollyscope_tui.widgets.line import Heading
from jollyscope_tui.widgets.state_panel import StatePanel
from jollyscope_tui.widgets.traces_list import TracesList

__all__ = ["TracesScreen"]

PAGE = 200
POLL_SECONDS = 2.0
MOST_POLLED = 1000
"""While following, so many of the first rows are read again; those behind stay as they were."""


class TracesScreen(ReadingScreen):
    """The list of executions."""

    CSS_PATH = "traces.tcss"
    HELP = "Every execution in the store. Columns that do not fit the width are left out."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "follow", "Live"),
        Binding("r", "reload", "Refresh"),
        Binding("escape", "stop", "Cancel loading", show=False),
        Binding("q", "app.leave(0)", "Quit"),
    ]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.following = False
        self._count = ""

    def compose(self) -> ComposeResult:
        yield Heading(id="heading")
        yield Static(id="notes", markup=False)
        yield StatePanel()
        yield TracesList(now=self.services.now, tz=self.services.tz)
        yield Footer(compact=True, show_command_palette=False)

    @property
    def listing(self) -> TracesList:
        """The list widget."""
        return self.query_one(TracesList)

    def on_mount(self) -> None:
        self.set_interval(POLL_SECONDS, self._poll)
        self.action_reload()

    # Reading

    def _ask(self, job: str, limit: int = PAGE, order: Order | None = None) -> None:
        source, listing = self.services.source, self.listing
        wanted = order or listing.order
        after = listing.next if job == "more" else None
        self.read(job, lambda: (wanted, source.lists.list_traces(wanted, limit=limit, after=after)))

    def action_reload(self) -> None:
        if not self.listing.rows:
            self.listing.display = False
            where = self.services.source.url or "the store"
            self.query_one(StatePanel).wait_for(f"Reading {where}")
        self._show_heading()
        self._ask("list", max(PAGE, min(len(self.listing.rows), MOST_POLLED)))

    def _poll(self) -> None:
        if self.following and not self.reading("list") and not self.reading("poll"):
            self._ask("poll", max(PAGE, min(len(self.listing.rows), MOST_POLLED)))

    @on(TracesList.MoreWanted)
    def _more(self) -> None:
        if self.listing.next is not None and not self.reading("more"):
            self._ask("more")

    @on(TracesList.OrderAsked)
    def _reorder(self, event: TracesList.OrderAsked) -> None:
        self._ask("list", order=event.order)

    @on(ReadingScreen.Read)
    def _arrived(self, event: ReadingScreen.Read) -> None:
        order, page = event.result  # type: ignore[misc]
        assert isinstance(order, Order)
        assert isinstance(page, TracePage)
        listing = self.listing
        if event.job == "more":
            if order == listing.order:
                listing.add_rows(page.rows, page.next)
        elif event.job == "list" or order == listing.order:
            if order != listing.order:
                listing.order = order
                listing.show_rows([], None)
                listing.move_to(0)
            self._show(page, keep_rest=event.job == "poll")
        self.went_well()
        self._show_notes(page.notes)
        self._show_heading()

    def _show(self, page: TracePage, *, keep_rest: bool) -> None:
        listing, panel = self.listing, self.query_one(StatePanel)
        rows, following = page.rows, page.next
        if keep_rest and page.next is not None and len(listing.rows) > len(rows):
            known = {row.trace_id for row in rows}
            rows = rows + [row for row in listing.rows if row.trace_id not in known]
            following = listing.next
        listing.show_rows(rows, following)
        listing.display = bool(rows)
        if rows:
            panel.hide()
            if self.focused is None:
                listing.focus()
        else:
            panel.tell(_first_steps(self.services.source.url))

    @on(ReadingScreen.Failed)
    def _failed(self, event: ReadingScreen.Failed) -> None:
        self._show_heading()
        if event.job == "poll":
            self.went_wrong(event.error)
            return
        if self.listing.rows:
            self.notify(str(event.error), severity="error", markup=False)
            return
        self.listing.display = False
        self.query_one(StatePanel).failed(event.error)

    # What is said

    def _show_notes(self, notes: list[str]) -> None:
        widget = self.query_one("#notes", Static)
        widget.display = bool(notes)
        widget.update("\n".join(f"! {clean(note)}" for note in notes))

    def _show_heading(self) -> None:
        listing = self.listing
        more = "+" if listing.next is not None else ""
        paint: Paint = [(" JollyScope ", "strong"), ("traces", "text")]
        if listing.rows:
            paint.append((f" · {len(listing.rows):,}{more}", "text"))
        if self.following:
            paint.append((" · ◐ live", "running"))
        paint.append((f" · {self.services.source.url}", "muted"))
        self.query_one(Heading).show_paint(paint)

    # Keys

    def action_follow(self) -> None:
        self.following = not self.following
        self._show_heading()
        self._poll()

    def action_stop(self) -> None:
        if self.stop_reading() and not self.listing.rows:
            self.query_one(StatePanel).tell(Text("Cancelled.\n\nr reads again"))

    @on(TracesList.Chosen)
    def _open(self) -> None:
        row = self.listing.selected
        if row is not None:
            self.post_message(TraceAsked(row.trace_id))


def _first_steps(url: str) -> Text:
    ways = (
        ("jollyscope demo", "runs a small real agent and records it"),
        ("jollyscope run -- python agent.py", "runs your agent and records it"),
        ("import jollyscope", "two lines in your own agent's program"),
        ('jollyscope.init(service="my-agent")', ""),
        ("jollyscope collect", "receives OTLP from any program"),
        ("jollyscope import FILE", "takes a trace file of another tool"),
        ("JOLLYSCOPE_HOME=DIR jollyscope", "looks where another agent recorded"),
    )
    text = Text.assemble(("No traces yet", "bold"), f" in {clean(url)}.\n\nWays to get some:\n\n")
    for command, what in ways:
        text.append(f"{command:<37}", "bold").append(what + "\n")
    return text.append("\nr reads again · l follows live · q quits", "dim")
