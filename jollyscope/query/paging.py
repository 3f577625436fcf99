"""A whole list in pages, so that a million rows never stand in memory at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from jollyscope.query.listing import Page

__all__ = ["PAGE", "pages"]

R = TypeVar("R", bound=msgspec.Struct)

PAGE = 20_000
"""Rows asked for at a time: about 20 MB, and a sort of the whole list each."""


def pages(ask: Callable[[int, tuple[Any, str] | None], Page[R]], limit: int) -> Iterator[Page[R]]:
    """The first `limit` rows (0: all) of a list, page by page; there is always a first page.

    `ask(limit, after)` gets one page. The last page's `next` says whether rows lie behind.
    """
    left = limit
    after: tuple[Any, str] | None = None
    while True:
        page = ask(min(PAGE, left) if limit else PAGE, after)
        yield page
        left -= len(page.rows)
        after = page.next
        if after is None or (limit and left <= 0):
            return
