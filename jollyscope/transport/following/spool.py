"""Following the spool: every process's segments, those that come later too.

Nothing tells of a write but the files themselves, so they are looked at every 25 ms, of a quiet spool
every 50: one `stat` a folder and one `fstat` a segment that may still grow. With ten quiet agents that
is 0.8 % of a core (on a busy machine), and a record is heard 12 ms after it was written on average.
inotify would save those and is not to be had on every system and file system.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from jollyscope.errors import UsageError
from jollyscope.model.records import RecordKind
from jollyscope.transport.following.api import KINDS, Heard, Kinds, Standing, Start
from jollyscope.transport.following.finding import Finder
from jollyscope.transport.following.segment import SegmentReader
from jollyscope.transport.following.starting import begin
from jollyscope.transport.following.stream import HELD, Stream
from jollyscope.transport.spool import spool_dir, writer_alive

__all__ = ["SpoolFollower", "follow_spool"]

_PAUSE_S, _QUIET_PAUSE_S = 0.025, 0.05
_QUIET_S = 5.0
"""After so long without anything it is looked half as often."""
_MOST_BYTES = 4 << 20
"""What one poll gives at most, about: a slow taker holds no more than that."""
_ALIVE_S = 2.0


def follow_spool(home: Path, *, start: Start, kinds: Kinds = KINDS) -> SpoolFollower:
    """Follow the spool of a data directory, which need not be there yet.

    A record is heard at least once, those of one segment in their order. Raises `UsageError` for a
    start by offset.
    """
    if start.where == "offset":
        raise UsageError(
            "Records of the spool have no offsets.", hint="Begin at a time, or with the last N."
        )
    return SpoolFollower(spool_dir(home), start, kinds)


class SpoolFollower:
    """A `Follower` of the spool. `behind` is in bytes."""

    def __init__(self, root: Path, start: Start, kinds: Kinds) -> None:
        self._root = root
        self._finder = Finder(root, kinds)
        self._streams: dict[tuple[str, RecordKind], Stream] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._heard = time.monotonic()
        self._skipped = 0
        self._probed = float("-inf")
        found = [] if start.where == "beginning" else self._finder.look()
        readers, self._backlog = begin(found, start)
        for reader in readers:
            self._add(reader)

    def poll(self, timeout: float) -> list[Heard]:
        """See `Follower.poll`."""
        until = time.monotonic() + timeout
        while True:
            with self._lock:
                if self._closed.is_set():
                    return []
                heard = self._take()
            now = time.monotonic()
            if heard:
                self._heard = now
            pause = _PAUSE_S if now - self._heard < _QUIET_S else _QUIET_PAUSE_S
            if heard or now >= until or self._closed.wait(min(pause, until - now)):
                return heard

    @property
    def standing(self) -> Standing:
        """See `Follower.standing`."""
        with self._lock:
            streams = list(self._streams.values())
            behind = sum(stream.behind for stream in streams)
            skipped = self._skipped + sum(stream.skipped for stream in streams)
        return Standing("spool", self._finder.there, self._sentence(), behind, skipped)

    def close(self) -> None:
        """See `Follower.close`."""
        self._closed.set()
        with self._lock:
            for stream in self._streams.values():
                stream.close()

    def _sentence(self) -> str:
        if not self._finder.there:
            return f"Nothing has been recorded at {self._root} yet; what comes will be shown."
        closed = self._finder.closed_to_us
        if closed:
            what = "An agent's records" if closed == 1 else f"The records of {closed} agents"
            return f"{what} in {self._root} may not be read by this user."
        return ""

    def _take(self) -> list[Heard]:
        if self._backlog:
            heard, self._backlog = self._backlog, []
            return heard
        gone = self._probe()
        for segment in self._finder.look():  # after that: it finds all that a dead writer wrote
            self._add(SegmentReader(segment))
        for writer in gone - self._reading:
            self._finder.finish(writer)
        return self._read()

    @property
    def _reading(self) -> set[str]:
        return {writer for writer, _ in self._streams}

    def _add(self, reader: SegmentReader) -> None:
        segment = reader.segment
        key = (segment.writer, segment.kind)
        stream = self._streams.get(key)
        if stream is None:
            stream = self._streams[key] = Stream(*key)
        held = sum(one.held for one in self._streams.values()) if len(self._streams) > 99 else 0
        stream.add(reader, hold=held < HELD)

    def _probe(self) -> set[str]:
        """The writers that are gone. What they wrote before is read afterwards, to its end."""
        now = time.monotonic()
        if now - self._probed < _ALIVE_S:
            return set()
        self._probed = now
        known = self._reading | self._finder.writers
        gone = {writer for writer in known if not writer_alive(self._root / writer)}
        for (writer, _), stream in self._streams.items():
            stream.ended = writer in gone
        return gone

    def _read(self) -> list[Heard]:
        """One step of each stream, in turns while there is room."""
        heard: list[Heard] = []
        room, more = _MOST_BYTES, True
        while more and room > 0:
            more = False
            for stream in list(self._streams.values()):
                taken = stream.take()
                if taken:
                    more = True
                    heard += taken
                    room -= sum(len(one.line) for one in taken)
                elif stream.done:
                    self._drop(stream)
        return heard

    def _drop(self, stream: Stream) -> None:
        self._skipped += stream.skipped
        del self._streams[stream.writer, stream.kind]
        if stream.writer not in self._reading:
            self._finder.finish(stream.writer)
