"""What is done with one trace of the list, or with those marked."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from jollyscope.query.listing import TraceRow
from jollyscope_tui.navigation import (
    AnnotateAsked,
    CompareAsked,
    CopyAsked,
    ExportAsked,
    TraceAsked,
)
from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.screens.traces_reading import ListReading
from jollyscope_tui.sources.lists import Part
from jollyscope_tui.widgets.traces_list import TracesList

__all__ = ["MOST_MARKED", "Marking"]

MOST_MARKED = 10_000
"""Traces that `a` marks at most."""


class Marking(ListReading):
    """Marks stay on their traces whatever list is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "mark_all", "Mark all, or none", show=False),
        Binding("e", "export", "Export", show=False),
        Binding("equals_sign,D", "compare", "Compare two", show=False, key_display="="),
        Binding("m", "annotate", "Note or label", show=False),
        Binding("y", "copy_id", "Copy the trace's id", show=False),
    ]

    @property
    def meant(self) -> list[str]:
        """The traces marked; else the one under the cursor."""
        row = self.listing.selected
        return list(self.listing.marks) or ([row.trace_id] if isinstance(row, TraceRow) else [])

    @on(TracesList.Marked)
    def _marked(self) -> None:
        self.show_heading()

    @on(TracesList.Chosen)
    def _open(self) -> None:
        row = self.listing.selected
        if isinstance(row, TraceRow):
            self.post_message(TraceAsked(row.trace_id))

    def action_mark_all(self) -> None:
        if self.listing.marks:
            self.listing.set_marks(())
            return
        selection, lists = self.selection, self.services.source.lists
        if selection is None or selection.group == "sessions":
            self.notify("All are marked in the list of traces: s goes there.", timeout=4)
            return
        self.read("marks", lambda: lists.rows(selection, Part(MOST_MARKED + 1)))

    @on(ReadingScreen.Read)
    def _found_all(self, event: ReadingScreen.Read) -> None:
        if event.job != "marks" or not isinstance(event.result, list):
            return
        ids = [row.trace_id for row in event.result if isinstance(row, TraceRow)]
        self.listing.set_marks(ids[:MOST_MARKED])
        if len(ids) > MOST_MARKED:
            self.notify(
                f"Marked the first {MOST_MARKED:,} only; `jollyscope export` takes any number.",
                severity="warning",
                markup=False,
            )

    def action_export(self) -> None:
        if self._any():
            self.post_message(ExportAsked(self.meant))

    def action_annotate(self) -> None:
        if self._any():
            self.post_message(AnnotateAsked(self.meant))

    def action_copy_id(self) -> None:
        row = self.listing.selected
        if isinstance(row, TraceRow):
            self.post_message(CopyAsked(row.trace_id, "the trace's id"))

    def action_compare(self) -> None:
        marks, row = list(self.listing.marks), self.listing.selected
        if len(marks) == 1 and isinstance(row, TraceRow) and row.trace_id not in marks:
            marks.append(row.trace_id)
        if len(marks) == 2:
            self.post_message(CompareAsked(*marks))
        elif len(marks) > 2:
            self.notify(f"{len(marks):,} are marked, and two can be compared.", severity="warning")
        else:
            self.notify("Mark one trace with space, then press = on another.", timeout=4)

    def _any(self) -> bool:
        if not self.meant:
            self.notify("There is no trace here: mark some, or go to one.", timeout=3)
        return bool(self.meant)
