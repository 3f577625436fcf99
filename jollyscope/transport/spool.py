"""The spool: JSON-lines segments that each writing process appends to alone.

    <data dir>/spool/<writer>/writer.lock            held (flock) while the writer lives
    <data dir>/spool/<writer>/span-000001.jsonl      segments, one sequence a record kind

`<writer>` is `<Unix ms, hex>-<pid>-<random>`, so names never repeat and sort by age. No lock is
shared: a writer touches its own folder only, and the kernel drops its lock when it dies, however it
dies. That is how a reader tells a running step from an interrupted one (`writer_alive`).

A batch is one `write(2)` of whole lines. A line without a newline at the end of a dead writer's
segment was torn by a crash; readers skip and count it.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, get_args

from jollyscope.errors import JollyScopeError
from jollyscope.model.records import RecordKind
from jollyscope.paths import make_private

try:
    import fcntl
except (
    ImportError
):  # Windows: no flock; a writer is then taken to live while its lock file is fresh
    fcntl = None

__all__ = [
    "LOCK_NAME",
    "Segment",
    "SpoolFullError",
    "SpoolWriter",
    "segments",
    "spool_dir",
    "unreadable",
    "writer_alive",
    "writer_segments",
]

LOCK_NAME = "writer.lock"
KINDS: tuple[RecordKind, ...] = get_args(RecordKind)


class SpoolFullError(JollyScopeError):
    """The writer's bound in bytes is reached; nothing was written."""


class Segment(NamedTuple):
    """A segment as found on disk. `size` in bytes, as of the listing."""

    writer: str
    kind: RecordKind
    number: int
    path: Path
    size: int


def spool_dir(home: Path) -> Path:
    """The spool inside a data directory."""
    return home / "spool"


class SpoolWriter:
    """Appends batches of JSON lines to segments of its own. Not thread-safe: one thread writes.

    Nothing is created before the first `write`. OSErrors (full disk, read-only directory) come
    through to the caller, with the segment as it was before the failed batch.
    """

    def __init__(
        self,
        root: Path,
        *,
        segment_bytes: int = 64 << 20,
        max_bytes: int = 4 << 30,
        fsync: bool = False,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.root = root
        self.segment_bytes = segment_bytes
        self.max_bytes = max_bytes
        self.fsync = fsync
        self._now_ms = now_ms
        self.name = self._new_name()
        self._lock_fd = -1
        self._open: dict[RecordKind, int] = {}  # kind -> descriptor of its newest segment
        self._numbers: dict[RecordKind, int] = dict.fromkeys(KINDS, 0)
        self._waiting = 0

    def _new_name(self) -> str:
        return f"{self._now_ms():012x}-{os.getpid()}-{secrets.token_hex(4)}"

    @property
    def folder(self) -> Path:
        """The folder of this writer's segments."""
        return self.root / self.name

    def write(self, kind: RecordKind, lines: bytes) -> None:
        """Append whole lines (each ended by a newline). Durable against the process's death when
        this returns, against power loss too with `fsync`. Raises `SpoolFullError` or OSError.
        """
        if not lines:
            return
        if self._waiting + len(lines) > self.max_bytes:
            self._waiting = self._on_disk()
            if self._waiting + len(lines) > self.max_bytes:
                self._retire()
                raise SpoolFullError(
                    f"The spool has reached its bound of {self.max_bytes >> 20} MB.",
                    hint="Any `jollyscope` command that reads the store empties it.",
                )
        fd, size = self._segment(kind, len(lines))
        try:
            _write_all(fd, lines)
            if self.fsync:
                os.fsync(fd)
        except BaseException:
            self._take_back(kind, fd, size)
            raise
        self._waiting += len(lines)

    def close(self) -> None:
        """Close the segments and let go of the lock. Safe to call twice, or before any write."""
        for fd in self._open.values():
            os.close(fd)
        self._open.clear()
        if self._lock_fd >= 0:
            os.close(self._lock_fd)
            self._lock_fd = -1

    def abandon_after_fork(self) -> None:
        """In a forked child: close the inherited descriptors without touching the parent's data.

        The lock belongs to the open file, shared with the parent; closing our copy keeps theirs.
        What the child writes from here on goes to a folder of its own.
        """
        self.close()
        self.name = self._new_name()
        self._numbers = dict.fromkeys(KINDS, 0)
        self._waiting = 0

    def _segment(self, kind: RecordKind, more: int) -> tuple[int, int]:
        """Descriptor and size of the segment that `more` bytes go to."""
        fd = self._open.get(kind)
        if fd is not None:
            stat = os.fstat(fd)
            fits = stat.st_size == 0 or stat.st_size + more <= self.segment_bytes
            if fits and stat.st_nlink:  # none: somebody deleted the data directory under us
                return fd, stat.st_size
            del self._open[kind]
            os.close(fd)
        return self._new_segment(kind), 0

    def _new_segment(self, kind: RecordKind) -> int:
        self._take_folder()
        number = self._numbers[kind] + 1
        fd = os.open(
            self._path(kind, number),
            os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | _CLOEXEC,
            0o600,
        )
        self._numbers[kind] = number
        self._open[kind] = fd
        return fd

    def _path(self, kind: RecordKind, number: int) -> Path:
        return self.folder / f"{kind}-{number:06d}.jsonl"

    def _take_back(self, kind: RecordKind, fd: int, size: int) -> None:
        """After a failed write: leave the segment as it was before, so that a retry does not
        follow half a line. A reader may have had whole lines of the failed batch by then and go on
        behind them, so the retry goes to a new segment.
        """
        if os.fstat(fd).st_size == size:
            return
        del self._open[kind]
        with suppress(OSError):  # else half a line stays at its end, which readers skip
            os.ftruncate(fd, size)
        os.close(fd)
        if size == 0:
            # A disk that stays full would otherwise gather an empty file for every retry.
            with suppress(OSError):
                self._path(kind, self._numbers[kind]).unlink()

    def _retire(self) -> None:
        """Begin new segments. A store deletes what it has loaded, but never a living writer's
        newest segment: at the bound the rest would otherwise stay there for good.
        """
        for kind, fd in list(self._open.items()):
            if os.fstat(fd).st_size:
                self._new_segment(kind)
                os.close(fd)

    def _take_folder(self) -> None:
        if self._lock_fd >= 0:
            if os.fstat(self._lock_fd).st_nlink:
                return
            os.close(self._lock_fd)
            self._lock_fd = -1
        make_private(self.folder)
        fd = os.open(self.folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | _CLOEXEC, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(fd, fcntl.LOCK_EX)  # readers only ever probe for an instant
        except OSError:
            os.close(fd)
            raise
        self._lock_fd = fd

    def _on_disk(self) -> int:
        """Bytes of this writer still on disk: loaded segments are deleted by the store."""
        total = 0
        with suppress(FileNotFoundError):
            for entry in os.scandir(self.folder):
                with suppress(FileNotFoundError):
                    total += entry.stat().st_size
        return total


_CLOEXEC = getattr(os, "O_CLOEXEC", 0)


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def writer_alive(folder: Path) -> bool:
    """Whether the writer of this spool folder still runs.

    Probes with a shared lock that is let go at once; a folder without a lock file (cleaned up, or
    copied from elsewhere) has no living writer.
    """
    try:
        fd = os.open(folder / LOCK_NAME, os.O_RDONLY | _CLOEXEC)
    except OSError:
        return False
    try:
        if fcntl is None:
            return time.time() - os.fstat(fd).st_mtime < 60
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(fd)
    return False


def segments(root: Path) -> Iterator[Segment]:
    """Every segment of every writer, oldest writer first, in writing order within a kind."""
    try:
        writers = sorted(entry.name for entry in os.scandir(root) if entry.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return
    for writer in writers:
        yield from writer_segments(root, writer)


def writer_segments(root: Path, writer: str) -> Iterator[Segment]:
    """The segments of one writer, in writing order within a kind."""
    try:
        found = sorted(os.scandir(root / writer), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # `unreadable` tells of the last
    for entry in found:
        segment = _parse(writer, Path(entry.path))
        if segment is None:
            continue
        try:
            if entry.is_file():
                yield segment._replace(size=entry.stat().st_size)
        except FileNotFoundError:
            continue


def unreadable(root: Path) -> list[Path]:
    """Folders of writers that this user may not read: of an agent run by somebody else."""
    try:
        folders = [Path(entry.path) for entry in os.scandir(root) if entry.is_dir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(folder for folder in folders if not os.access(folder, os.R_OK | os.X_OK))


_DIGITS = re.compile(r"[0-9]{1,18}")


def _parse(writer: str, path: Path) -> Segment | None:
    kind, dash, number = path.stem.partition("-")
    if path.suffix != ".jsonl" or not dash or not _DIGITS.fullmatch(number) or kind not in KINDS:
        return None
    return Segment(writer, kind, int(number), path, 0)
