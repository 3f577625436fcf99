"""Finding inside a trace: the box that opens with `/`, and the worker that looks."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from time import monotonic

from textual import on
from textual.message import Message
from textual.widgets import Input
from textual.worker import get_current_worker

from jollyscope_tui.giving_way import giving_way
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.trace_parts import TraceParts
from jollyscope_tui.services import Services
from jollyscope_tui.widgets.matches import Matches, Search
from jollyscope_tui.widgets.trace_view import TraceView

__all__ = ["FindBox", "TraceFind"]

TELL_SECONDS = 0.1


class FindBox(Input):
    """One line below the trace, there while someone types what to look for."""

    def __init__(self) -> None:
        super().__init__(
            id="find",
            placeholder="find in names, texts, errors, models, ids, attributes",
            compact=True,
        )


class TraceFind(TraceParts):
    """Looks for what is typed, as it is typed, in a worker that tells what it has found so far."""

    class Finding(Message):
        """How far a search has come."""

        def __init__(self, matches: Matches) -> None:
            super().__init__()
            self.matches = matches

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._origin = 0
        self._sought = ""

    @on(TraceView.FindAsked)
    def _find(self) -> None:
        box, model = self.query_one(FindBox), self.view.model
        self._origin = model.node(self.view.cursor) if model and len(model) else 0
        box.add_class("-open")
        box.value = ""
        box.focus()

    @on(Input.Changed, "#find")
    def _typed(self, event: Input.Changed) -> None:
        if event.input.has_class("-open"):
            self._look_for(event.value)

    def _look_for(self, text: str) -> None:
        model, known = self.view.model, self.view.matches
        self._sought = text
        if not text or model is None:
            self.workers.cancel_group(self, "find")
            self.view.show_matches(None, self._origin)
            return
        # Whatever has "abc" has "ab": what was found for that is all there is to look at.
        among = known if known and known.complete and known.needle.text in text.casefold() else None
        looking = Search(model.outline.nodes, text, self._origin, among)

        def search() -> Matches:
            worker, told, found_told = get_current_worker(), monotonic(), False
            with giving_way():
                for found in looking.run():
                    if worker.is_cancelled:
                        break
                    if found > found_told or monotonic() - told > TELL_SECONDS:
                        self.post_message(self.Finding(looking.matches()))
                        told, found_told = monotonic(), found
            return looking.matches()

        self.read("find", search)

    @on(Finding)
    def _finding(self, event: Finding) -> None:
        self._show_found(event.matches)

    @on(ReadingScreen.Read)
    def _found(self, event: ReadingScreen.Read) -> None:
        if isinstance(event.result, Matches):
            self._show_found(event.result)

    def _show_found(self, matches: Matches) -> None:
        if matches.text == self._sought:
            self.view.show_matches(matches, self._origin)

    def forget_search(self) -> None:
        """End the search; the cursor stays."""
        self._sought = ""
        self.workers.cancel_group(self, "find")
        self.view.forget_search()

    @on(Input.Submitted, "#find")
    def _close_find(self) -> None:
        self.query_one(FindBox).remove_class("-open")
        self.view.focus()

    def stop_finding(self) -> bool:
        """Close the box and go back to where the search began; False where it is not open."""
        box = self.query_one(FindBox)
        if not box.has_class("-open"):
            return False
        box.remove_class("-open")
        self._look_for("")
        self.view.focus()
        return True
