"""What makes the executions of the dashboard's stretch of time slow, dear or fail, the most worthwhile
first.
"""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Hashable
from time import monotonic

from textual import on
from textual.message import Message
from textual.worker import get_current_worker

from jollyscope.analysis.report import Found, Report
from jollyscope.analysis.runs import Totals
from jollyscope.errors import JollyScopeError
from jollyscope_tui.navigation import ListAsked
from jollyscope_tui.services import Services
from jollyscope_tui.sources.numbers import NEWEST, NumbersAsked
from jollyscope_tui.view import View
from jollyscope_tui.widgets.cells import Paint, fit
from jollyscope_tui.widgets.finding_lines import finding_row
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.row_panel import RowPanel

__all__ = ["FindingsPanel"]

_MOST_ROWS = 5
"""More are scrolled to."""
_NOTHING = Report([], Totals(0, 0.0, None))
_EVERY_SECONDS, _REST = 30.0, 19
"""Looked for again no sooner, and no more than a twentieth of the time."""


class FindingsPanel(RowPanel[Found]):
    """Draws findings. Enter asks for the traces behind one. Not there while there is none, or no room."""

    class Looked(Message):
        """A worker has looked; `asked` is what it was asked, less the moment."""

        def __init__(self, asked: NumbersAsked, report: Report, seconds: float) -> None:
            super().__init__()
            self.asked, self.report, self.seconds = asked, report, seconds

    def __init__(self, services: Services) -> None:
        super().__init__(id="findings")
        self.executions = 0
        """How many there are; of more than `NEWEST` the newest were looked at."""
        self._services = services
        self._asked: NumbersAsked | None = None
        self._next = 0.0

    @property
    def looking(self) -> bool:
        """Whether what there is to say is not known yet."""
        return self._next == float("inf")

    def look(self, asked: NumbersAsked) -> None:
        """See to it that the findings are of this stretch of time, and not too old."""
        same = self._asked is not None and _same(self._asked, asked)
        if same and monotonic() < self._next:
            return
        self._asked, self._next = asked, float("inf")
        source = self._services.source

        def work() -> None:
            worker, began = get_current_worker(), monotonic()
            try:
                found = source.numbers.findings(asked)
            except JollyScopeError:
                # The dashboard's own numbers say what is wrong with the store.
                found = None
            if not worker.is_cancelled:
                seconds = monotonic() - began
                self.post_message(self.Looked(asked, found or _NOTHING, seconds))

        self.run_worker(work, group="findings", thread=True, exclusive=True, exit_on_error=False)

    @on(Looked)
    def _looked(self, event: Looked) -> None:
        event.stop()
        if self._asked is None or not _same(self._asked, event.asked):
            return
        self._next = monotonic() + max(_EVERY_SECONDS, _REST * event.seconds)
        self.executions = event.report.totals.runs
        self.set_class(bool(event.report.found), "-any")
        self.styles.height = 1 + min(len(event.report.found), _MOST_ROWS)
        self.put(event.report.found)

    def about(self, row: Found) -> Hashable:
        return row.analysis.name, row.finding.filter

    def row_key(self, row: int) -> Hashable:
        shown = self.rows[row]
        return row, shown.analysis.name, shown.finding.what, self.has_focus

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        if self.selected is not None:
            # Its filter says since when.
            self.post_message(ListAsked(View(filter=self.selected.finding.filter)))

    @property
    def head(self) -> str:
        """What the findings are about."""
        newest = f"the newest {NEWEST} " if self.executions > NEWEST else ""
        return f"what makes {newest}executions slow, dear or fail"

    def paint_head(self, width: int) -> Paint:
        said = f"{'▸' if self.has_focus else ' '}findings {len(self.rows)}"
        paint: Paint = [(said, "tab" if self.has_focus else "title")]
        return [*paint, (fit(f" · {self.head}", max(0, width - len(said))), "muted")]

    def paint_row(self, row: int, width: int) -> Paint:
        here = row == self.cursor and self.has_focus
        return finding_row(self.rows[row], width, here=here)


def _same(one: NumbersAsked, two: NumbersAsked) -> bool:
    return one._replace(now=0, cells=0) == two._replace(now=0, cells=0)
