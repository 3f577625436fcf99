"""The embedded store. See `store.api.Store` for what its methods promise."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from jollyscope.config import LakeConfig
from jollyscope.errors import StoreError
from jollyscope.store.api import Capabilities, StoreInfo
from jollyscope.store.lake import manifest as m
from jollyscope.store.lake.batch import pending
from jollyscope.store.lake.loader import CHUNK, Loader, Progress
from jollyscope.store.lake.locks import only_one
from jollyscope.store.lake.manifest import Manifest
from jollyscope.store.lake.parts import Engine, writing
from jollyscope.store.lake.reader import LakeReader
from jollyscope.store.lake.session import Sessions
from jollyscope.store.lake.state import LakeState
from jollyscope.store.lake.tidy import LOCK, tidy
from jollyscope.store.lake.upkeep import Upkeep
from jollyscope.transport.spool import Segment, segments, spool_dir

__all__ = ["LakeStore"]

LOAD_BYTES = 1 << 20
"""A reader loads when this much waits and no more comes; below it reads the spool's tail itself, which
is as fast and leaves no small parts behind."""
ARRIVING_BYTES = 4 << 20
"""As much while more comes: a load takes 140 ms, of which 100 whatever its size, and the tail 20 ms a
megabyte. At 2,000 spans a second (4 MB) each reader would have had a load to wait for."""
QUIET_NS = 1_000_000_000
"""Nothing has come for so long."""


_COUNTS = """
SELECT
    (SELECT count(*) FROM dwd_spans),
    (SELECT count(*) FROM dwd_open_spans),
    (SELECT count(*) FROM ads_traces),
    (SELECT count(*) FROM dwd_metrics),
    (SELECT count(*) FROM dwd_events),
    (SELECT count(*) FROM dwd_dead_letters),
    (SELECT min(start_time) FROM dwd_spans),
    (SELECT max(start_time) FROM dwd_spans)
"""


class LakeStore:
    """Spool, Parquet parts and SQLite manifest below one data directory."""

    def __init__(
        self, home: Path, settings: LakeConfig | None = None, now: Callable[[], int] = time.time_ns
    ) -> None:
        self.home = home
        self.url = f"lake://{quote(str(home))}"
        self.capabilities = Capabilities(maintain=True, local=True)
        self.settings = settings or LakeConfig()
        self.manifest = Manifest(home)
        self.state = LakeState(self.manifest.lake)
        self._now = now
        self._sessions = Sessions(self.settings.memory_mb)
        self._said: list[str] = []

    def reader(self, *, load: bool = True) -> LakeReader:
        """A view of everything durable now."""
        if load and self._worth_loading():
            # A full or read-only disk keeps nobody from reading: what waits is read in place.
            with suppress(OSError, StoreError):
                self.load()
        return LakeReader(self.manifest, self._sessions, self._said)

    def load(self, progress: Progress | None = None, *, chunk: int = CHUNK) -> int:
        """Move what waits in the spool into parts; records moved. 0 while another does it.

        `chunk` bytes of the spool become a part: 64 MB take 500 MB of memory on the way, 16 MB take
        300 MB and a third more time.
        """
        if not spool_dir(self.home).is_dir():
            return 0
        with self._working(wait=False) as engine:
            if engine is None:
                return 0
            moved = Loader(self.manifest, engine, self._now, chunk).run(progress)
            if self.manifest.exists():
                upkeep = self._upkeep(engine)
                upkeep.merge_small()
                upkeep.retain(self.settings.retention_days, self.settings.retention_mb * 10**6)
                upkeep.sweep()
            return moved

    def compact(self, progress: Progress | None = None) -> int:
        """Load, then merge all that can be merged; parts replaced."""
        lock = self.manifest.lake / LOCK
        with writing(), only_one(lock, wait=True), self._working(wait=True) as engine:
            assert engine is not None
            Loader(self.manifest, engine, self._now).run()
            if not self.manifest.exists():
                return 0
            return self._upkeep(engine).compact(progress)

    def tidy(self) -> int:
        """Merge one group of middling parts, where there is one, while loads and readers go on;
        parts replaced. For a process that lives long and has nothing else to do.
        """
        with writing():
            return tidy(self.manifest, self.settings.memory_mb, self._now())

    def prune(self, *, older_than: int | None = None, max_bytes: int | None = None) -> int:
        """Drop records from before `older_than` (Unix ns) and the oldest above `max_bytes`."""
        with self._working(wait=True) as engine:
            assert engine is not None
            Loader(self.manifest, engine, self._now).run()
            if not self.manifest.exists():
                return 0
            return self._upkeep(engine).prune(older_than, max_bytes)

    def info(self) -> StoreInfo:
        """What is there and what is wrong with it."""
        spool = spool_dir(self.home)
        parts: list[m.Part] = []
        done: dict[tuple[str, str, int], int] = {}
        torn = 0
        if self.manifest.exists():
            self.manifest.check()
            with self.manifest.read() as db:
                parts, done = m.parts(db), m.loaded_ranges(db)
                torn = db.execute("SELECT coalesce(sum(torn), 0) FROM spool_ranges").fetchone()[0]
        waiting = sum(segment.size - at for segment, at in pending(spool, done))
        with self.reader(load=False) as reader:
            reader.check()
            counts = reader.query(_COUNTS).rows[0]
            problems = list(reader.notes)
        if torn:
            problems.append(f"{torn} bytes of half-written lines in the spool were skipped.")
        if counts[5]:
            problems.append(
                f"{counts[5]} line{' was' if counts[5] == 1 else 's were'} refused; "
                "`dwd_dead_letters` has them with the reasons."
            )
        return StoreInfo(
            url=self.url,
            engine="DuckDB over Parquet",
            spans=counts[0],
            open_spans=counts[1],
            traces=counts[2],
            metrics=counts[3],
            events=counts[4],
            dead_letters=counts[5],
            oldest=counts[6],
            newest=counts[7],
            parts=len(parts),
            bytes=sum(part.bytes for part in parts),
            spool_bytes=sum(segment.size for segment in segments(spool)),
            waiting_bytes=waiting,
            problems=problems,
        )

    def close(self) -> None:
        """Let go of the engines that no reader is using."""
        self._sessions.close()

    def _upkeep(self, engine: Engine) -> Upkeep:
        return Upkeep(self.manifest, engine, self.settings.grace_s, self._now)

    def _worth_loading(self) -> bool:
        done: dict[tuple[str, str, int], int] = {}
        if self.manifest.exists():
            with self.manifest.read() as db:
                done = m.loaded_ranges(db)
        waiting = pending(spool_dir(self.home), done)
        size = sum(segment.size - at for segment, at in waiting)
        if not LOAD_BYTES <= size < ARRIVING_BYTES:
            return size >= ARRIVING_BYTES
        return _written(waiting) < time.time_ns() - QUIET_NS

    @contextmanager
    def _working(self, *, wait: bool) -> Generator[Engine | None]:
        """The engine, with the load lock held; None where another has it and `wait` is false."""
        lake = self.manifest.lake
        with writing(), only_one(lake / "load.lock", wait=wait) as held:
            if not held:
                yield None
                return
            engine = Engine(lake, self.settings.memory_mb)
            try:
                for stale in os.scandir(engine.temp):
                    # Left by a loader that was killed: nobody else writes here.
                    if stale.is_file():
                        os.unlink(stale.path)
                yield engine
            finally:
                engine.close()


def _written(waiting: list[tuple[Segment, int]]) -> int:
    """When any of these was last written to, Unix ns."""
    found = 0
    for segment, _ in waiting:
        with suppress(FileNotFoundError):
            found = max(found, segment.path.stat().st_mtime_ns)
    return found
