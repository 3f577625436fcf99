"""Records as they come."""

from __future__ import annotations

from typing import Protocol

from jollyscope.backend.live import follow_store
from jollyscope.config import load
from jollyscope.paths import data_dir
from jollyscope.transport.following.api import KINDS, Follower, Kinds, Start
from jollyscope_tui.sources.connection import Connection

__all__ = ["LiveSource", "StoreLive"]


class LiveSource(Protocol):
    """Where followers come from."""

    def follow(self, start: Start, kinds: Kinds = KINDS) -> Follower:
        """A follower of what leads into the store; the caller closes it. Raises `JollyScopeError`
        where none can be had.
        """
        ...


class StoreLive:
    """A `LiveSource` over a store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def follow(self, start: Start, kinds: Kinds = KINDS) -> Follower:
        store = self._connection.store
        return follow_store(store, data_dir(), load(), start=start, kinds=kinds)
