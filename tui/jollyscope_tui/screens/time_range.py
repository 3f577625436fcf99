"""The dialog for the stretch of time that a list is about."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label, Static

from jollyscope.errors import UsageError
from jollyscope.query.times import parse_time
from jollyscope_tui.screens.choosing import Dialog
from jollyscope_tui.view import ALL
from jollyscope_tui.widgets.choices import Choice, Choices

__all__ = ["RANGES", "Range", "TimeRangeDialog"]

RANGES = {
    "15m": "last 15 minutes",
    "1h": "last hour",
    "6h": "last 6 hours",
    "24h": "last 24 hours",
    "7d": "last 7 days",
    "30d": "last 30 days",
    ALL: "all times",
}


class Range(NamedTuple):
    """As `View` has it."""

    since: str | None
    until: str | None


class TimeRangeDialog(Dialog[Range]):
    """A usual stretch, or one's own; `now` in Unix ns."""

    def __init__(self, current: Range, now: int) -> None:
        super().__init__()
        self._current, self._now = current, now

    def compose(self) -> ComposeResult:
        since, until = self._current
        at = since or ALL if until is None else None
        signed = [
            Choice(key, text, "" if key == ALL else key, "●" if key == at else " ")
            for key, text in RANGES.items()
        ]
        with Vertical():
            yield Choices("which time", signed, at)
            yield Static("or from one time to another: Tab", classes="hint")
            with Horizontal():
                yield Label("since")
                yield Input(
                    "" if since in (None, ALL) else since or "",
                    placeholder="2h, 3d, 2026-11-20T14:00",
                    id="since",
                    compact=True,
                )
            with Horizontal():
                yield Label("until")
                yield Input(until or "", placeholder="now", id="until", compact=True)
            yield Static("", id="said", markup=False)
            yield Static("Enter takes it · Esc closes", classes="hint")

    @on(Choices.Chosen)
    def _chosen(self) -> None:
        chosen = self.query_one(Choices).chosen
        if chosen is not None:
            self.dismiss(Range(chosen.key, None))

    @on(Input.Submitted)
    def _submitted(self) -> None:
        since, until = (self.query_one(f"#{name}", Input).value.strip() for name in Range._fields)
        try:
            found = [parse_time(text, self._now) for text in (since, until) if text]
        except UsageError as error:
            self.say(str(error))
            return
        if len(found) == 2 and found[0] >= found[1]:
            self.say("`since` is not before `until`: nothing lies between.")
            return
        self.dismiss(Range(since or (None if until else ALL), until or None))
