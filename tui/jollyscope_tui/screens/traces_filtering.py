"""How the list of traces is narrowed: the filter bar, the time, facets and the histogram."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

import msgspec
from textual import on
from textual.binding import Binding, BindingType

from jollyscope.query.facets import Facet
from jollyscope.query.filter import FilterError, add_term, drop_term, has_term
from jollyscope.query.histogram import Histogram
from jollyscope_tui.navigation import TermAsked
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.filter_values import FilterValues
from jollyscope_tui.screens.time_range import Range, TimeRangeDialog
from jollyscope_tui.screens.traces_reading import ListReading
from jollyscope_tui.widgets.facets import FacetList
from jollyscope_tui.widgets.filter_bar import FilterBar
from jollyscope_tui.widgets.histogram import HistogramBar

__all__ = ["Filtering"]

FAILED = "has:error"
FACETS_FROM = 130
"""Cells of width from which facets stand beside the list without being asked for."""
HISTOGRAM_FROM = (100, 28)
"""Cells and lines from which there is room for the histogram."""


class Filtering(ListReading, FilterValues):
    """A list with what narrows it. `ask_view` reads another view."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash,f", "filter", "Filter", key_display="/"),
        Binding("t", "times", "Time"),
        Binding("x", "failed", "Only failed, or all", show=False),
        Binding("backspace", "widen", "No filter, all times", show=False),
        Binding("F", "facets", "Facets", show=False),
        Binding("h", "histogram", "Histogram", show=False),
    ]

    wanted_aside = False
    """Facets were asked for on a screen too narrow to have them anyway."""

    def ask_view(self, **changed: object) -> None:
        """Show the list with these fields of its view changed."""
        self.ask_list("list", msgspec.structs.replace(self.view, **changed), anew=True)
        self.asking()

    def asking(self) -> None:
        """A list is being read."""

    # The filter

    def action_filter(self) -> None:
        self.bar.input.focus()

    @on(FilterBar.Asked)
    def _filter_asked(self, event: FilterBar.Asked) -> None:
        self.action_to_list()
        self.ask_view(filter=event.text)

    @on(FilterBar.Left)
    def action_to_list(self) -> None:
        self.set_focus(self.listing if self.listing.row_total() else None)

    def add_term(self, term: str) -> None:
        """Narrow the list by one more term; one that is there already goes."""
        text = self.view.filter
        try:
            changed = drop_term(text, term) if has_term(text, term) else add_term(text, term)
        except FilterError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.ask_view(filter=changed)

    @on(TermAsked)
    def _term_asked(self, event: TermAsked) -> None:
        event.stop()
        self.add_term(event.term)

    def action_failed(self) -> None:
        self.add_term(FAILED)

    def action_widen(self) -> None:
        if self.view.narrowed:
            self.ask_view(filter="", since=None, until=None)

    # The time

    @on(FilterBar.RangeClicked)
    def action_times(self) -> None:
        current = Range(self.view.since, self.view.until)

        def chosen(found: Range | None) -> None:
            if found is not None and found != current:
                self.ask_view(since=found.since, until=found.until)

        self.app.push_screen(TimeRangeDialog(current, self.services.now()), chosen)

    @on(HistogramBar.Picked)
    def _time_picked(self, event: HistogramBar.Picked) -> None:
        self.ask_view(since=_iso(event.since), until=_iso(event.until))

    # Beside and above the list

    @property
    def aside(self) -> bool:
        """Whether facets are on show."""
        room = self.app.size.width >= FACETS_FROM
        return self.wanted_aside or (self.services.memory.now.facets and room)

    @property
    def above(self) -> bool:
        """Whether the histogram is on show."""
        width, height = self.app.size
        room = width >= HISTOGRAM_FROM[0] and height >= HISTOGRAM_FROM[1]
        return self.services.memory.now.histogram and room

    def ask_sums(self) -> None:
        """Read what stands around the list, as far as it is on show."""
        facets, bar = self.query_one(FacetList), self.query_one(HistogramBar)
        shows = bool(self.listing.row_total())
        facets.display, bar.display = self.aside and shows, self.above and shows
        selection, narrowing, cells = self.selection, self.services.source.narrowing, bar.cells
        if selection is None:
            return
        if facets.display and not self.reading("facets"):
            text = self.view.filter
            self.read("facets", lambda: (text, narrowing.facets(selection)))
        if bar.display and not self.reading("histogram"):
            self.read("histogram", lambda: narrowing.histogram(selection, cells))

    @on(ReadingScreen.Read)
    def _sums_arrived(self, event: ReadingScreen.Read) -> None:
        if event.job == "histogram" and isinstance(event.result, Histogram):
            self.query_one(HistogramBar).show_histogram(event.result, self.services.now())
        elif event.job == "facets":
            text, found = event.result  # type: ignore[misc]
            assert isinstance(text, str)
            assert isinstance(found, list)
            shown: list[Facet] = [facet for facet in found if isinstance(facet, Facet)]
            self.query_one(FacetList).show_facets(shown, text)

    def action_facets(self) -> None:
        shown = self.aside
        self.wanted_aside = not shown and self.app.size.width < FACETS_FROM
        self.services.memory.change(facets=not shown)
        self.ask_sums()
        if not shown:
            self.query_one(FacetList).focus()
        elif self.focused is None or not self.focused.display:
            self.action_to_list()

    def action_histogram(self) -> None:
        memory = self.services.memory
        memory.change(histogram=not memory.now.histogram)
        if memory.now.histogram and not self.above:
            self.notify("The histogram needs a larger screen: 100×28.", timeout=3)
        self.ask_sums()

    def on_resize(self) -> None:
        if self.selection is not None:
            self.ask_sums()


def _iso(nanos: int) -> str:
    moment = datetime.fromtimestamp(nanos // 10**9, UTC).astimezone()
    return moment.isoformat(timespec="seconds")
