"""What is out of the ordinary in the stretch of time that the dashboard shows."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from textual import on

from jollyscope.query.alerts import AlertRow, alert_filter
from jollyscope_tui.navigation import ListAsked, TellAsked, TraceAsked
from jollyscope_tui.notifying import NewAlerts
from jollyscope_tui.services import Services
from jollyscope_tui.view import View
from jollyscope_tui.when import iso
from jollyscope_tui.widgets.cells import Paint, fit, fit_right
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.row_panel import RowPanel

__all__ = ["AlertPanel"]

_NAME = 8
_TIMES = 5
_WHERE = (14, 40)
"""Cells of the subject: a quarter of the line within these."""
_MOST_ROWS = 4
"""More are scrolled to."""
_TRACE = 3_600 * 10**9


class AlertPanel(RowPanel[AlertRow]):
    """Draws alerts, the newest first, and tells of new ones as the setting says; `clock` writes a time
    (Unix ns). Enter asks for the traces behind one. Not there while there is none.
    """

    def __init__(self, services: Services, clock: Callable[[int], str]) -> None:
        super().__init__(id="alerts")
        self._services = services
        self._news = NewAlerts()
        self._clock = clock
        self.display = False

    def show(self, rows: list[AlertRow]) -> None:
        """Show these; the cursor stays on its alert."""
        self._tell(self._news.look(rows, self._services.now()))
        self.display = bool(rows)
        self.styles.height = 1 + min(len(rows), _MOST_ROWS)
        self.put(rows)

    def about(self, row: AlertRow) -> Hashable:
        return row.subject

    def _tell(self, news: list[AlertRow]) -> None:
        if news and self._services.notify != "off":
            more = f" (and {len(news) - 1} more)" if len(news) > 1 else ""
            text = f"{news[0].service or news[0].name}: {news[0].body}{more}"
            self.post_message(TellAsked(self._services.notify, text))

    @on(LineList.Chosen)
    def _chosen(self, event: LineList.Chosen) -> None:
        event.stop()
        alert = self.selected
        if alert is None:
            return
        if alert.trace_id is not None:
            self.post_message(TraceAsked(alert.trace_id))
            return
        # Its spans began then; their traces may have begun earlier.
        since, until = iso(alert.first_time - _TRACE), iso(alert.until)
        self.post_message(ListAsked(View(filter=alert_filter(alert), since=since, until=until)))

    def paint_head(self, width: int) -> Paint:
        said = f"{'▸' if self.has_focus else ' '}⚠ alerts {len(self.rows)}"
        note = "of all services, whatever the filter"
        style = "tab" if self.has_focus else "warning"
        paint: Paint = [(said, style)]
        return [*paint, (f" · {note}", "muted")] if width > len(said) + len(note) + 4 else paint

    def paint_row(self, row: int, width: int) -> Paint:
        shown = self.rows[row]
        here = row == self.cursor and self.has_focus
        since = self._clock(shown.first_time)
        where = max(_WHERE[0], min(_WHERE[1], width // 4))
        rest = max(0, width - _NAME - where - _TIMES - len(since) - 5)
        return [
            ("▌" if here else " ", "strong"),
            (fit(shown.name, _NAME), "warning"),
            (" " + fit(_where(shown), where), "text"),
            (" " + fit_right(f"×{shown.count}" if shown.count > 1 else "", _TIMES), "muted"),
            (" " + since, "muted"),
            (" " + fit(shown.body, rest), "text"),
        ]


def _where(row: AlertRow) -> str:
    parts = [row.tool_name or row.model or row.step_type, row.service]
    return " · ".join(part for part in parts if part) or "-"
