"""Watches what agents record on this machine, and writes the alerts beside it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Self

from jollyscope.analysis.live.resuming import resume
from jollyscope.analysis.live.seen import Recent
from jollyscope.analysis.live.stream import LiveStats
from jollyscope.config import SpoolConfig
from jollyscope.errors import JollyScopeError
from jollyscope.model.records import EventRecord
from jollyscope.model.wire import encode_lines
from jollyscope.store.api import Reader, Store
from jollyscope.store.lake.locks import only_one
from jollyscope.transport.following.api import Follower, Start
from jollyscope.transport.following.spool import follow_spool
from jollyscope.transport.spool import SpoolWriter, spool_dir

if TYPE_CHECKING:
    from jollyscope.store.lake.store import LakeStore

__all__ = ["Watch"]

_POLL_S = 1.0
_AGAIN_S = 5.0
"""How long until it is looked again whether another process still watches, or the store is there."""
_KNOWN = 10_000


class Watch:
    """Hears every span that is written into a lake's spool, and writes the alerts there as event records.

    Of all processes that would watch a lake one does at a time, by an OS lock; another takes over when it
    ends. An alert that was written before is not written again; were it (a crash in between), its
    id is the same, and readers keep one. The spans of the last two hours are looked up in the store
    first, so that an alert is found though nobody watched when it happened.

    A thread of its own; `opens` is called in it, `after` seconds from the start. A store that is no lake
    is not watched: there Flink tells the alerts.
    """

    def __init__(
        self,
        opens: Callable[[], Store],
        spool: SpoolConfig | None = None,
        *,
        after: float = 0.0,
        now: Callable[[], int] = time_ns,
    ) -> None:
        self._opens = opens
        self._spool = spool or SpoolConfig()
        self._after = after
        self._now = now
        self._reader: Reader | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jollyscope-alerts", daemon=True)

    def start(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def stop(self, timeout: float = 2.0) -> None:
        """End, within `timeout` seconds. Safe to call without `start`."""
        self._ended.set()
        if (reader := self._reader) is not None:
            reader.cancel()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        if self._ended.wait(self._after):
            return
        from jollyscope.store.lake.store import LakeStore

        while not self._ended.is_set():
            try:
                with closing(self._opens()) as store:
                    if not isinstance(store, LakeStore) or not store.capabilities.maintain:
                        return
                    self._watch(store)
            except (OSError, JollyScopeError):
                pass  # the disk is full, the store is gone: whoever reads it is told; tried again
            self._ended.wait(_AGAIN_S)

    def _watch(self, store: LakeStore) -> None:
        spool = spool_dir(store.home)
        if not spool.is_dir():
            return  # nothing was recorded yet: it is not for us to make a store
        with only_one(spool / "alerts.lock") as ours:
            if ours:
                follower = follow_spool(store.home, start=Start.now(), kinds=("span",))
                with closing(follower), closing(self._writer(store.home)) as writer:
                    self._follow(store, follower, Alerts(writer))

    def _writer(self, home: Path) -> SpoolWriter:
        spool = self._spool
        return SpoolWriter(
            spool_dir(home),
            segment_bytes=spool.segment_mb << 20,
            max_bytes=spool.max_mb << 20,
            fsync=spool.fsync,
        )

    def _follow(self, store: LakeStore, follower: Follower, alerts: Alerts) -> None:
        # Opened before the store is read: what comes in between is heard twice, and counted once.
        with store.reader() as reader:
            self._reader = reader
            try:
                stats, found, known = resume(reader, self._now())
            finally:
                self._reader = None
        alerts.know(known)
        alerts.write(found)
        while not self._ended.is_set():
            alerts.write(_heard(follower, stats))


class Alerts:
    """Writes each alert once. State: the last 10,000 ids."""

    def __init__(self, writer: SpoolWriter) -> None:
        self._writer = writer
        self._told = Recent(_KNOWN)

    def know(self, ids: list[str]) -> None:
        """These were written before."""
        for one in ids:
            self._told.add(one)

    def write(self, found: list[EventRecord]) -> None:
        """Append those that are new. Raises OSError and `SpoolFullError`: whoever begins again finds
        the same.
        """
        new = [alert for alert in found if self._told.add(alert.record_id)]
        self._writer.write("event", encode_lines(new))


def _heard(follower: Follower, stats: LiveStats) -> list[EventRecord]:
    alerts: list[EventRecord] = []
    for one in follower.poll(_POLL_S):
        alerts += stats.hear(one.line, one.written)
    return alerts
