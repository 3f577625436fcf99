"""Records as they come, one line each, the newest at the bottom."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import shlex
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Footer, Static

from jollyscope.model.format import count
from jollyscope.transport.following.api import Standing, Start
from jollyscope_tui.listening import Listening
from jollyscope_tui.navigation import CopyAsked, TraceAsked
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.tail_find import FindLine, TailFind
from jollyscope_tui.services import Services
from jollyscope_tui.tail_inbox import TailInbox
from jollyscope_tui.widgets.cells import Paint, clean
from jollyscope_tui.widgets.filter_bar import FilterBar
from jollyscope_tui.widgets.line import Heading
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.state_panel import StatePanel
from jollyscope_tui.widgets.tail_list import TailList

__all__ = ["TailScreen"]

BEGIN_WITH = 200
"""Records that are there already when it opens."""
_AGAIN_NS = 5 * 10**9
"""A follower that is opened again begins so much earlier; what is heard twice is shown once."""


class TailScreen(TailFind):
    """What `filter` leaves of the records that are being written."""

    CSS_PATH = "tail.tcss"
    AUTO_FOCUS = "TailList"
    HELP = (
        "Records as they are written, the newest below. At the end it follows; further up nothing "
        "moves. A step that goes on is one row, which says so when it ends."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "Pause"),
        Binding("M", "metrics", "Metrics too, or not", show=False),
        Binding("C", "clear", "Begin with an empty list", show=False),
        Binding("y", "copy", "Copy the record", show=False),
        Binding("Y", "copy_command", "Copy the command line", show=False),
        Binding("r", "reload", "Listen anew", show=False),
        Binding("escape", "step_back", "Back a step", show=False),
        Binding("q", "leave", "Back"),
    ]

    class Came(Message):
        """Records, or another standing, wait to be taken."""

    def __init__(self, services: Services, filter: str = "") -> None:
        super().__init__(services, filter)
        self.metrics = False
        self.standing: Standing | None = None
        self.unreadable = 0
        self._noted = ""
        self.inbox = TailInbox(self.test, lambda: self.post_message(self.Came()))
        self._listening: Listening | None = None

    def compose(self) -> ComposeResult:
        yield Heading(id="heading")
        yield FilterBar("f")
        yield Static(id="notes", markup=False)
        yield StatePanel()
        yield TailList(self.services.now, self.services.tz)
        yield FindLine()
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.show_bar()
        self._show()
        self.set_interval(1.0, self.listing.tick)
        self._listen(Start.last(BEGIN_WITH))

    def on_unmount(self) -> None:
        if self._listening is not None:
            self._listening.close()

    # Hearing

    def _listen(self, start: Start) -> None:
        if self._listening is not None:
            self._listening.close()
        source, kinds = self.services.source.live, ["span", "event"]
        wanted = [*kinds, "metric"] if self.metrics else kinds
        self._listening = Listening(
            lambda: source.follow(start, wanted),  # type: ignore[arg-type]
            self.inbox.put,
            lambda error: self.post_message(self.Failed("listen", error)),
        )

    def action_reload(self) -> None:
        self._listen(Start.since(self.services.now() - _AGAIN_NS))

    @on(Came)
    def _came(self) -> None:
        batch = self.inbox.take()
        self.standing = batch.standing
        self.unreadable += batch.unreadable
        self.listing.history.heard += batch.lost
        self.listing.history.dropped += batch.lost
        self.listing.add(batch.rows)
        self._show()

    @on(ReadingScreen.Failed)
    def _failed(self, event: ReadingScreen.Failed) -> None:
        if event.job != "listen":
            self.went_wrong(event.error)
        elif self.listing.history.rows:
            self.notify(str(event.error), severity="error", markup=False)
        else:
            self.listing.display = False
            self.query_one(StatePanel).failed(event.error)

    # What is said

    def fitted(self) -> None:
        self._show()

    @on(LineList.Moved)
    def _show(self) -> None:
        listing, panel = self.listing, self.query_one(StatePanel)
        some = bool(listing.row_total())
        if some != listing.display or not some:
            listing.display = some
            panel.hide() if some else panel.tell(self._nothing())
        if some and self.focused is None:
            listing.focus()
        self._show_heading()
        sentence = self.standing.sentence if self.standing and some else ""
        if sentence != self._noted:  # each change lays out the whole screen
            self._noted = sentence
            notes = self.query_one("#notes", Static)
            notes.display = bool(sentence)
            notes.update(f"! {clean(sentence)}")

    def _show_heading(self) -> None:
        listing, history, standing = self.listing, self.listing.history, self.standing
        paint: Paint = [(" JollyScope ", "strong"), ("tail", "text")]
        if listing.paused:
            paint.append((f" · ‖ paused · {count(listing.unread)} unread", "warning"))
        elif listing.unread:
            paint.append((f" · ↓ {count(listing.unread)} new, G goes there", "running"))
        elif standing is not None and standing.connected:
            paint.append((" · ◐ live", "running"))
        paint.append((f" · {count(history.heard)} heard", "text"))
        if history.running:
            paint.append((f" · {count(history.running)} running", "running"))
        dropped = history.dropped + listing.lost
        if dropped:
            paint.append((f" · the last {count(len(history.rows))} kept", "muted"))
        missed = self.unreadable + (standing.skipped if standing else 0)
        if missed:
            paint.append((f" · {count(missed)} could not be read", "warning"))
        if self.metrics:
            paint.append((" · metrics too", "muted"))
        where = standing.source if standing else ""
        paint.append((f" · {where + ' · ' if where else ''}{self.services.source.url}", "muted"))
        self.query_one("#heading", Heading).show_paint(paint)

    def _nothing(self) -> Text:
        standing, heard = self.standing, len(self.listing.history.rows)
        if heard:
            said = Text.assemble((f"None of {count(heard)} records fits the filter", "bold"))
            return said.append("\n\nwhat comes and fits is shown · Backspace shows all", "dim")
        text = Text.assemble(("Waiting for records.", "bold"))
        if standing is not None and standing.sentence:
            text.append(f"\n\n{clean(standing.sentence)}")
        ways = "\n\njollyscope run -- python agent.py   records your agent\n"
        text.append(f"{ways}jollyscope demo                     records a small one")
        return text.append("\n\nq goes back", "dim")

    # Keys

    def action_pause(self) -> None:
        self.listing.action_pause()
        self._show()

    def action_metrics(self) -> None:
        self.metrics = not self.metrics
        self.action_reload()
        self._show()

    def action_clear(self) -> None:
        self.listing.clear()
        self.unreadable = 0
        self._show()

    @on(LineList.Chosen)
    def _chosen(self) -> None:
        row = self.listing.selected
        if row is None:
            return
        if row.trace_id is None:
            self.notify("This record belongs to no trace.", timeout=3)
            return
        self.post_message(TraceAsked(row.trace_id, row.span_id))

    def action_copy(self) -> None:
        row = self.listing.selected
        if row is not None:
            text = row.line.decode("utf-8", "replace")
            self.post_message(CopyAsked(text, f"the {row.kind}'s record"))

    def action_copy_command(self) -> None:
        words = ["jollyscope", "ui", "--tail", *(["--filter", self.filter] if self.filter else [])]
        self.post_message(CopyAsked(shlex.join(words), "the command line"))

    def action_step_back(self) -> None:
        """Undo the nearest thing: the search, the pause; else leave."""
        if self.stop_finding():
            return
        if self.listing.paused:
            self.action_pause()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        self.stop_reading()
        self.app.pop_screen()
