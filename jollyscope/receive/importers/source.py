"""Files, folders and standard input as streams of bytes, unpacked where they are packed.

gzip and zstd are known by their first bytes. What is read may need a second look, so that a source
can be opened again: what cannot (standard input, pipes) is first copied to a temporary file.
"""

from __future__ import annotations

import gzip
import os
import shutil
import stat
import sys
import tempfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from jollyscope.receive.importers.trouble import UnreadableError

__all__ = ["MAX_RATIO", "STDIN", "Source", "Stream", "found", "replayable"]

STDIN = "-"

MAX_RATIO = 500
"""Packed data that unpacks to more than this many times its size is refused, beyond `_FREE_BYTES`: JSON
of traces packs 10 to 60 times, a bomb a thousand times and more."""
_FREE_BYTES = 64 << 20
_MAX_BYTES = 1 << 40
_MAX_WINDOW = 128 << 20

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"

Seen = Callable[[int], None]


class Source(NamedTuple):
    """A file to read. `name` is what people call it, `size` in bytes as it lies there."""

    name: str
    path: Path
    size: int

    @contextmanager
    def open(self, seen: Seen | None = None) -> Generator[Stream]:
        """The bytes, unpacked. `seen` hears how many of the file's own bytes have been read."""
        with open(self.path, "rb") as file:
            yield Stream(file, seen)


class Stream:
    """Reads a file and unpacks it. Raises `UnreadableError` where it is damaged or a bomb."""

    def __init__(self, file: BinaryIO, seen: Seen | None = None) -> None:
        self._file = file
        self._seen = seen
        self._out = 0
        magic = file.read(4)
        file.seek(0)
        self.packed: str | None = None
        self._reader: Any = file
        if magic.startswith(_GZIP):
            self.packed = "gzip"
            self._reader = gzip.GzipFile(fileobj=file)
        elif magic == _ZSTD:
            import zstandard

            self.packed = "zstd"
            unpacker = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW)
            self._reader = unpacker.stream_reader(file, read_across_frames=True, closefd=False)

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, fewer only at the end."""
        data = self._plain(size) if self.packed is None else self._unpacked(size)
        self._out += len(data)
        at = self._file.tell()
        if self._seen is not None:
            self._seen(at)
        if self.packed and self._out > max(_FREE_BYTES, at * MAX_RATIO):
            raise UnreadableError(
                f"it unpacks to more than {MAX_RATIO} times its size", offset=self._out
            )
        if self._out > _MAX_BYTES:
            raise UnreadableError("it is larger than 1 TB", offset=self._out)
        return data

    def _plain(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            raise UnreadableError(
                f"it cannot be read: {error.strerror}", offset=self._out
            ) from None

    def _unpacked(self, size: int) -> bytes:
        parts: list[bytes] = []
        left = size
        try:
            while left and (part := self._reader.read(left)):
                parts.append(part)
                left -= len(part)
        except (OSError, EOFError, zlib.error) as error:
            raise self._damaged(error) from None
        except Exception as error:
            if type(error).__name__ != "ZstdError":
                raise
            raise self._damaged(error) from None
        return b"".join(parts)

    def _damaged(self, error: Exception) -> UnreadableError:
        return UnreadableError(f"its {self.packed} data is damaged: {error}", offset=self._out)


def found(path: str) -> Iterator[Source]:
    """The files at a path: itself, or all below it, by name; hidden ones and links to folders are left
    out. Raises OSError.
    """
    place = Path(path)
    if not place.is_dir():
        yield Source(path, place, place.stat().st_size)
        return
    for folder, below, files in os.walk(place, onerror=_raise):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(files):
            file = Path(folder) / name
            if name.startswith(".") or not file.is_file():
                continue
            yield Source(str(file), file, file.stat().st_size)


def _raise(error: OSError) -> None:
    raise error


@contextmanager
def replayable(path: str) -> Generator[Source | None]:
    """Standard input or a pipe, copied so that it can be read twice; None for an ordinary path."""
    if path == STDIN:
        with _copied("standard input", sys.stdin.buffer) as source:
            yield source
    elif stat.S_ISFIFO(os.stat(path).st_mode) or stat.S_ISCHR(os.stat(path).st_mode):
        with open(path, "rb") as file, _copied(path, file) as source:
            yield source
    else:
        yield None


@contextmanager
def _copied(name: str, stream: BinaryIO) -> Generator[Source]:
    with tempfile.TemporaryDirectory(prefix="jollyscope-") as folder:
        path = Path(folder) / "input"
        with open(path, "wb") as file:
            shutil.copyfileobj(stream, file, 1 << 20)
        yield Source(name, path, path.stat().st_size)
