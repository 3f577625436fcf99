"""What a list shows: remembered, saved under a name, and written as a command line."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["Grouping", "View"]

Grouping = Literal["traces", "sessions"]


class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`since` and `until` as a person writes them (`15m`, ISO 8601; None is open), `sort` a column of
    the row, `columns` the titles on show (none: those that fit).
    """

    filter: str = ""
    since: str | None = None
    until: str | None = None
    sort: str = "start_time"
    descending: bool = True
    group: Grouping = "traces"
    columns: tuple[str, ...] = ()
