"""The chosen span, tab by tab."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer

from jollyscope.model.tree import Node
from jollyscope.query.dialogue import Said
from jollyscope_tui.services import Services
from jollyscope_tui.widgets.details import TABS, Context, document, heading
from jollyscope_tui.widgets.line import TabBar
from jollyscope_tui.widgets.pretty import Document
from jollyscope_tui.widgets.text_pane import TextPane

__all__ = ["DetailPane"]

SETTLE_SECONDS = 0.05
"""The detail follows the cursor once it rests so long: a held key repeats every 30 ms."""


class DetailPane(Vertical):
    """A bar of tabs over a text."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.tab = TABS[0]
        self.document = Document([], "")
        self._node: Node | None = None
        self._began = 0
        self._said: Said = {}
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield TabBar()
        yield TextPane()

    @property
    def text_pane(self) -> TextPane:
        """The text under the tabs."""
        return self.query_one(TextPane)

    @property
    def has_focus_within(self) -> bool:
        """Whether keys go to the text."""
        return self.text_pane.has_focus

    def show_soon(self, show: Callable[[], None]) -> None:
        """Call `show` when the cursor has come to rest."""
        if self._timer is not None:
            self._timer.stop()

        def show_now() -> None:
            self._timer = None
            show()

        self._timer = self.set_timer(SETTLE_SECONDS, show_now)

    @property
    def lags(self) -> bool:
        """Whether the cursor has moved on and `show` is still to be called."""
        return self._timer is not None

    def show_node(self, node: Node, began: int, said: Said) -> None:
        """Show a span of a trace that began at `began` (Unix ns); `said` in its log records."""
        same = self._node is not None and self._node.span_id == node.span_id
        self._node, self._began, self._said = node, began, said
        self._show(keep_place=same)

    def _show(self, *, keep_place: bool = False) -> None:
        if self._node is None:
            return
        context = Context(self._began, self.services.now(), self.services.tz, self._said)
        self.document = document(self._node, self.tab, context)
        self.query_one(TabBar).show_tabs(TABS, self.tab, heading(self._node))
        self.text_pane.show_lines(self.document.lines, keep_place=keep_place)

    def choose(self, number: int) -> None:
        """Show a tab by its number, from 0."""
        self.tab = TABS[number % len(TABS)]
        self._show()

    def step(self, step: int) -> None:
        """Show the next (1) or previous (-1) tab."""
        self.choose(TABS.index(self.tab) + step)

    @on(TabBar.Picked)
    def _picked(self, event: TabBar.Picked) -> None:
        self.choose(TABS.index(event.name))
        self.text_pane.focus()
