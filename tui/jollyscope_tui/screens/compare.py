"""Two executions side by side: their steps lined up, and how each differs."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widgets import Footer

from jollyscope.analysis.diff_items import Item
from jollyscope.analysis.diff_result import Pair
from jollyscope_tui.garbage import let_go, set_aside
from jollyscope_tui.navigation import CopyAsked, PageAsked, TraceAsked
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.services import Services
from jollyscope_tui.sources.compare import Comparison, compare
from jollyscope_tui.widgets.compare_detail import TABS, TextTab, read_text
from jollyscope_tui.widgets.compare_heading import CompareHeading, side
from jollyscope_tui.widgets.compare_list import CompareList
from jollyscope_tui.widgets.compare_pane import ComparePane
from jollyscope_tui.widgets.state_panel import StatePanel

__all__ = ["CompareScreen"]

RELOAD_SECONDS = 2.0


class _Text(NamedTuple):
    """A difference that a worker made, and what for."""

    pair: Pair
    tab: str
    text: TextTab


class CompareScreen(ReadingScreen):
    """Shows the traces that `left` and `right` (ids or prefixes) mean."""

    CSS_PATH = "compare.tcss"
    HELP = (
        "Two executions, A and B, step beside step: - only in A, + only in B, ~ changed, » moved."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "swap", "Swap"),
        Binding("a", "open(0)", "Open the step in A", show=False),
        Binding("b", "open(1)", "Open the step in B", show=False),
        Binding("y", "copy", "Copy", show=False),
        Binding("Y", "copy_command", "Copy the command line", show=False),
        Binding("o", "page", "Pager", show=False),
        Binding("d", "detail", "Show or hide the detail", show=False),
        Binding("r", "reload", "Refresh", show=False),
        *(
            Binding(str(number), f"tab_at({number - 1})", name, show=False)
            for number, name in enumerate(TABS, 1)
        ),
        Binding("escape", "step_back", "Back a step", show=False),
        Binding("q", "leave", "Back"),
    ]

    def __init__(self, services: Services, left: str, right: str) -> None:
        super().__init__(services)
        self.left, self.right = left, right
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]
        self._shown: Comparison | None = None

    def compose(self) -> ComposeResult:
        yield CompareHeading()
        yield StatePanel()
        with Container(id="body"):
            yield CompareList()
            yield ComparePane()
        yield Footer(compact=True, show_command_palette=False)

    @property
    def steps(self) -> CompareList:
        """The steps."""
        return self.query_one(CompareList)

    @property
    def pane(self) -> ComparePane:
        """The detail below them."""
        return self.query_one(ComparePane)

    def on_mount(self) -> None:
        self.query_one("#body").display = False
        self._wait()
        self.set_interval(RELOAD_SECONDS, self._reload_while_running)
        self._load()

    def on_unmount(self) -> None:
        let_go()

    # Reading

    def _wait(self) -> None:
        self.query_one(StatePanel).wait_for(f"Comparing {self.left[:16]} and {self.right[:16]}")

    def _load(self) -> None:
        services, left, right = self.services, self.left, self.right

        def load() -> Comparison:
            with set_aside():
                return compare(services.source.traces, left, right, services.now())

        self.read("compare", load)

    def _reload_while_running(self) -> None:
        if self._shown and self._shown.running and not self.reading("compare"):
            self._load()

    def action_reload(self) -> None:
        self.tell_next_failure()
        if self._shown is None:
            self._wait()
        self._load()

    @on(ReadingScreen.Read)
    def _arrived(self, event: ReadingScreen.Read) -> None:
        result = event.result
        if isinstance(result, _Text):
            if result.pair is self.steps.selected and result.tab == self.pane.tab:
                self.pane.show_text(result.text)
        elif isinstance(result, Comparison):
            self._show(result)

    def _show(self, found: Comparison) -> None:
        self.went_well()
        self.query_one(StatePanel).hide()
        self.query_one("#body").display = True
        self._shown = found
        self.left, self.right = found.left.trace_id, found.right.trace_id
        took = found.diff.totals.duration
        sides = [
            side(name, row, lasted or 0, self.services.tz)
            for name, row, lasted in (
                ("A", found.left, took.left),
                ("B", found.right, took.right),
            )
        ]
        self.query_one(CompareHeading).show_sides(sides, found.diff.summary)
        self.steps.show_diff(found.diff)
        if self.focused is None:
            self.steps.focus()
        self._show_pair()

    @on(ReadingScreen.Failed)
    def _failed(self, event: ReadingScreen.Failed) -> None:
        if self._shown is not None:
            self.went_wrong(event.error)
        else:
            self.query_one(StatePanel).failed(event.error)

    # The detail follows the cursor

    @on(CompareList.Moved)
    def _moved(self) -> None:
        self.pane.show_soon(self._show_pair)

    def _show_pair(self) -> None:
        if self._shown is not None:
            self.pane.show_pair(self.steps.selected, self._shown.diff)

    @on(ComparePane.TextAsked)
    def _compare_texts(self, event: ComparePane.TextAsked) -> None:
        pair, tab = event.pair, event.tab
        self.read("text", lambda: _Text(pair, tab, read_text(pair, tab)))

    @on(CompareList.Said)
    def _said(self, event: CompareList.Said) -> None:
        self.notify(event.text, timeout=2, markup=False)

    # Keys

    @on(CompareList.Chosen)
    def _open_chosen(self) -> None:
        pair = self.steps.selected
        if pair is None:
            self.steps.action_fold()
        else:
            self._open(pair.shown, self.right if pair.right else self.left)

    def action_open(self, side: int) -> None:
        pair = self.steps.selected
        item = (pair.left, pair.right)[side] if pair else None
        if item is None:
            self.notify(f"{'AB'[side]} has no such step.", timeout=2)
        else:
            self._open(item, (self.left, self.right)[side])

    def _open(self, item: Item, trace: str) -> None:
        self.post_message(TraceAsked(trace, item.node.span_id))

    def action_swap(self) -> None:
        if self._shown is not None:
            self.left, self.right = self.right, self.left
            self._load()

    def action_tab_at(self, number: int) -> None:
        self.pane.choose(number)

    def action_tab(self, step: int) -> None:
        self.pane.step(step)

    def action_detail(self) -> None:
        self.steps.focus()
        self.pane.toggle_class("-hidden")

    def action_copy(self) -> None:
        self.pane.catch_up()
        self.post_message(CopyAsked(self.pane.document.text, self.pane.tab))

    def action_copy_command(self) -> None:
        command = f"jollyscope diff {self.left} {self.right}"
        self.post_message(CopyAsked(command, "the command line"))

    def action_page(self) -> None:
        self.pane.catch_up()
        suffix = ".diff" if self.pane.tab in TABS[:3] else ".txt"
        self.post_message(PageAsked(self.pane.document.text, suffix=suffix))

    def action_step_back(self) -> None:
        """Undo the nearest thing: the focus in the detail, the choice of rows; else leave."""
        rows = self.steps.rows
        if self.pane.text_pane.has_focus:
            self.steps.focus()
        elif rows is not None and rows.mode != "all":
            self.steps.action_mode(rows.mode)
        else:
            self.action_leave()

    def action_leave(self) -> None:
        self.stop_reading()
        self.app.pop_screen()
