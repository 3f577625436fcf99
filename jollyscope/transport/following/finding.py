"""Finds new segments in the spool while looking at little: most looks are a few `stat` calls."""

from __future__ import annotations

import os
import time
from pathlib import Path

from jollyscope.transport.following.api import Kinds
from jollyscope.transport.spool import Segment, unreadable, writer_segments

__all__ = ["Finder"]

_FRESH_NS = 1_000_000_000
"""A folder's time of change has the grain of the kernel's clock (4 ms) or of a network file system:
a folder that changed so lately may have changed again without showing it.
"""
_SWEEP_S = 2.0


class Finder:
    """Every segment is found once. Folders are listed when their time of change moves, and all that
    are not finished every two seconds.
    """

    def __init__(self, root: Path, kinds: Kinds) -> None:
        self.root = root
        self._at = str(root)  # joined as text: looks are many, and `Path` took half of their time
        self.there = False
        """Whether the spool exists."""
        self.closed_to_us = 0
        """Folders of writers that may not be read."""
        self._kinds = frozenset(kinds)
        self._folders: dict[str, int] = {}
        self._known: dict[str, set[str]] = {}
        self._finished: dict[str, int] = {}
        self._root_changed = -1
        self._swept = float("-inf")

    def look(self) -> list[Segment]:
        """Segments that were not there at the last look, oldest writer first."""
        now = time.monotonic()
        sweep = now - self._swept >= _SWEEP_S
        if sweep:
            self._swept = now
            self.closed_to_us = len(unreadable(self.root))
        self._writers(sweep)
        found: list[Segment] = []
        changed = [writer for writer in self._folders if self._moved(writer, sweep)]
        for writer in sorted(changed):
            found += self._segments(writer)
        return found

    @property
    def writers(self) -> set[str]:
        """Those whose folders are looked at every time."""
        return set(self._folders)

    def finish(self, writer: str) -> None:
        """This writer is gone: look at its folder seldom. (One that was closed may write again.)"""
        if writer in self._folders:
            self._finished[writer] = self._folders.pop(writer)

    def _writers(self, sweep: bool) -> None:
        changed = _changed(self._at)
        self.there = changed is not None
        if changed is None:
            # Deleted under us, perhaps to be made anew. What is held open is read all the same.
            self._folders.clear()
            self._known.clear()
            self._finished.clear()
            self._root_changed = -1
            return
        if not sweep and changed == self._root_changed and not _fresh(changed):
            return
        self._root_changed = changed
        try:
            names = {entry.name for entry in os.scandir(self.root) if entry.is_dir()}
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return
        for gone in self._known.keys() - names:
            del self._known[gone]
            self._folders.pop(gone, None)
            self._finished.pop(gone, None)
        for writer, before in list(self._finished.items()) if sweep else ():
            if _changed(f"{self._at}{os.sep}{writer}") != before:
                del self._finished[writer]
        for writer in names - self._finished.keys():
            self._folders.setdefault(writer, -1)
            self._known.setdefault(writer, set())

    def _moved(self, writer: str, sweep: bool) -> bool:
        """Whether its folder may hold something new."""
        changed = _changed(f"{self._at}{os.sep}{writer}")
        if changed is None:
            return False
        before, self._folders[writer] = self._folders[writer], changed
        return sweep or changed != before or _fresh(changed)

    def _segments(self, writer: str) -> list[Segment]:
        known = self._known[writer]
        listed = [s for s in writer_segments(self.root, writer) if s.kind in self._kinds]
        found = [s for s in listed if s.path.name not in known]
        known.clear()
        known.update(s.path.name for s in listed)
        return found


def _changed(folder: str) -> int | None:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return None


def _fresh(changed: int) -> bool:
    return abs(time.time_ns() - changed) < _FRESH_NS
