"""Everything the store stands on, and how it is: asked again every so often."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from time import monotonic
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer, Rule

from jollyscope.backend.health import Report
from jollyscope.backend.watching import HealthWatch
from jollyscope_tui.navigation import CopyAsked
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.services import Services
from jollyscope_tui.when import clock
from jollyscope_tui.widgets.cells import Paint
from jollyscope_tui.widgets.health_list import HealthDetail, HealthList
from jollyscope_tui.widgets.health_paint import SIGNS, health_text, paint_detail
from jollyscope_tui.widgets.line import Heading
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.state_panel import StatePanel

__all__ = ["HealthScreen"]

POLL_SECONDS = 5.0


class _Answer(NamedTuple):
    report: Report
    deep: bool
    seconds: float


class HealthScreen(ReadingScreen):
    """Asks every part in a worker, and shows what they say."""

    CSS_PATH = "health.tcss"
    AUTO_FOCUS = "HealthList"
    HELP = (
        "How every part is that the store stands on, asked again every few seconds. d also proves "
        "that records come through: by a span through a backend, by reading all of a lake."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reload", "Ask now"),
        Binding("d", "deep", "Prove it"),
        Binding("y", "copy", "Copy what it says"),
        Binding("Y", "copy_command", "Copy the command line", show=False),
        Binding("escape", "step_back", "Cancel, or back", show=False),
        Binding("q", "leave", "Back"),
    ]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.shown: Report | None = None
        self._watch = HealthWatch()
        self._asked_at = 0
        self._next_read = 0.0
        self._proving = False

    def compose(self) -> ComposeResult:
        yield Heading(id="heading")
        yield StatePanel()
        yield HealthList()
        yield Rule(id="rule")
        yield HealthDetail()
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._hide(True)
        self.query_one(StatePanel).wait_for("Asking every part")
        self.set_interval(POLL_SECONDS, self._poll)
        self._show_heading()
        self.action_reload()

    # Asking

    def action_reload(self) -> None:
        self.tell_next_failure()
        self._ask()

    def action_deep(self) -> None:
        if self.services.read_only:
            self.notify(
                "Opened with --read-only: no span is sent through; a lake is read whole.",
                timeout=4, markup=False,
            )  # fmt: skip
        self._ask(deep=True)

    def _ask(self, *, deep: bool = False) -> None:
        source, send = self.services.source.health, not self.services.read_only
        self._proving = deep

        def ask() -> _Answer:
            began = monotonic()
            report = source.report(deep=deep, send=send)
            return _Answer(report, deep, monotonic() - began)

        self.read("health", ask)
        self._show_heading()

    def _poll(self) -> None:
        if not self.reading("health") and monotonic() >= self._next_read:
            self._ask()

    @on(ReadingScreen.Read)
    def _arrived(self, event: ReadingScreen.Read) -> None:
        answer = event.result
        if not isinstance(answer, _Answer):
            return
        self.went_well()
        self._proving = False
        # What was proved stays to be read for a while; and no more than a tenth of the time is asked.
        self._next_read = monotonic() + (30.0 if answer.deep else 9 * answer.seconds)
        self.query_one(StatePanel).hide()
        self.shown, self._asked_at = answer.report, self.services.now()
        self._hide(False)
        listing = self.query_one(HealthList)
        listing.show(self._watch.take(answer.report, self._asked_at), self._asked_at)
        if self.focused is None:
            listing.focus()
        self._show_heading()
        self._show_detail()

    @on(ReadingScreen.Failed)
    def _failed(self, event: ReadingScreen.Failed) -> None:
        self._proving = False
        self._show_heading()
        if self.shown is not None:
            self.went_wrong(event.error)
            return
        self._hide(True)
        self.query_one(StatePanel).failed(event.error)

    # What is shown

    def _hide(self, hidden: bool) -> None:
        for widget in (HealthList, Rule, HealthDetail):
            self.query_one(widget).display = not hidden

    def _show_heading(self) -> None:
        services, shown = self.services, self.shown
        paint: Paint = [(" JollyScope ", "strong"), ("health", "text")]
        if shown is not None:
            sign, style = SIGNS[shown.state]
            paint.append((f" · {sign} {shown.sentence}", style))
            paint.append((f" · asked at {clock(self._asked_at, services.tz)}", "muted"))
        if self._proving:
            paint.append((" · proving, Esc cancels", "running"))
        paint.append((f" · {services.source.url}", "muted"))
        self.query_one("#heading", Heading).show_paint(paint)

    @on(LineList.Moved)
    def _show_detail(self) -> None:
        chosen = self.query_one(HealthList).selected
        lines = paint_detail(chosen, self.services.tz) if chosen is not None else []
        self.query_one(HealthDetail).show_lines(lines)

    # Keys

    def action_copy(self) -> None:
        chosen = self.query_one(HealthList).selected
        if chosen is not None:
            self.post_message(CopyAsked(health_text(chosen), f"what {chosen.health.name} says"))

    def action_copy_command(self) -> None:
        self.post_message(CopyAsked("jollyscope ui --health", "the command line"))

    def action_step_back(self) -> None:
        if self.stop_reading():
            self._proving = False
            self._show_heading()
            if self.shown is None:
                self.action_leave()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        self.stop_reading()
        self.app.pop_screen()
