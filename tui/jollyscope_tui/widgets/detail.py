"""The chosen span, tab by tab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from jollyscope.model.tree import Node
from jollyscope.query.dialogue import Said
from jollyscope.store.state import Annotation
from jollyscope_tui.services import Services
from jollyscope_tui.widgets.context import Context
from jollyscope_tui.widgets.details import TABS, document, heading
from jollyscope_tui.widgets.document import Document, Folds, note
from jollyscope_tui.widgets.document_pane import DocumentPane
from jollyscope_tui.widgets.line import TabBar
from jollyscope_tui.widgets.outline import Outline
from jollyscope_tui.widgets.remarks import remarks
from jollyscope_tui.widgets.settling import SettlingPane

__all__ = ["DetailPane"]


class DetailPane(SettlingPane):
    """A bar of tabs over a document. What a tab needs that takes long to come by it asks for
    (`Wanted`), and shows when it is there (`supply`).
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "tab(1)", "Tabs", key_display="←→"),
        Binding("left,h", "tab(-1)", "Previous tab", show=False),
        Binding("escape", "step_back", "Stop filtering", show=False),
    ]

    class Wanted(Message):
        """The chosen tab of this span is on show and needs to be read for."""

        def __init__(self, tab: str, node: Node) -> None:
            super().__init__()
            self.tab = tab
            self.node = node

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.tab = TABS[0]
        self.document: Document = note("")
        self.rendered = True
        """Whether texts are rendered, not shown as they are."""
        self.annotations: Sequence[Annotation] = ()
        """What people wrote on the trace."""
        self._node: Node | None = None
        self._outline: Outline | None = None
        self._said: Said = {}
        self._narrow = ""
        self._folds: dict[tuple[str, str], Folds] = {}
        self._read: tuple[str, str, object] | None = None

    def compose(self) -> ComposeResult:
        yield TabBar()
        yield DocumentPane()
        yield Input(id="narrow", compact=True)

    @property
    def text_pane(self) -> DocumentPane:
        """The text under the tabs."""
        return self.query_one(DocumentPane)

    @property
    def box(self) -> Input:
        """Where one types what to look for."""
        return self.query_one("#narrow", Input)

    @property
    def node(self) -> Node | None:
        """The span on show."""
        return self._node

    @property
    def has_focus_within(self) -> bool:
        """Whether keys go to the text."""
        return self.text_pane.has_focus

    @property
    def lags(self) -> bool:
        """Whether what is on show is not yet what is to be shown."""
        if self._node is None or not self.is_on_screen:
            return False
        return self.settling or self.text_pane.busy

    # What is shown

    def show_node(self, node: Node, outline: Outline, said: Said) -> None:
        """Show a span of a trace; `said` in its log records."""
        same = self._node is not None and self._node.span_id == node.span_id
        self._node, self._outline, self._said = node, outline, said
        self._show(keep_place=same)
        self._want()

    def refresh_content(self) -> None:
        """Something that the tab says has changed: say it anew, at the same place."""
        self._show(keep_place=True)

    def supply(self, tab: str, span_id: str, result: object) -> None:
        """What a tab was read for."""
        known = self._read is not None and self._read[:2] == (tab, span_id)
        self._read = tab, span_id, result
        if self._node is not None and (tab, span_id) == (self.tab, self._node.span_id):
            self._show(keep_place=known)

    def _want(self) -> None:
        if self._node is not None and self._node.parent is not self._node:
            self.post_message(self.Wanted(self.tab, self._node))

    def _show(self, *, keep_place: bool = False) -> None:
        node, outline = self._node, self._outline
        if node is None or outline is None:
            return
        place = self.tab, node.span_id
        held = self._read[2] if self._read is not None and self._read[:2] == place else None
        context = Context(
            outline.tree, outline.tree.start, self.services.now(), self.services.tz, self._said,
            self.text_pane.line_width or 78, self.annotations,
            remarks(outline, node), self.rendered, self._narrow, held,
        )  # fmt: skip
        self.document = document(node, self.tab, context)
        self.query_one(TabBar).show_tabs(TABS, self.tab, heading(node))
        folds = self._folds.setdefault(place, Folds())
        self.text_pane.show(self.document, folds, keep_place=keep_place)

    def on_resize(self) -> None:
        if self.tab in ("Overview", "Resources", "Flow"):
            self.call_after_refresh(self.refresh_content)

    # Tabs

    def choose(self, number: int) -> None:
        """Show a tab by its number, from 0."""
        self.catch_up()
        self.stop_typing()
        self.tab = TABS[number % len(TABS)]
        self._show()
        self._want()

    def action_tab(self, step: int) -> None:
        self.choose(TABS.index(self.tab) + step)

    @on(TabBar.Picked)
    def _picked(self, event: TabBar.Picked) -> None:
        self.choose(TABS.index(event.name))
        self.text_pane.focus()

    def render_or_not(self) -> None:
        """Show texts as they are, or rendered again."""
        self.rendered = not self.rendered
        self._show()

    # Finding and filtering

    @on(DocumentPane.FindAsked)
    def _find(self) -> None:
        box = self.box
        narrows = self.tab == "Attributes"
        box.placeholder = "show only names and values with" if narrows else "find in this tab"
        box.value = self._narrow
        box.add_class("-open")
        box.focus()

    @on(Input.Changed, "#narrow")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.box.has_class("-open"):
            return
        if self.tab == "Attributes":
            self._narrow = event.value
            self._show()
        else:
            self.text_pane.find(event.value)

    @on(Input.Submitted, "#narrow")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.box.remove_class("-open")
        self.text_pane.focus()

    @on(DocumentPane.Lost)
    def _lost(self, event: DocumentPane.Lost) -> None:
        self.notify(f"“{event.text}” is not in this tab as it is folded.", timeout=3, markup=False)

    def stop_typing(self) -> bool:
        """Close the box, and forget what was looked for or filtered by; whether there was anything."""
        typing = self.box.has_class("-open")
        if not (typing or self._narrow or self.text_pane.needle):
            return False
        self.box.remove_class("-open")
        if typing:
            self.text_pane.focus()
        self.text_pane.find("")
        if self._narrow:
            self._narrow = ""
            self._show()
        return True

    def action_step_back(self) -> None:
        if not self.stop_typing():
            raise SkipAction
