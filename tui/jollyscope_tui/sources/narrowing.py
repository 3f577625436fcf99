"""What helps to narrow a list: values to complete a filter with, what is in a result, and when."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import msgspec

from jollyscope.query.facets import Facet, facets
from jollyscope.query.filter import Query, engine, store_values
from jollyscope.query.histogram import Histogram, histogram
from jollyscope.query.listing import count_rows
from jollyscope.query.scope import Scope
from jollyscope_tui.sources.connection import Connection
from jollyscope_tui.sources.lists import Selection

__all__ = ["Hidden", "NarrowingSource", "StoreNarrowing"]


class Hidden(NamedTuple):
    """Why a list is empty: how many rows the store has, fit the filter at any time, and began in
    the stretch of time whatever the filter says.
    """

    stored: int
    at_other_times: int
    without_filter: int


class NarrowingSource(Protocol):
    """Where completions, facets and histograms come from. Methods raise `StoreError`."""

    def values(self, field: str, prefix: str) -> list[str]:
        """Values of a filter's field that begin with `prefix`."""
        ...

    def facets(self, selection: Selection) -> list[Facet]:
        """Which tools, models, users … the traces of a selection have, and how often."""
        ...

    def histogram(self, selection: Selection, cells: int) -> Histogram:
        """When they began, in at most `cells` buckets."""
        ...

    def hidden(self, selection: Selection) -> Hidden:
        """What an empty selection leaves out."""
        ...


class StoreNarrowing:
    """A `NarrowingSource` over a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def values(self, field: str, prefix: str) -> list[str]:
        with self._connection.reader() as reader:
            return store_values(reader, field, prefix)

    def facets(self, selection: Selection) -> list[Facet]:
        with self._connection.reader() as reader:
            return facets(reader, selection.scope)

    def histogram(self, selection: Selection, cells: int) -> Histogram:
        with self._connection.reader() as reader:
            return histogram(reader, selection.scope, cells=cells)

    def hidden(self, selection: Selection) -> Hidden:
        whole = selection.scope
        scopes = (
            Scope(now=whole.now),
            msgspec.structs.replace(whole, since=None, until=None),
            msgspec.structs.replace(whole, filter=Query()),
        )
        with self._connection.reader() as reader:
            found = [
                count_rows(
                    reader,
                    selection.group,
                    since=scope.since,
                    until=scope.until,
                    where=scope.where(selection.group, engine(reader)),
                )
                for scope in scopes
            ]
        return Hidden(*found)
