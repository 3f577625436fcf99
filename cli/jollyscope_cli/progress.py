"""A bar for long work, where a person watches stderr."""

from __future__ import annotations

import os
import sys
from typing import Any

__all__ = ["Progress"]


class Progress:
    """A bar that is full when all of something is behind, its rate and the time left; nothing where
    nobody watches.
    """

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

    def at(self, done: int, of: int | None) -> None:
        """So many are behind, of so many where that is known."""
        if not self.shown:
            return
        bar = self._bar or self._begun(of)
        speed = bar.tasks[0].speed
        bar.update(self._task, completed=done, rate=f"{speed:,.0f}/s" if speed else "")

    def _begun(self, of: int | None) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar
        from rich.progress import TimeRemainingColumn as Left

        columns = (
            TextColumn(self._doing),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(self._things),
            TextColumn("{task.fields[rate]}"),
        )
        self._bar = Bar(*columns, Left(), console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(self._doing, total=of, rate="")
        self._bar.start()
        return self._bar
