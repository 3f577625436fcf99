"""The chosen pair of steps, tab by tab."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.message import Message

from jollyscope.analysis.diff_result import Pair, TraceDiff
from jollyscope_tui.widgets.compare_detail import (
    TABS,
    TabText,
    TextTab,
    numbers,
    paint_text,
    read_text,
    title,
    whole,
)
from jollyscope_tui.widgets.line import TabBar
from jollyscope_tui.widgets.settling import SettlingPane
from jollyscope_tui.widgets.text_pane import TextPane

__all__ = ["ComparePane"]


class ComparePane(SettlingPane):
    """A bar of tabs over a text. Differences of texts are asked for and come later."""

    class TextAsked(Message):
        """The pane wants the difference of the pair's texts: `show_text` takes it."""

        def __init__(self, pair: Pair, tab: str) -> None:
            super().__init__()
            self.pair = pair
            self.tab = tab

    def __init__(self) -> None:
        super().__init__()
        self.tab = TABS[0]
        self.document = TabText([], "")
        self._pair: Pair | None = None
        self._diff: TraceDiff | None = None
        self._text: TextTab | None = None

    def compose(self) -> ComposeResult:
        yield TabBar()
        yield TextPane()

    @property
    def text_pane(self) -> TextPane:
        """The text under the tabs."""
        return self.query_one(TextPane)

    @property
    def lags(self) -> bool:
        """Whether the cursor has moved on, or a text is still being compared."""
        waits = self._pair is not None and self._text is None and self.tab in TABS[:3]
        return self.settling or waits

    def show_pair(self, pair: Pair | None, diff: TraceDiff) -> None:
        """Show this pair, or the whole comparison where there is none."""
        self._pair, self._diff = pair, diff
        self._show()

    def show_text(self, text: TextTab) -> None:
        """The difference that was asked for."""
        self._text = text
        self._draw()

    def catch_up(self) -> None:
        """Show now what the cursor stands on, the difference of its texts too."""
        super().catch_up()
        if self.lags and self._pair is not None:
            self.show_text(read_text(self._pair, self.tab))

    def choose(self, number: int) -> None:
        """Show a tab by its number, from 0."""
        super().catch_up()
        self.tab = TABS[number % len(TABS)]
        self._show()

    def step(self, step: int) -> None:
        """Show the next (1) or previous (-1) tab."""
        self.choose(TABS.index(self.tab) + step)

    def _show(self) -> None:
        self._text = None
        if self._pair is not None and self.tab in TABS[:3]:
            self.post_message(self.TextAsked(self._pair, self.tab))
        self._draw()

    def _draw(self) -> None:
        if self._diff is None:
            return
        pair = self._pair
        said = title(pair) if pair else [("equal steps; space unfolds them", "muted")]
        self.query_one(TabBar).show_tabs(TABS, self.tab, said)
        self.document = self._document(pair, self._diff)
        self.text_pane.show_lines(self.document.lines)

    def _document(self, pair: Pair | None, diff: TraceDiff) -> TabText:
        if self.tab == "Summary" or pair is None:
            return whole(diff)
        if self.tab == "Numbers":
            return numbers(pair)
        width = self.text_pane.scrollable_content_region.width
        return paint_text(self._text, width) if self._text else TabText([], "")

    def on_resize(self, _event: events.Resize) -> None:
        self.call_after_refresh(self._draw)

    @on(TabBar.Picked)
    def _picked(self, event: TabBar.Picked) -> None:
        self.choose(TABS.index(event.name))
        self.text_pane.focus()
