"""The store of this run, opened for reading."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from jollyscope_cli.options import options_of
from jollyscope_cli.output import warn

if TYPE_CHECKING:
    from jollyscope.store.api import Reader, Store

__all__ = ["opened", "reading"]


@contextmanager
def opened(url: str | None) -> Generator[Store]:
    """The store at `url` (None: the usual one), closed at the end."""
    from jollyscope.store.api import open_store

    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def reading(ctx: typer.Context) -> Generator[tuple[Store, Reader]]:
    """The store of the global options and a view of it; what the view lacks goes to stderr."""
    with opened(options_of(ctx).store) as store, store.reader() as reader:
        told = list(reader.notes)
        warn(told)
        try:
            yield store, reader
        finally:
            # A part is opened when it is asked for, so that what is wrong with it is known late.
            warn(note for note in reader.notes if note not in told)
