"""One change of the backend at a time, and who makes it."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from jollyscope.backend.stack.trouble import BackendError
from jollyscope.model import format as fmt
from jollyscope.store.lake.locks import only_one

__all__ = ["changing"]


class _Holder(msgspec.Struct):
    pid: int
    doing: str
    since: float


@contextmanager
def changing(folder: Path, doing: str) -> Generator[None]:
    """Hold the lock while `doing` (`up`) is done. Raises `BackendError` naming who has it."""
    note = folder / "lock.json"
    with only_one(folder / "lock") as ours:
        if not ours:
            raise BackendError(
                f"{_who(note)} is changing the backend already.",
                hint="Wait for it: `jollyscope status` shows how far it is.",
            )
        note.write_bytes(msgspec.json.encode(_Holder(os.getpid(), doing, time.time())))
        try:
            yield
        finally:
            note.unlink(missing_ok=True)


def _who(note: Path) -> str:
    try:
        holder = msgspec.json.decode(note.read_bytes(), type=_Holder)
    except (OSError, msgspec.DecodeError):
        return "Another process"
    since = fmt.duration(max(0.0, time.time() - holder.since) * 1000)
    return f"`jollyscope {holder.doing}` (pid {holder.pid}, for {since})"
