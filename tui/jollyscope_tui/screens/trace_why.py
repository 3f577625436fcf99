"""What makes this run slow and dear, or fail, by the analyses of `analyze`, and the way to its spans."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType

from jollyscope.model.format import cost, duration
from jollyscope.query.listing import TraceRow
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.trace_parts import TraceParts

if TYPE_CHECKING:
    from jollyscope.analysis.report import Found, Report

__all__ = ["TraceWhy"]


class _Explained(NamedTuple):
    """What was found of a trace as its row says it is."""

    row: TraceRow
    report: Report


class TraceWhy(TraceParts):
    """Explains the trace on show."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("W", "why", "What makes it slow and dear", show=False),
    ]

    @property
    def row(self) -> TraceRow | None:
        """The trace on show, as lists have it."""
        raise NotImplementedError

    def action_why(self) -> None:
        row, model = self.row, self.view.model
        if row is None or model is None:
            return
        spans = [node.span for node in model.outline.nodes if node.span is not None]

        def explain() -> _Explained:
            # Opening a trace does not wait for it to be imported.
            from jollyscope.analysis.report import explained

            return _Explained(row, explained(row, spans))

        self.read("why", explain)

    @on(ReadingScreen.Read)
    def _explained(self, event: ReadingScreen.Read) -> None:
        if not isinstance(event.result, _Explained):
            return
        from jollyscope_tui.screens.findings import FindingsDialog

        row, report = event.result
        price = f" and {cost(row.cost_usd)}" if row.cost_usd else ""
        title = f"what makes this run slow and dear: {duration(row.duration_ms)}{price}"
        self.app.push_screen(FindingsDialog(title, report.found), self._go_to)

    def _go_to(self, found: Found | None) -> None:
        if found is None:
            return
        spans = found.finding.evidence.spans
        if spans and self.view.select_span(spans[0]):
            self.view.focus()
