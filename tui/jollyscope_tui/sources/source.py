"""All parts together, over one store."""

from __future__ import annotations

from typing import Protocol

from jollyscope.query.finding import Found, find
from jollyscope_tui.sources.connection import Connection
from jollyscope_tui.sources.files import FileSource, StoreFiles
from jollyscope_tui.sources.health import HealthSource, StoreHealth
from jollyscope_tui.sources.lists import ListSource, StoreLists
from jollyscope_tui.sources.live import LiveSource, StoreLive
from jollyscope_tui.sources.narrowing import NarrowingSource, StoreNarrowing
from jollyscope_tui.sources.notes import NoteSource, StoreNotes
from jollyscope_tui.sources.numbers import NumberSource, StoreNumbers
from jollyscope_tui.sources.traces import StoreTraces, TraceSource

__all__ = ["Source", "StoreSource"]


class Source(Protocol):
    """What a screen is given; it asks the part it needs."""

    @property
    def url(self) -> str:
        """The store's URL; before it is open, the one asked for, or empty."""
        ...

    @property
    def lists(self) -> ListSource: ...

    @property
    def narrowing(self) -> NarrowingSource: ...

    @property
    def traces(self) -> TraceSource: ...

    @property
    def notes(self) -> NoteSource: ...

    @property
    def files(self) -> FileSource: ...

    @property
    def numbers(self) -> NumberSource: ...

    @property
    def health(self) -> HealthSource: ...

    @property
    def live(self) -> LiveSource: ...

    def probe(self) -> None:
        """Whether the store can be read now. Raises `JollyScopeError` that says why not."""
        ...

    def cancel(self) -> None:
        """Stop what is being read; it then raises `StoreError`."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


class StoreSource:
    """A `Source` over a store."""

    def __init__(self, url: str | None = None) -> None:
        self._connection = Connection(url)
        self.lists: ListSource = StoreLists(self._connection)
        self.narrowing: NarrowingSource = StoreNarrowing(self._connection)
        self.traces: TraceSource = StoreTraces(self._connection)
        self.notes: NoteSource = StoreNotes(self._connection)
        self.files: FileSource = StoreFiles(self._connection)
        self.numbers: NumberSource = StoreNumbers(self._connection)
        self.health: HealthSource = StoreHealth(self._connection)
        self.live: LiveSource = StoreLive(self._connection)

    @property
    def url(self) -> str:
        return self._connection.url

    def find(self, text: str) -> Found:
        """The trace, span or session that an id, or the beginning of one, means."""
        with self._connection.reader() as reader:
            return find(reader, text)

    def probe(self) -> None:
        with self._connection.reader():
            pass

    def cancel(self) -> None:
        self._connection.cancel()

    def close(self) -> None:
        self._connection.close()
