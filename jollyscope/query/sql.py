"""SQL that a person wrote: read-only, and bound in time, memory and rows."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from jollyscope.errors import StoreError, UsageError
from jollyscope.store.api import Reader, Table

__all__ = ["ask"]


def ask(reader: Reader, sql: str, *, limit: int, seconds: float) -> tuple[Table, bool]:
    """The first `limit` rows (0: all) of a SELECT, and whether more lie behind.

    The reader is restricted from then on. Stopped after `seconds` (0: never) with a `StoreError`;
    raises `UsageError` for all but a SELECT over the store's own tables and views.
    """
    if limit < 0 or seconds < 0:
        raise UsageError("A limit or timeout below 0 is none.", hint="0 takes the bound away.")
    reader.restrict()
    with _within(reader, seconds):
        table = reader.query(sql, limit=limit + 1 if limit else None)
    if limit and len(table.rows) > limit:
        return Table(table.columns, table.rows[:limit]), True
    return table, False


@contextmanager
def _within(reader: Reader, seconds: float) -> Generator[None]:
    """Cancels the reader's query when its time is over."""
    if not seconds:
        yield
        return
    over = threading.Event()

    def stop() -> None:
        over.set()
        reader.cancel()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except StoreError:
        if not over.is_set():
            raise
        raise StoreError(
            f"The query took longer than {seconds:g} s and was stopped.",
            hint="Narrow it by start_time, or give it longer: --timeout 300; 0 is for ever.",
        ) from None
    finally:
        timer.cancel()
        timer.join()  # It holds the reader, which nobody may hold when the program ends.
