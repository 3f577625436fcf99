"""One execution: the tree with its waterfall, and what the chosen span says."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widgets import Footer

from jollyscope.query.listing import TraceRow
from jollyscope.transport.following.api import Heard
from jollyscope_tui.garbage import let_go
from jollyscope_tui.heading import heading
from jollyscope_tui.navigation import LinkFailed
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.trace_detail import TraceDetail
from jollyscope_tui.screens.trace_find import FindBox, TraceFind
from jollyscope_tui.screens.trace_loading import Loaded, Shown, Studied, load, study, take_folds
from jollyscope_tui.screens.trace_look import TraceLook
from jollyscope_tui.screens.trace_why import TraceWhy
from jollyscope_tui.screens.waking import Waking
from jollyscope_tui.services import Services
from jollyscope_tui.widgets.detail import DetailPane
from jollyscope_tui.widgets.line import Heading
from jollyscope_tui.widgets.minimap import Minimap
from jollyscope_tui.widgets.outline import Outline
from jollyscope_tui.widgets.state_panel import StatePanel
from jollyscope_tui.widgets.trace_view import TraceView

__all__ = ["TraceScreen"]

RELOAD_SECONDS = 1.0
HEARD_SECONDS = 5.0
"""As rare is it read by itself where its records are heard: that its process is gone is not."""


class TraceScreen(TraceFind, TraceLook, TraceDetail, TraceWhy, Waking):
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

    @property
    def row(self) -> TraceRow | None:
        return self._row

    def compose(self) -> ComposeResult:
        yield Heading(id="heading")
        yield StatePanel()
        with Container(id="body"):
            with Vertical(id="trace"):
                yield Minimap()
                yield TraceView(now=self.services.now, tz=self.services.tz)
            yield DetailPane(self.services)
        yield FindBox()
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#body").display = False
        self.query_one(StatePanel).wait_for(f"Reading trace {self.text[:16]}")
        self.set_interval(RELOAD_SECONDS, self._reload_while_running)
        self.look_as_before()
        self.action_reload()

    def on_unmount(self) -> None:
        if self._outline is not None:
            self._outline.release()
        let_go()

    # Reading

    def action_reload(self) -> None:
        self.tell_next_failure()
        self._load()

    def _shown(self) -> Shown | None:
        model = self.view.model
        return Shown(model, model.version, self.view.matches) if model else None

    def _load(self) -> None:
        source, text = self.services.source.traces, self.text
        now, shown = self.services.now(), self._shown()
        self.read("trace", lambda: load(source, text, now, shown))

    def _reload_while_running(self) -> None:
        if not self.view.running:
            self.listen_no_more()
            return
        self.listen()
        self._show_heading()
        if monotonic() >= self._next_read + (HEARD_SECONDS if self.hears else 0.0):
            self.read_again()

    def concerns(self, heard: Sequence[Heard]) -> bool:
        name = self.text.encode()
        return any(name in one.line for one in heard)

    def read_again(self) -> bool:
        if self.reading("trace"):
            return False
        self._load()
        return True

    @on(ReadingScreen.Read)
    def _arrived(self, event: ReadingScreen.Read) -> None:
        loaded, shown = event.result, self._shown()
        if isinstance(loaded, Studied):
            self._learned(loaded)
        if not isinstance(loaded, Loaded):
            return
        before = loaded.shown
        if shown and before and (shown.model, shown.version) != (before.model, before.version):
            # Something was folded while this was read: taking that up takes long for a large trace.
            self.read("trace", lambda: take_folds(loaded, shown))
            return
        self.went_well()
        self._show(loaded)

    def _show(self, loaded: Loaded) -> None:
        self.query_one(StatePanel).hide()
        self.query_one("#body").display = True
        self._row, self.text = loaded.row, loaded.row.trace_id
        self.logged = loaded.said
        outline = loaded.model.outline
        self.view.show_model(loaded.model, loaded.matches)
        old, self._outline = self._outline, outline
        if old is not None:
            old.release()
        # Of a large trace that still runs, no more than a tenth of the time goes into reading it.
        self._next_read = monotonic() + max(0.0, 10 * loaded.seconds - RELOAD_SECONDS)
        if self.view.running:
            self.listen()
        self.rest(9 * loaded.seconds)
        self._show_heading()
        if old is None:
            self._opened(outline)
        if self.focused is None:
            self.view.focus()
        self.show_detail()

    def _opened(self, outline: Outline) -> None:
        """Rows are on show for the first time."""
        if outline.insight is None:
            # After the rows are drawn: two threads that compute slow each other down.
            self.call_after_refresh(self._study, outline)
        else:
            self.choose_mode_as_before()
        span, tab = self._span, self._tab
        if span is not None and not self.view.select_span(self._full_id(span)):
            self.notify(f"There is no span {span} in this trace.", severity="warning", markup=False)
        if tab is not None:
            self.choose_tab(tab)

    def _study(self, outline: Outline) -> None:
        now = self.services.now()
        self.read("insight", lambda: study(outline, now))

    def _learned(self, studied: Studied) -> None:
        """A large trace whose rows are on show already was studied."""
        if studied.outline is self._outline and self.view.model is not None:
            studied.outline.take(studied.insight)
            self.view.model.learned()
            self.view.redraw()
            if self._span is None:
                self.choose_mode_as_before()

    def _full_id(self, prefix: str) -> str:
        """The span id that begins so; the prefix itself where none or several do."""
        model = self.view.model
        prefix = prefix.lower()
        found = [i for i in model.outline.index if i.startswith(prefix)] if model else []
        return found[0] if len(found) == 1 else prefix

    @on(ReadingScreen.Failed)
    def _failed(self, event: ReadingScreen.Failed) -> None:
        if event.job != "trace" or self.view.model is not None:
            if event.job in ("trace", "insight", "find"):
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

    # Keys

    def action_step_back(self) -> None:
        """Undo the nearest thing: the search, the zoom, the focus in the detail; else leave."""
        view = self.view
        if self.stop_finding():
            return
        if self.detail.has_focus_within:
            view.focus()
        elif view.matches is not None:
            self.forget_search()
        elif view.timeline.zoomed:
            view.action_unzoom()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        self.stop_reading()
        self.app.pop_screen()
