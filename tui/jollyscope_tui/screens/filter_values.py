"""A screen with a filter bar: the store's values for what is being typed."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from textual import on

from jollyscope_tui.screens.base import ReadingScreen
from jollyscope_tui.widgets.filter_bar import FilterBar

__all__ = ["FilterValues"]


class FilterValues(ReadingScreen):
    """Reads values when the bar wants them."""

    @property
    def bar(self) -> FilterBar:
        """The filter bar."""
        return self.query_one(FilterBar)

    @on(FilterBar.ValuesWanted)
    def _values_wanted(self, event: FilterBar.ValuesWanted) -> None:
        source, field, prefix = self.services.source, event.field, event.prefix
        self.read("values", lambda: (field, prefix, source.narrowing.values(field, prefix)))

    @on(ReadingScreen.Read)
    def _values_arrived(self, event: ReadingScreen.Read) -> None:
        if event.job == "values":
            self.bar.give_values(*event.result)  # type: ignore[misc]
