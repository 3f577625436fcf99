"""Disks that fill up, and files that are damaged."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["DAMAGES", "damage", "fill", "mounting", "small_disk"]


def mounting() -> str:
    """Why nothing can be mounted here, empty where it can."""
    return "" if os.geteuid() == 0 else "a small disk needs root"


@contextmanager
def small_disk(folder: Path, size: str) -> Generator[None]:
    """A file system of that size at `folder`, in memory."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """Take all room of a disk but `leave` bytes; the file to delete to give it back."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(bytes(4096))
        file.truncate(max(0, file.tell() - leave))
    return filler


def _cut(data: bytearray, rng: random.Random) -> bytearray:
    return data[: rng.randrange(len(data))]


def _flip(data: bytearray, rng: random.Random) -> bytearray:
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _zero(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(len(data))
    end = min(len(data), at + 4096)
    data[at:end] = bytes(end - at)
    return data


def _rubbish(data: bytearray, rng: random.Random) -> bytearray:
    return bytearray(rng.randbytes(len(data)))


_CHANGES = {"cut": _cut, "flip": _flip, "zero": _zero, "rubbish": _rubbish}
DAMAGES = (*_CHANGES, "gone")


def damage(path: Path, how: str, rng: random.Random) -> None:
    """Do this to a file, in its place."""
    if how == "gone":
        path.unlink()
        return
    changed = _CHANGES[how](bytearray(path.read_bytes()), rng)
    path.write_bytes(changed)
