"""Which records of a tail are shown, and finding one among them."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from jollyscope.query.filter import FilterError, add_term, drop_term, has_term, parse, term
from jollyscope_tui.giving_way import giving_way
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.filter_values import FilterValues
from jollyscope_tui.services import Services
from jollyscope_tui.tail_inbox import Fits, TailInbox, refit, test_of
from jollyscope_tui.widgets.filter_bar import FilterBar
from jollyscope_tui.widgets.history import remembered
from jollyscope_tui.widgets.tail_list import TailList

__all__ = ["FindLine", "TailFind"]


class FindLine(Input):
    """One line below the records, there while someone types what to look for."""

    def __init__(self) -> None:
        super().__init__(id="find", placeholder="find in what the rows say", compact=True)


class TailFind(FilterValues):
    """The filter in force, and what is searched for. Subclasses show it (`fitted`)."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "Find", key_display="/"),
        Binding("n", "find_next(1)", "Next that was found", show=False),
        Binding("N", "find_next(-1)", "Previous that was found", show=False),
        Binding("f", "filter", "Filter"),
        Binding("x", "failed", "Only failed, or all", show=False),
        Binding("s", "session", "Only this session, or all", show=False),
        Binding("backspace", "widen", "No filter", show=False),
    ]

    inbox: TailInbox

    def __init__(self, services: Services, filter: str = "") -> None:
        super().__init__(services)
        self.filter = filter
        self._origin = 0
        try:
            self.test: Fits = test_of(parse(filter), services.now())
        except FilterError as error:
            # Its place was a list, where whole traces can be asked about.
            self.filter, self._refused = "", error
            self.test = test_of(parse(""), services.now())
        else:
            self._refused = None

    @property
    def listing(self) -> TailList:
        """The list widget."""
        return self.query_one(TailList)

    def fitted(self) -> None:
        """Other rows are on show."""
        raise NotImplementedError

    # The filter

    def show_bar(self) -> None:
        """Put the filter in force into its line; say why the one asked for is not."""
        earlier = remembered(self.services.memory.now.filters, self.filter)
        self.services.memory.change(filters=earlier)
        self.bar.show_filter(self.filter, earlier)
        if self._refused is not None:
            self.notify(str(self._refused), severity="warning", markup=False)
            self._refused = None

    def action_filter(self) -> None:
        self.bar.input.focus()

    @on(FilterBar.Left)
    def action_to_list(self) -> None:
        self.set_focus(self.listing if self.listing.display else None)

    @on(FilterBar.Asked)
    def _filter_asked(self, event: FilterBar.Asked) -> None:
        if self.narrow(event.text):
            self.action_to_list()

    def narrow(self, text: str) -> bool:
        """Put this filter in force; False where records cannot be asked that."""
        try:
            test = test_of(parse(text), self.services.now())
        except FilterError as error:
            self.bar.say(error)
            return False
        self.filter, self.test = text, test
        self.inbox.change(test)
        self.show_bar()
        rows = self.listing.everything()

        def work() -> Fits:
            with giving_way():
                refit(rows, test)
            return test

        self.read("filter", work)
        return True

    @on(ReadingScreen.Read)
    def _filtered(self, event: ReadingScreen.Read) -> None:
        if event.job == "filter" and event.result is self.test:
            self.listing.choose()
            self.fitted()

    def _turn(self, words: str) -> None:
        """Put a term into the filter; one that is there already goes."""
        there = has_term(self.filter, words)
        self.narrow(drop_term(self.filter, words) if there else add_term(self.filter, words))

    def action_failed(self) -> None:
        self._turn("status:error")

    def action_session(self) -> None:
        row = self.listing.selected
        if row is not None and row.kind == "span":
            field = "trace" if row.session == (row.trace_id or "")[:8] else "session"
            self._turn(term(field, row.session))

    def action_widen(self) -> None:
        if self.filter:
            self.narrow("")

    # Finding

    @property
    def box(self) -> FindLine:
        """The line to type in."""
        return self.query_one(FindLine)

    def action_find(self) -> None:
        self._origin = self.listing.cursor
        self.box.add_class("-open")
        self.box.value = ""
        self.box.focus()

    @on(Input.Changed, "#find")
    def _find_typed(self, event: Input.Changed) -> None:
        if not event.input.has_class("-open"):
            return
        listing = self.listing
        listing.mark(event.value.casefold())
        listing.move_to(self._origin)
        if event.value:
            listing.find(listing.needle, -1, here=True)

    @on(Input.Submitted, "#find")
    def _find_entered(self) -> None:
        self.box.remove_class("-open")
        self.action_to_list()
        listing = self.listing
        if listing.needle and not listing.find(listing.needle, -1, here=True):
            self.notify("No row says that.", timeout=2)

    def action_find_next(self, step: int) -> None:
        listing = self.listing
        if not listing.needle:
            self.action_find()
        elif not listing.find(listing.needle, step):
            self.notify("No row says that.", timeout=2)

    def stop_finding(self) -> bool:
        """End the search; False where there is none."""
        box, listing = self.box, self.listing
        if box.has_class("-open"):
            box.remove_class("-open")
            self.action_to_list()
            listing.move_to(self._origin)
        elif not listing.needle:
            return False
        listing.mark("")
        return True
