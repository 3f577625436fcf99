"""What every screen is given: nothing on a screen reads a clock, a zone or a store of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import NamedTuple

from jollyscope_tui.memory import Memory
from jollyscope_tui.notifying import Notify
from jollyscope_tui.sources.source import Source

__all__ = ["Services"]


class Services(NamedTuple):
    """The store, the clock (Unix ns), the time zone (None is local), what is remembered, whether nothing
    may be written to the store, and how new alerts are told.
    """

    source: Source
    now: Callable[[], int]
    tz: tzinfo | None
    memory: Memory
    read_only: bool = False
    notify: Notify = "off"
