"""How the list of traces gets its rows: whole, a page at a time, and again while it is live."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from textual import on

from jollyscope.errors import StoreError
from jollyscope.query.listing import TraceRow
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.services import Services
from jollyscope_tui.sources.lists import Key, Part, Row, Selection, Snapshot, identity, key_of
from jollyscope_tui.sources.source import Source
from jollyscope_tui.view import View
from jollyscope_tui.widgets.folds import Inside
from jollyscope_tui.widgets.sheet import PAGE, Sheet
from jollyscope_tui.widgets.traces_list import TracesList

__all__ = ["MOST_POLLED", "ListReading", "Listed"]

MOST_POLLED = 1000
"""So many of the first rows are read again; those behind only near the screen."""
ANCHOR = 100
"""Rows above the screen from which rows far down are read again."""


class Listed(NamedTuple):
    """A list as it was read. `shift` is how far rows moved, None for another list."""

    view: View
    selection: Selection
    snapshot: Snapshot
    insides: dict[str, Inside]
    labels: dict[str, list[str]]
    anchor: int | None
    anew: bool


class _Page(NamedTuple):
    sheet: Sheet
    start: int
    part: Part
    rows: list[Row]
    labels: dict[str, list[str]]


class ListReading(ReadingScreen):
    """Reads what `view` says. Subclasses are told by `listed`."""

    def __init__(self, services: Services, view: View) -> None:
        super().__init__(services)
        self.view = view
        self.selection: Selection | None = None
        # Its worker is still at work for a moment when its rows arrive: it is not asked.
        self._rows_asked = False

    @property
    def listing(self) -> TracesList:
        """The list widget."""
        return self.query_one(TracesList)

    def listed(self, job: str, found: Listed) -> None:
        """A list has been read and is on the screen."""
        raise NotImplementedError

    # The list, and the same again

    def ask_list(self, job: str, view: View, *, anew: bool) -> None:
        """Read a list; `anew` from its top, else what the screen shows of it."""
        listing, source, now = self.listing, self.services.source, self.services.now()
        limit = PAGE if anew else max(PAGE, listing.sheet.run(MOST_POLLED))
        anchor = None if anew else _anchor(listing, limit)
        row = listing.sheet.get(anchor) if anchor is not None else None
        near = key_of(row, listing.order) if row is not None else None
        opened = [] if anew else list(listing.folds.open.items())

        def work() -> Listed:
            selection = source.lists.select(view, now)
            found = source.lists.snapshot(selection, limit, near, count=not anew)
            insides = {
                name: _inside(source, selection.session(name), max(PAGE, len(inside.traces)))
                for name, inside in opened
            }
            shown = [*found.rows, *found.near, *(t for i in insides.values() for t in i.traces)]
            labels = _labels(source, shown, found.notes)
            return Listed(view, selection, found, insides, labels, anchor, anew)

        self.read(job, work)

    @on(ReadingScreen.Read)
    def _list_arrived(self, event: ReadingScreen.Read) -> None:
        found = event.result
        if not isinstance(found, Listed):
            return
        if event.job == "poll" and found.view != self.view:
            return
        self.view, self.selection = found.view, found.selection
        snapshot, listing = found.snapshot, self.listing
        sheet = Sheet(snapshot.rows, snapshot.total)
        if snapshot.near:
            sheet.put(snapshot.place, snapshot.near)
        shift = None if found.anew else _shift(listing, found, sheet)
        listing.order = found.selection.order
        listing.labels = found.labels
        listing.show_sheet(sheet, found.insides, shift)
        self.went_well()
        self.listed(event.job, found)
        if snapshot.total is None:
            self._ask_total(found.selection)

    def _ask_total(self, selection: Selection) -> None:
        lists, sheet = self.services.source.lists, self.listing.sheet
        self.read("count", lambda: (sheet, lists.count(selection)))

    @on(ReadingScreen.Read)
    def _counted(self, event: ReadingScreen.Read) -> None:
        if event.job == "count":
            sheet, total = event.result  # type: ignore[misc]
            if sheet is self.listing.sheet and isinstance(total, int):
                self.listing.set_total(total)
                self.show_heading()

    def show_heading(self) -> None:
        """What the heading says may have changed."""

    # Rows near the screen

    @on(TracesList.RowsWanted)
    def _rows_wanted(self) -> None:
        gap, selection = self.listing.gap(), self.selection
        if gap is None or selection is None or self._rows_asked:
            return
        self._rows_asked = True
        source, sheet = self.services.source, self.listing.sheet

        def work() -> _Page:
            rows = source.lists.rows(selection, gap.part)
            return _Page(sheet, gap.start, gap.part, rows, _labels(source, rows))

        self.read("rows", work)

    @on(ReadingScreen.Read)
    def _rows_arrived(self, event: ReadingScreen.Read) -> None:
        page, listing = event.result, self.listing
        if not isinstance(page, _Page):
            return
        self._rows_asked = False
        if page.sheet is not listing.sheet:
            listing.ask()
            return
        listing.labels |= page.labels
        if len(page.rows) == page.part.limit:
            listing.put(page.start, page.rows)
        elif page.part.after is not None and not page.part.backwards:
            listing.put(page.start, page.rows)
            listing.set_total(page.start + len(page.rows))
        else:
            # Fewer than were counted: rows went away meanwhile.
            self.ask_list("list", self.view, anew=False)
        self.show_heading()

    @on(ReadingScreen.Failed)
    def _rows_failed(self, event: ReadingScreen.Failed) -> None:
        self._rows_asked = self._rows_asked and event.job != "rows"

    def stop_reading(self) -> bool:
        self._rows_asked = False
        return super().stop_reading()

    # The traces of a session

    @on(TracesList.InsideWanted)
    def _inside_wanted(self, event: TracesList.InsideWanted) -> None:
        selection, source, name = self.selection, self.services.source, event.session_id
        if selection is None:
            return
        before = self.listing.folds.open.get(name, Inside([]))
        within, after = selection.session(name), before.after(selection.order)

        def work() -> tuple[str, Inside, dict[str, list[str]]]:
            more = _inside(source, within, PAGE, after)
            whole = Inside([*before.traces, *more.traces], more.more)
            return name, whole, _labels(source, more.traces)

        self.read(f"inside {name}", work)

    @on(ReadingScreen.Read)
    def _inside_arrived(self, event: ReadingScreen.Read) -> None:
        if event.job.startswith("inside "):
            name, inside, labels = event.result  # type: ignore[misc]
            assert isinstance(name, str)
            assert isinstance(inside, Inside)
            self.listing.labels |= labels
            self.listing.set_inside(name, inside)


def _anchor(listing: TracesList, limit: int) -> int | None:
    """The place of a row above the screen, where that is behind the first `limit`."""
    top = listing.folds.at(listing.scroll_offset.y).place
    if top + listing.rows_shown <= limit or listing.sheet.get(top) is None:
        return None
    return listing.sheet.first_held(top, ANCHOR)


def _shift(listing: TracesList, found: Listed, sheet: Sheet) -> int:
    """How far down the rows went that were on the screen."""
    if found.anchor is not None and found.snapshot.near:
        return found.snapshot.place - found.anchor - 1
    first = listing.sheet.get(0)
    place = sheet.find(identity(first)) if first is not None else None
    return place or 0


def _inside(source: Source, selection: Selection, limit: int, after: Key | None = None) -> Inside:
    rows = source.lists.rows(selection, Part(limit + 1, after))
    traces = [row for row in rows[:limit] if isinstance(row, TraceRow)]
    return Inside(traces, len(rows) > limit)


def _labels(
    source: Source, rows: Sequence[Row], notes: list[str] | None = None
) -> dict[str, list[str]]:
    """The labels of these rows. Where they cannot be read the rows are shown without, and `notes`
    say so: once, for the list as a whole.
    """
    ids = [row.trace_id for row in rows if isinstance(row, TraceRow)]
    try:
        return source.notes.labels_of(ids) if ids else {}
    except StoreError as error:
        if notes is not None:
            notes.append(str(error))
        return {}
