"""One execution: the tree with its waterfall, and what the chosen span says."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from time import monotonic
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Footer

from jollyscope.query.dialogue import Said
from jollyscope.query.listing import TraceRow
from jollyscope_tui.garbage import let_go, set_aside
from jollyscope_tui.heading import heading
from jollyscope_tui.navigation import LinkFailed
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.trace_detail import TraceDetail
from jollyscope_tui.screens.trace_find import FindBox, TraceFind
from jollyscope_tui.services import Services
from jollyscope_tui.widgets.detail import DetailPane
from jollyscope_tui.widgets.line import Heading
from jollyscope_tui.widgets.outline import Outline
from jollyscope_tui.widgets.state_panel import StatePanel
from jollyscope_tui.widgets.trace_view import TraceView

__all__ = ["TraceScreen"]

RELOAD_SECONDS = 1.0


class Loaded(NamedTuple):
    """A trace made ready for the screen, in a worker."""

    outline: Outline
    row: TraceRow
    said: Said
    seconds: float


class TraceScreen(TraceFind, TraceDetail):
    """Shows the trace that `text` (an id or a prefix) means, with the cursor on `span`, and `tab` of
    the detail.
    """

    CSS_PATH = "trace.tcss"
    HELP = "One execution: its tree and, beside it, when each span ran. Tab goes to the detail."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reload", "Refresh", show=False),
        Binding("escape", "step_back", "Back a step", show=False),
        Binding("q", "leave", "Back"),
    ]

    def __init__(
        self,
        services: Services,
        text: str,
        span: str | None = None,
        *,
        tab: str | None = None,
        linked: bool = False,
    ) -> None:
        super().__init__(services)
        self.text = text
        self.linked = linked
        """Opened from the command line: where the trace is not found, so says the command."""
        self._span = span
        self._tab = tab
        self._row: TraceRow | None = None
        self._outline: Outline | None = None
        self._next_read = 0.0

    def compose(self) -> ComposeResult:
        yield Heading(id="heading")
        yield StatePanel()
        with Container(id="body"):
            yield TraceView(now=self.services.now)
            yield DetailPane(self.services)
        yield FindBox()
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#body").display = False
        self.query_one(StatePanel).wait_for(f"Reading trace {self.text[:16]}")
        self.set_interval(RELOAD_SECONDS, self._reload_while_running)
        self.action_reload()

    def on_unmount(self) -> None:
        if self._outline is not None:
            self._outline.release()
        let_go()

    # Reading

    def action_reload(self) -> None:
        self.tell_next_failure()
        self._load()

    def _load(self) -> None:
        source, text = self.services.source, self.text

        def load() -> Loaded:
            began = monotonic()
            with set_aside():
                trace = source.traces.load_trace(text)
                loaded = Outline(trace.tree), trace.row, trace.said
            return Loaded(*loaded, monotonic() - began)

        self.read("trace", load)

    def _reload_while_running(self) -> None:
        if self.view.running:
            self._show_heading()
            if monotonic() >= self._next_read and not self.reading("trace"):
                self._load()

    @on(ReadingScreen.Read)
    def _arrived(self, event: ReadingScreen.Read) -> None:
        loaded = event.result
        if not isinstance(loaded, Loaded):
            return
        self.went_well()
        self.query_one(StatePanel).hide()
        self.query_one("#body").display = True
        self._row, self.text = loaded.row, loaded.row.trace_id
        self.logged = loaded.said
        self.view.show_outline(loaded.outline)
        if self._outline is not None:
            self._outline.release()
        self._outline = loaded.outline
        # Of a large trace that still runs, no more than a tenth of the time goes into reading it.
        self._next_read = monotonic() + max(0.0, 10 * loaded.seconds - RELOAD_SECONDS)
        self._show_heading()
        self._follow_link()
        if self.focused is None:
            self.view.focus()
        self.show_detail()

    def _follow_link(self) -> None:
        """Go where the link said, once."""
        span, self._span = self._span, None
        tab, self._tab = self._tab, None
        if span is not None and not self.view.select_span(self._full_id(span)):
            self.notify(f"There is no span {span} in this trace.", severity="warning", markup=False)
        if tab is not None:
            self.choose_tab(tab)

    def _full_id(self, prefix: str) -> str:
        """The span id that begins so; the prefix itself where none or several do."""
        model = self.view.model
        prefix = prefix.lower()
        found = [i for i in model.outline.index if i.startswith(prefix)] if model else []
        return found[0] if len(found) == 1 else prefix

    @on(ReadingScreen.Failed)
    def _failed(self, event: ReadingScreen.Failed) -> None:
        if event.job != "trace":
            return
        if self.view.model is not None:
            self.went_wrong(event.error)
            return
        if self.linked:
            self.post_message(LinkFailed(event.error))
            return
        self.query_one(StatePanel).failed(event.error)

    # What is said

    def _show_heading(self) -> None:
        if self._row is not None:
            services = self.services
            paint = heading(self._row, services.source.url, services.now(), services.tz)
            self.query_one(Heading).show_paint(paint)

    @on(TraceView.Said)
    def _said(self, event: TraceView.Said) -> None:
        if event.text:
            self.notify(event.text, timeout=2, markup=False)

    # Keys

    def action_step_back(self) -> None:
        """Undo the nearest thing: the search, the zoom, the focus in the detail; else leave."""
        view = self.view
        if self.stop_finding():
            return
        if self.detail.has_focus_within:
            view.focus()
        elif view.needle:
            view.forget_search()
        elif view.zoomed:
            view.action_unzoom()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        self.stop_reading()
        self.app.pop_screen()
