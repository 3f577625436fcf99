"""Sums and plots over one stretch of time, and the way from each to the traces behind it."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import shlex
from time import monotonic
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Footer

from jollyscope.query.dashboard import Dashboard
from jollyscope.query.filter import add_term, term
from jollyscope.query.histogram import Bucket
from jollyscope_tui.navigation import CopyAsked, ListAsked
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.dashboard_findings import DashboardFindings
from jollyscope_tui.services import Services
from jollyscope_tui.sources.numbers import Numbers, NumbersAsked
from jollyscope_tui.view import View
from jollyscope_tui.when import clock, date_and_clock, iso
from jollyscope_tui.widgets.alert_panel import AlertPanel
from jollyscope_tui.widgets.cells import Paint
from jollyscope_tui.widgets.findings_panel import FindingsPanel
from jollyscope_tui.widgets.line import Heading
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.panels import PLOTS, TABLES
from jollyscope_tui.widgets.plot_panel import LABEL, PlotPanel
from jollyscope_tui.widgets.state_panel import StatePanel
from jollyscope_tui.widgets.table_panel import TablePanel
from jollyscope_tui.widgets.tiles import flow_line, tile_line

__all__ = ["DashboardScreen"]

RANGES: tuple[str | None, ...] = ("15m", "1h", "6h", "24h", "7d", "30d", None)
POLL_SECONDS = 2.0
_DAY = 86_400 * 10**9


class Answer(NamedTuple):
    """Numbers, and how long the store took for them."""

    numbers: Numbers
    seconds: float


class DashboardScreen(DashboardFindings):
    """Shows what `filter` leaves. One stretch of time and one cursor rule all plots."""

    CSS_PATH = "dashboard.tcss"
    AUTO_FOCUS = "PlotPanel"
    HELP = (
        "Sums over one stretch of time. Tab goes from panel to panel, Enter to the traces behind."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus,equals_sign", "widen(1)", "Longer time"),
        Binding("minus", "widen(-1)", "Shorter time"),
        Binding("a", "all_times", "All times", show=False),
        Binding("L", "follow", "Live", show=False),
        Binding("r", "reload", "Refresh", show=False),
        Binding("Y", "copy_command", "Copy the command line", show=False),
        Binding("escape", "step_back", "Back a step", show=False),
        Binding("q", "leave", "Back"),
    ]

    def __init__(self, services: Services, filter: str = "") -> None:
        super().__init__(services)
        self.filter = filter
        self.following = True
        self.shown: Dashboard | None = None
        self._at: int | None = None
        """Where the cursor stands: a moment (Unix ns), since buckets come and go."""
        self._next_read = 0.0
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-middle"), (170, "-wide")]
        self.VERTICAL_BREAKPOINTS = [(0, "-low"), (38, "-tall")]

    def compose(self) -> ComposeResult:
        yield Heading(id="heading")
        yield StatePanel()
        yield Heading(id="tiles")
        yield AlertPanel(self.services, self._clock)
        yield FindingsPanel(self.services)
        with VerticalScroll(id="grid", can_focus=False):
            for plot in PLOTS[:4]:
                yield PlotPanel(plot, self._clock)
            for table in TABLES:
                yield TablePanel(table)
            for plot in PLOTS[4:]:
                yield PlotPanel(plot, self._clock)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._hide(True)
        self.query_one(StatePanel).wait_for("Adding up")
        self.set_interval(POLL_SECONDS, self._poll)
        self._show_heading()
        self.call_after_refresh(self.action_reload)

    # Reading

    @property
    def since(self) -> str | None:
        """The stretch of time on show, as `--since` takes it; None is all."""
        return self.services.memory.now.range

    def action_reload(self) -> None:
        self.tell_next_failure()
        self._load()

    def _load(self) -> None:
        services = self.services
        cells = max(10, min(120, self._plot_width()))
        asked = NumbersAsked(self.filter, self.since, None, services.now(), cells)

        def load() -> Answer:
            began = monotonic()
            numbers = services.source.numbers.dashboard(asked)
            return Answer(numbers, monotonic() - began)

        self.read("numbers", load)

    def _plot_width(self) -> int:
        columns = 3 if self.size.width >= 170 else 2 if self.size.width >= 110 else 1
        return self.size.width // columns - LABEL - 2

    def _poll(self) -> None:
        if self.following and not self.reading("numbers") and monotonic() >= self._next_read:
            self._load()

    @on(ReadingScreen.Read)
    def _arrived(self, event: ReadingScreen.Read) -> None:
        answer = event.result
        assert isinstance(answer, Answer)
        # No more than a tenth of the time goes into reading.
        self._next_read = monotonic() + 9 * answer.seconds
        self.went_well()
        self.query_one(StatePanel).hide()
        self.shown = answer.numbers.dashboard
        self._hide(False)
        self._show_all()
        self.look_for_findings(self.filter, self.since)
        if self.focused is None:
            self.query(PlotPanel).first().focus()

    @on(ReadingScreen.Failed)
    def _failed(self, event: ReadingScreen.Failed) -> None:
        if self.shown is not None:
            self.went_wrong(event.error)
            return
        self._hide(True)
        self.query_one(StatePanel).failed(event.error)

    # What is shown

    def _hide(self, hidden: bool) -> None:
        for name in ("#tiles", "#grid"):
            self.query_one(name).display = not hidden

    def _show_all(self) -> None:
        shown = self.shown
        if shown is None:
            return
        with self.app.batch_update():
            cursor = self._cursor(shown)
            for panel in self.query(PlotPanel):
                panel.show(shown, cursor)
            self.query_one(AlertPanel).show(shown.alerts)
            for table in self.query(TablePanel):
                table.show(table.table.rows(shown), more=table.table.name in shown.more)
            self._show_heading()
            self.query_one("#tiles", Heading).show_paint(
                tile_line(shown, self.size.width), flow_line(shown, self.services.now())
            )

    def _cursor(self, shown: Dashboard) -> int | None:
        if self._at is None:
            return None
        for at, bucket in enumerate(shown.time.buckets):
            if bucket.start_time <= self._at < bucket.end_time:
                return at
        return None

    def _clock(self, moment: int) -> str:
        wide = self.shown is not None and _stretch(self.shown) > _DAY
        return (date_and_clock if wide else clock)(moment, self.services.tz)

    def _show_heading(self) -> None:
        services = self.services
        paint: Paint = [(" JollyScope ", "strong"), ("dashboard", "text")]
        paint.append((f" · {'last ' + self.since if self.since else 'all times'}", "title"))
        if self.filter:
            paint.append((f" · {self.filter}", "key"))
        if self.following:
            paint.append((" · ◐ live", "running"))
        if self.shown is not None and self.shown.time.buckets:
            buckets = self.shown.time.buckets
            each = f"{self._clock(buckets[0].start_time)} – {self._clock(buckets[-1].end_time)}"
            paint.append((f" · {each}", "muted"))
        if self.shown is not None and self.shown.total is None and self.since is not None:
            paint.append((" · nothing began then: + widens, a shows all", "warning"))
        paint.append((f" · {services.source.url}", "muted"))
        self.query_one("#heading", Heading).show_paint(paint)

    # Keys

    def action_widen(self, step: int) -> None:
        at = RANGES.index(self.since) if self.since in RANGES else 1
        self._look_at(RANGES[max(0, min(at + step, len(RANGES) - 1))])

    def action_all_times(self) -> None:
        self._look_at(None)

    def _look_at(self, since: str | None) -> None:
        if since != self.since:
            self.services.memory.change(range=since)
            self._at = None
            self._show_heading()
            self.action_reload()

    def action_follow(self) -> None:
        self.following = not self.following
        self._show_heading()
        self._poll()

    def action_copy_command(self) -> None:
        words = ["jollyscope", "ui", "--dashboard"]
        words += ["--filter", self.filter] if self.filter else []
        words += ["--since", self.since or "all"]
        self.post_message(CopyAsked(shlex.join(words), "the command line"))

    def action_step_back(self) -> None:
        if self.stop_reading() and self.shown is None:
            self.action_leave()
        elif self._at is not None:
            self._at = None
            self._show_all()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        self.stop_reading()
        self.app.pop_screen()

    def on_resize(self, _event: events.Resize) -> None:
        if self.shown is not None:
            self.call_after_refresh(self._show_all)

    # From a number to its traces

    @on(PlotPanel.Moved)
    def _moved(self, event: PlotPanel.Moved) -> None:
        if self.shown is not None and event.bucket is not None:
            self._at = self.shown.time.buckets[event.bucket].start_time
            self._show_all()

    @on(PlotPanel.Drilled)
    def _drilled(self, event: PlotPanel.Drilled) -> None:
        text = add_term(self.filter, event.plot.term) if event.plot.term else self.filter
        if self.shown is not None and event.bucket is not None:
            self._list(text, self.shown.time.buckets[event.bucket])
        else:
            self._list(text)

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        panel = event.sender
        if isinstance(panel, TablePanel) and (key := panel.key) is not None:
            # What failed without a type is listed as `error`.
            untyped = panel.table.field == "error" and key == "error"
            self._list(
                add_term(self.filter, "has:error" if untyped else term(panel.table.field, key))
            )

    def _list(self, text: str, bucket: Bucket | None = None) -> None:
        since, until = self.since, None
        if bucket is not None:
            since, until = iso(bucket.start_time), iso(bucket.end_time)
        self.post_message(ListAsked(View(filter=text, since=since, until=until)))


def _stretch(shown: Dashboard) -> int:
    buckets = shown.time.buckets
    return buckets[-1].end_time - buckets[0].start_time if buckets else 0
