"""A bar for long work, where a person watches stderr."""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["Progress"]


class Progress:
    """A bar that is full when all of something is behind; nothing where nobody watches."""

    def __init__(self, doing: str, things: str) -> None:
        self.shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._doing, self._things = doing, things
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def at(self, done: int, of: int) -> None:
        """So many are behind."""
        if not self.shown:
            return
        bar = self._bar or self._begun(of)
        bar.update(self._task, completed=done)

    def _begun(self, of: int) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar
        from rich.progress import TimeRemainingColumn as Left

        columns = (
            TextColumn(self._doing),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(self._things),
        )
        self._bar = Bar(*columns, Left(), console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(self._doing, total=of)
        self._bar.start()
        return self._bar
