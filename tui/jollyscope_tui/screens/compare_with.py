"""The dialog that chooses what a trace is compared with: one of the newest others."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from jollyscope.errors import JollyScopeError
from jollyscope.model.format import duration
from jollyscope.model.steps import FAILED, first_line
from jollyscope.query.listing import TraceRow
from jollyscope_tui.navigation import CompareAsked
from jollyscope_tui.screens.choosing import Dialog
from jollyscope_tui.services import Services
from jollyscope_tui.view import View
from jollyscope_tui.when import date_and_clock
from jollyscope_tui.widgets.choices import Choice, Choices

__all__ = ["CompareWithDialog"]

NEWEST = 200


class CompareWithDialog(Dialog[None]):
    """Lists the newest traces; Enter compares."""

    class Listed(Message):
        """What a worker found, or why it did not."""

        def __init__(self, rows: Sequence[TraceRow], error: JollyScopeError | None = None) -> None:
            super().__init__()
            self.rows = rows
            self.error = error

    def __init__(self, services: Services, trace: str) -> None:
        super().__init__()
        self._services = services
        self._trace = trace

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Choices(f"compare {self._trace[:8]} with one of the newest {NEWEST}", [])
            yield Static("", id="said", markup=False)
            yield Static("Enter compares · Esc closes", classes="hint")

    def on_mount(self) -> None:
        lists, now = self._services.source.lists, self._services.now()

        def work() -> None:
            try:
                selection = lists.select(View(), now)
                found = lists.snapshot(selection, NEWEST, count=False).rows
                rows = [row for row in found if isinstance(row, TraceRow)]
                self.post_message(self.Listed(rows))
            except JollyScopeError as error:
                self.post_message(self.Listed([], error))

        self.run_worker(work, thread=True, exit_on_error=False)

    @on(Listed)
    def _listed(self, event: Listed) -> None:
        others = [self._choice(row) for row in event.rows if row.trace_id != self._trace]
        self.query_one(Choices).show_choices(others)
        if event.error is not None:
            self.say(str(event.error))
        elif not others:
            self.say("There is no other trace in the store.")

    def _choice(self, row: TraceRow) -> Choice:
        when = date_and_clock(row.start_time, self._services.tz)
        about = f"{duration(row.duration_ms)} · {first_line(row.input or row.name)}"
        sign = FAILED if row.status == "error" else " "
        return Choice(row.trace_id, f"{row.trace_id[:8]} {when}", about, sign)

    @on(Choices.Chosen)
    def _chosen(self) -> None:
        chosen = self.query_one(Choices).chosen
        if chosen is not None:
            self.app.screen_stack[-2].post_message(CompareAsked(self._trace, chosen.key))
            self.dismiss(None)
