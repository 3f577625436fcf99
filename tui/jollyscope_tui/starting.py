"""The way into the explorer: from options and settings to an app that runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import tzinfo
from time import time_ns

from jollyscope.analysis.live.watching import Watch
from jollyscope.config import load
from jollyscope.errors import UsageError
from jollyscope.paths import state_dir
from jollyscope.store.api import open_store
from jollyscope_tui.app import Explorer
from jollyscope_tui.memory import Memory
from jollyscope_tui.notifying import Notify
from jollyscope_tui.opening import NOTHING, UNASKED, Asked, Opening, opening
from jollyscope_tui.sources.source import Source, StoreSource
from jollyscope_tui.themes import check_theme
from jollyscope_tui.when import zone

__all__ = ["run_explorer", "run_with"]

WATCH_AFTER_S = 3.0
"""Until the first list is on the screen."""


def run_explorer(
    *,
    store_url: str | None = None,
    asked: Asked = UNASKED,
    theme: str | None = None,
    read_only: bool = False,
) -> int:
    """Open the explorer on a store, where `asked` says; the exit code.

    Raises `UsageError` off a terminal, and whatever is wrong with what is asked, before anything is
    drawn. `theme` counts for this once.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise UsageError(
            "The explorer needs a terminal.",
            hint="`jollyscope ls traces` and `jollyscope show TRACE` work without one.",
        )
    if theme is not None:
        check_theme(theme)
    settings = load()
    source = StoreSource(store_url or settings.store)
    try:
        opens = opening(asked, source, time_ns())
    except BaseException:
        source.close()
        raise
    watch = Watch(lambda: open_store(store_url), settings.spool, after=WATCH_AFTER_S)
    if settings.alerts.watch and not read_only:
        watch.start()
    try:
        return run_with(
            source,
            opens=opens,
            theme=theme or settings.ui.theme,
            tz=zone(settings.ui.time),
            memory=Memory(state_dir() / "explorer.json"),
            read_only=read_only,
            notify=settings.alerts.notify,
        )
    finally:
        watch.stop()


def run_with(
    source: Source,
    *,
    opens: Opening = NOTHING,
    theme: str | None = None,
    tz: tzinfo | None = None,
    now: Callable[[], int] = time_ns,
    memory: Memory | None = None,
    read_only: bool = False,
    notify: Notify = "off",
) -> int:
    """As `run_explorer`, on any source of traces."""
    app = Explorer(
        source, now=now, tz=tz, theme=theme, opens=opens, memory=memory, read_only=read_only
    )
    app.services = app.services._replace(notify=notify)
    try:
        code = app.run()
    finally:
        source.close()
    if app.problem is not None:
        raise app.problem
    return int(app.return_code or 0) if code is None else code
