"""What a store promises. Code above asks through these few methods and runs the same SQL on every
store, over the ADS views and `dwd_*` only (`docs/schema.md` has their columns).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, Self

import msgspec

from jollyscope.model.records import SpanRecord
from jollyscope.store.state import State

if TYPE_CHECKING:
    from jollyscope.store.answer import Answer

__all__ = [
    "Capabilities",
    "EngineName",
    "Needle",
    "Reader",
    "Store",
    "StoreInfo",
    "Table",
    "open_store",
]

EngineName = Literal["duckdb", "clickhouse"]


class Table(NamedTuple):
    """The answer to a query: column names and rows of Python values."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def dicts(self) -> list[dict[str, Any]]:
        """Rows as dictionaries."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


class HasText(NamedTuple):
    """A name, input, output or error of the row contains `text`, folded (`query/filter/patterns.py`)."""

    text: str


class HasAttribute(NamedTuple):
    """The row has the attribute `key`, and in it, or in an array there, one of `values` (of none: any),
    as text or as a number written so; all folded.
    """

    key: str
    values: tuple[str, ...]


Needle = HasText | HasAttribute
"""What a row is known to have where it matters."""


class Capabilities(msgspec.Struct, frozen=True):
    """What a store can do beyond reading; the zero value can do nothing."""

    maintain: bool = False
    """`compact` and `prune` do something."""
    local: bool = False
    """Lives on this machine, needs no server."""


class StoreInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The store's own account of itself. Sizes in bytes, times in Unix ns."""

    url: str
    engine: str
    spans: int
    open_spans: int
    traces: int
    metrics: int
    events: int
    dead_letters: int
    parts: int
    bytes: int
    spool_bytes: int
    """Bytes of spool segments on disk."""
    waiting_bytes: int
    """Bytes in the spool that are not yet in the lake (they are read all the same)."""
    oldest: int | None = None
    newest: int | None = None
    problems: list[str] = []
    """One sentence each: corrupt or missing files and the like."""


class Reader(Protocol):
    """One consistent view of the store: everything durable when it was opened, settled.

    Not thread-safe, except `cancel`, which may be called from any thread.
    """

    dialect: EngineName
    """Whose SQL `query` takes, where engines differ."""
    notes: list[str]
    """What the view could not include and why, one sentence each; empty when it is whole."""

    def query(
        self,
        sql: str,
        parameters: Sequence[Any] = (),
        *,
        limit: int | None = None,
        since: int | None = None,
        until: int | None = None,
        needles: Sequence[Needle] = (),
    ) -> Table:
        """Run one read-only statement with `?` parameters; `limit` fetches its first rows only.

        `since`, `until` and `needles` are a promise: of `dwd_spans` and `ads_traces` only rows that
        start in `[since, until)` (Unix ns), and of `dwd_spans` only rows that have every one of
        `needles`, can make a difference to the answer. They leave nothing out by themselves; a store
        may use them to look through less, and answers the same.

        Raises `StoreError`, and `UsageError` where `restrict` forbids it.
        """
        ...

    def answer(self, sql: str, parameters: Sequence[Any] = ()) -> AbstractContextManager[Answer]:
        """What one such statement answers, however much, in constant memory. Nothing else may be asked
        while it is read. Not for statements that a person wrote.
        """
        ...

    def windows(self) -> list[int]:
        """Moments (Unix ns), newest first, for asking the newest rows first: about 50,000 spans
        start after the first, and four times as many between it and the next, and so on. An
        estimate; empty where the store is small or cannot tell.
        """
        ...

    def restrict(self) -> None:
        """For statements that a person wrote: from now on, and for good, `query` takes only a SELECT
        over the documented tables and views, and can reach no file, network or setting.
        """
        ...

    def spans(self, trace_id: str) -> list[SpanRecord]:
        """Every span of a trace, one record a span id, by start time; empty when unknown.

        Running ones have state `open`; `interrupted` ones carry the last time heard of as
        `end_time`.
        """
        ...

    def find_traces(self, prefix: str, limit: int = 10) -> list[str]:
        """Trace ids that begin with `prefix` (lowercase hex), ascending."""
        ...

    def cancel(self) -> None:
        """Stop a running query, which then raises `StoreError`."""
        ...

    def close(self) -> None:
        """Let go of the view."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None: ...


class Store(Protocol):
    """A place where records are kept. Methods may be called from any thread."""

    url: str
    capabilities: Capabilities

    @property
    def state(self) -> State:
        """Notes, labels and saved views."""
        ...

    def reader(self, *, load: bool = True) -> Reader:
        """A view of everything durable now. With `load`, what waits in the spool is first moved to
        the lake where no other process is doing so.
        """
        ...

    def load(self) -> int:
        """Move what waits in the spool into the store; records moved. Idempotent."""
        ...

    def compact(self) -> int:
        """Merge small parts; parts replaced. Readers are not disturbed."""
        ...

    def prune(self, *, older_than: int | None = None, max_bytes: int | None = None) -> int:
        """Drop records that ended before `older_than` (Unix ns) and the oldest above `max_bytes`;
        spans removed.
        """
        ...

    def info(self) -> StoreInfo:
        """What is there and what is wrong with it."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


def open_store(url: str | None = None) -> Store:
    """The store at `url` (`lake:///path`), else the configured one, else the lake in the data
    directory. Raises `StoreError` or `UsageError`.
    """
    from jollyscope.store._open import open_store as _open

    return _open(url)
