"""Loading in the background, for `collect`: a child process that moves what waits into the lake, and
looks out for what is out of the ordinary.

    python -m jollyscope.backend.loading DATA_DIR

It runs at a lower priority than the receiver, and ends with its parent, in the middle of a load if
need be: a load is one transaction.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from jollyscope import config
from jollyscope.analysis.live.watching import Watch
from jollyscope.errors import StoreError
from jollyscope.store.lake.batch import pending
from jollyscope.store.lake.manifest import Manifest, loaded_ranges
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import spool_dir

__all__ = ["BackgroundLoader", "main"]

_NICE = 5
"""A third of the receiver's share of a busy processor. With none to spare the spool grows meanwhile;
at 19 it would for as long as anything else runs, and the next reader had all of it to load."""
_TICK_S = 0.25
_MUCH = 16 << 20
"""Bytes that are loaded as soon as they wait: parts of 20,000 spans or so, and no larger backlog for
a reader to load before it can answer."""
_SOME = 1 << 20
"""Less than this a reader reads from the spool as fast; it is loaded once nothing has come for a while."""
_QUIET_S = 2.0
_OLD_S = 60.0
"""Even a little is loaded after so long."""
_CHUNK = 16 << 20
_MEMORY_MB = 512
"""It lives as long as the receiver, so it keeps its memory small: 300 MB at most while it loads or
merges, 110 MB otherwise, however much it has loaded; and what looking out for alerts keeps."""
_TIDY_S = 10.0
"""Parts are merged so often, one group at a time, while little waits."""
_AGAIN_S = 10.0
"""After a failure, such as a full disk. Readers load as well, and say what is wrong."""


class BackgroundLoader:
    """The child process, from the parent's side. One that dies, for want of memory perhaps, is replaced
    after `again_s` seconds; nothing is lost meanwhile.
    """

    def __init__(self, home: Path, *, again_s: float = _AGAIN_S) -> None:
        self._home, self._again_s = home, again_s
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self.process = self._start()
        threading.Thread(target=self._keep, name="jollyscope-keep", daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "jollyscope.backend.loading", str(self._home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            # Each load brings threads of its own, and with it an arena of freed memory that no other
            # load uses: 20 MB more after sixty loads, none with two arenas.
            env={"MALLOC_ARENA_MAX": "2", **os.environ},
            process_group=None if sys.platform == "win32" else 0,  # Ctrl-C is for us alone
        )

    def _keep(self) -> None:
        while True:
            self.process.wait()
            if self._closing.wait(self._again_s):
                return
            with self._lock:
                if self._closing.is_set():
                    return
                if self.process.stdin is not None:
                    self.process.stdin.close()
                self.process = self._start()

    def close(self, timeout: float = 5.0) -> None:
        """End it. What it had not committed is loaded by whoever comes next."""
        with self._lock:
            self._closing.set()
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()


class Pace:
    """When to load. Times in seconds of a clock that never goes back, sizes in bytes."""

    def __init__(self) -> None:
        self._last = 0
        self._grew_at = self._empty_at = 0.0

    def due(self, waiting: int, now: float) -> bool:
        """Whether to load now that `waiting` bytes are in the spool and not in the lake."""
        if not waiting:
            self._empty_at = now
        if waiting != self._last:
            self._last, self._grew_at = waiting, now
        if waiting >= _MUCH:
            return True
        quiet = now - self._grew_at >= _QUIET_S
        return (waiting >= _SOME and quiet) or (waiting > 0 and now - self._empty_at >= _OLD_S)

    def loaded(self, now: float) -> None:
        """A load has just ended."""
        self._empty_at = self._grew_at = now


def main(home: Path) -> None:
    """Load now and then, and merge parts between loads, until stdin ends."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_NICE)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settings = config.load()
    lake = settings.lake
    small = msgspec.structs.replace(lake, memory_mb=min(lake.memory_mb, _MEMORY_MB))
    store = LakeStore(home, small)
    if settings.alerts.watch:
        Watch(lambda: LakeStore(home, small), settings.spool).start()
    pace = Pace()
    tidy_at = time.monotonic() + _TIDY_S
    while True:
        pause = _TICK_S
        try:
            if pace.due(_waiting(store.manifest), time.monotonic()):
                store.load(chunk=_CHUNK)
                pace.loaded(time.monotonic())
            elif time.monotonic() >= tidy_at:
                tidy_at = time.monotonic() + _TIDY_S
                with suppress(OSError, StoreError):
                    store.tidy()
        except (OSError, StoreError):
            pause = _AGAIN_S
            pace.loaded(time.monotonic())
        time.sleep(pause)


def _waiting(manifest: Manifest) -> int:
    """Bytes in the spool that are not in the lake."""
    done: dict[tuple[str, str, int], int] = {}
    if manifest.exists():
        with manifest.read() as db:
            done = loaded_ranges(db)
    return sum(segment.size - at for segment, at in pending(spool_dir(manifest.home), done))


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
