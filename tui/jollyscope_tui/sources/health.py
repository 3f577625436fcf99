"""How everything is that the store stands on."""

from __future__ import annotations

from typing import Protocol

from jollyscope.backend.health import Report, store_health
from jollyscope.config import load
from jollyscope.paths import data_dir
from jollyscope_tui.sources.connection import Connection

__all__ = ["HealthSource", "StoreHealth"]


class HealthSource(Protocol):
    """Where health comes from."""

    def report(self, *, deep: bool = False, send: bool = True) -> Report:
        """Every part's answer; `deep` also proves the way through, by a span that is stored where
        `send`. What is away is told in the report. Raises `JollyScopeError` for settings that cannot
        be read.
        """
        ...


class StoreHealth:
    """A `HealthSource` over a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def report(self, *, deep: bool = False, send: bool = True) -> Report:
        return store_health(
            lambda: self._connection.store, data_dir(), load(), deep=deep, send=send
        )
