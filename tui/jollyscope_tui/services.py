"""What every screen is given: nothing on a screen reads a clock, a zone or a store of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import NamedTuple

from jollyscope_tui.data import TraceSource

__all__ = ["Services"]


class Services(NamedTuple):
    """The store, the clock (Unix ns), the time zone (None is local)."""

    source: TraceSource
    now: Callable[[], int]
    tz: tzinfo | None
