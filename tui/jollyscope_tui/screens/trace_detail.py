"""The detail's half of the trace screen: it follows the cursor, reads for its tabs, and its keys."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType

from jollyscope.analysis.flow import flow
from jollyscope.model.tree import Node
from jollyscope.query.dialogue import Said
from jollyscope.query.filter import term
from jollyscope_tui.navigation import AnnotateAsked, CopyAsked, ExportAsked, PageAsked, TermAsked
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.trace_parts import TraceParts
from jollyscope_tui.services import Services
from jollyscope_tui.widgets.context import Trouble
from jollyscope_tui.widgets.conversation import gather, is_heavy
from jollyscope_tui.widgets.detail import DetailPane
from jollyscope_tui.widgets.details import TABS
from jollyscope_tui.widgets.resource_lines import around
from jollyscope_tui.widgets.trace_view import TraceView

__all__ = ["TraceDetail"]


class _Told(NamedTuple):
    """What was read for a tab."""

    tab: str
    span_id: str
    result: object


class TraceDetail(TraceParts):
    """Shows the chosen span in the detail pane."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "Copy"),
        Binding("f", "narrow", "Filter by it", show=False),
        Binding("o", "page", "Pager", show=False),
        Binding("O", "edit", "Editor", show=False),
        Binding("e", "export", "Export", show=False),
        Binding("m", "annotate", "Note or label", show=False),
        Binding("R", "raw", "As it is, or rendered", show=False),
        Binding("w", "flow", "Flow", show=False),
        Binding("d", "detail", "Show or hide the detail", show=False),
        Binding("D", "enlarge", "Detail alone, or beside the tree", show=False),
        *(
            Binding(str((n + 1) % 10), f"tab_at({n})", f"Tab {name}", show=False)
            for n, name in enumerate(TABS)
        ),
    ]

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.logged: Said = {}
        """Messages that came as log records, by span."""

    @on(TraceView.Moved)
    def _moved(self) -> None:
        self.detail.show_soon(self.show_detail)

    def show_detail(self) -> None:
        """Show the span under the cursor now."""
        node, model = self.view.selected, self.view.model
        if node is not None and model is not None:
            self.detail.show_node(node, model.outline, self.logged)

    # Reading

    @on(DetailPane.Wanted)
    def _wanted(self, event: DetailPane.Wanted) -> None:
        what = self._reader(event.tab, event.node)
        if what is None:
            return
        tab, span_id = event.tab, event.node.span_id
        if tab == "Messages" and not is_heavy(event.node):
            self.detail.supply(tab, span_id, what())
            return
        self.read(f"tab {tab}", lambda: _Told(tab, span_id, what()))

    def _reader(self, tab: str, node: Node) -> Callable[[], object] | None:
        """What brings what a tab needs besides the span."""
        source, span, said, model = self.services.source, node.span, self.logged, self.view.model
        if tab == "Messages":
            return lambda: gather(node, said)
        if tab == "Flow" and model is not None:
            tree = model.outline.tree
            return lambda: flow(tree)
        if tab == "Resources" and span is not None:
            start, end = around(span, self.services.now())
            return lambda: source.traces.samples(span, start, end)
        if tab == "Overview" and span is not None:
            return lambda: source.notes.annotations(span.trace_id)
        return None

    @on(ReadingScreen.Read)
    def _told(self, event: ReadingScreen.Read) -> None:
        if not isinstance(event.result, _Told):
            return
        tab, span_id, result = event.result
        if tab == "Overview":
            if result != self.detail.annotations:
                self.detail.annotations = result  # pyright: ignore[reportAttributeAccessIssue]
                self.detail.refresh_content()
            return
        self.detail.supply(tab, span_id, result)

    @on(ReadingScreen.Failed)
    def _untold(self, event: ReadingScreen.Failed) -> None:
        tab = event.job.removeprefix("tab ")
        if event.job != tab and tab != "Overview" and self.detail.node is not None:
            self.detail.supply(tab, self.detail.node.span_id, Trouble(str(event.error)))

    # Keys

    @on(TraceView.Chosen)
    def _focus_detail(self) -> None:
        self.show_detail()
        self.detail.remove_class("-hidden")
        self.detail.text_pane.focus()

    def choose_tab(self, name: str) -> None:
        """Show a tab by its name, letter case aside; one that does not exist is said."""
        names = [tab.casefold() for tab in TABS]
        if name.casefold() in names:
            self.detail.choose(names.index(name.casefold()))
            return
        said = f"There is no tab {name}. Tabs: {', '.join(TABS)}."
        self.notify(said, severity="warning", markup=False)

    def action_tab_at(self, number: int) -> None:
        self.detail.remove_class("-hidden")
        self.detail.choose(number)

    def action_flow(self) -> None:
        self.action_tab_at(TABS.index("Flow"))
        self.detail.text_pane.focus()

    def action_detail(self) -> None:
        self.view.focus()
        self.remove_class("-alone")
        self.detail.toggle_class("-hidden")
        self.services.memory.change(detail=not self.detail.has_class("-hidden"))

    def action_enlarge(self) -> None:
        self.detail.remove_class("-hidden")
        alone = not self.has_class("-alone")
        self.set_class(alone, "-alone")
        (self.detail.text_pane if alone else self.view).focus()

    def action_raw(self) -> None:
        self.detail.render_or_not()
        said = "rendered" if self.detail.rendered else "as they are"
        self.notify(f"Texts are shown {said}.", timeout=2)

    def action_copy(self) -> None:
        self.detail.catch_up()
        self.post_message(CopyAsked(self.detail.document.text, self.detail.tab))

    def action_narrow(self) -> None:
        self.detail.catch_up()
        """Filter the list by the value under the cursor: of the detail where that has the focus, else
        the tool or the model of the row.
        """
        line = self.detail.text_pane.line
        if self.detail.has_focus_within:
            asked = line.term if line is not None else ""
            lack = "There is no value on this line that a list could be filtered by."
        else:
            asked = self._row_term()
            lack = "This span has no tool, model or step to filter by; Enter, then f on a value."
        if asked:
            self.post_message(TermAsked(asked))
        else:
            self.notify(lack, timeout=3)

    def _row_term(self) -> str:
        node = self.view.selected
        span = node.span if node is not None else None
        if span is None:
            return ""
        if span.tool_name:
            return term("tool", span.tool_name)
        if span.model:
            return term("model", span.model)
        return term("name", span.name) if span.name else ""

    def action_page(self) -> None:
        self.detail.catch_up()
        document = self.detail.document
        self.post_message(PageAsked(document.text, suffix=document.suffix))

    def action_edit(self) -> None:
        self.detail.catch_up()
        document = self.detail.document
        self.post_message(PageAsked(document.text, editor=True, suffix=document.suffix))

    def _trace_id(self) -> str:
        model = self.view.model
        spans = (node.span for node in model.outline.nodes) if model is not None else iter(())
        return next((span.trace_id for span in spans if span is not None), "")

    def action_export(self) -> None:
        if trace_id := self._trace_id():
            self.post_message(ExportAsked([trace_id]))

    def action_annotate(self) -> None:
        node, trace_id = self.view.selected, self._trace_id()
        if not trace_id:
            return
        if self.services.read_only:
            self.notify("Read-only: notes and labels are not written.", severity="warning")
            return
        span = node.span_id if node is not None and node.span is not None else None
        self.post_message(AnnotateAsked([trace_id], span))

    def on_screen_resume(self) -> None:
        # A note may have been written in the dialog that stood above.
        if self.view.model is not None:
            self.show_detail()
