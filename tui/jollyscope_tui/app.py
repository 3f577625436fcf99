"""The explorer: an app that holds what its screens share, and the way into it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from datetime import tzinfo
from time import time_ns
from typing import ClassVar

from textual import on
from textual.app import App, SuspendNotSupported, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from jollyscope.config import load
from jollyscope.errors import ExitCode, JollyScopeError, UsageError
from jollyscope.model.format import size
from jollyscope_tui.clipboard import LARGEST, in_tmux, osc52
from jollyscope_tui.memory import Memory
from jollyscope_tui.navigation import CopyAsked, LinkFailed, PageAsked, TraceAsked
from jollyscope_tui.pager import page
from jollyscope_tui.screens.help import HelpScreen, key_lines, sign
from jollyscope_tui.screens.trace import TraceScreen
from jollyscope_tui.screens.traces import TracesScreen
from jollyscope_tui.services import Services
from jollyscope_tui.sources.source import Source, StoreSource
from jollyscope_tui.when import zone

__all__ = ["Explorer", "run_explorer"]


class Explorer(App[int]):
    """Looks at one store. `now` gives Unix ns; `tz` None is local time."""

    TITLE = "JollyScope"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", f"leave({int(ExitCode.INTERRUPTED)})", "Quit", show=False, system=True),
        Binding("ctrl+q", "leave(0)", "Quit", show=False, priority=True),
    ]

    def __init__(
        self,
        source: Source,
        *,
        now: Callable[[], int] = time_ns,
        tz: tzinfo | None = None,
        theme: str = "textual-dark",
        target: str | None = None,
        span: str | None = None,
        memory: Memory | None = None,
    ) -> None:
        super().__init__()
        self.services = Services(source, now, tz, memory or Memory())
        self.problem: JollyScopeError | None = None
        """Why the explorer could not show what it was started for."""
        self._target, self._span = target, span
        self._wanted_theme = theme

    def on_mount(self) -> None:
        if self._wanted_theme in self.available_themes:
            self.theme = self._wanted_theme
        else:
            names = ", ".join(sorted(self.available_themes))
            self.notify(
                f"There is no theme {self._wanted_theme}. Themes: {names}",
                severity="warning",
                markup=False,
            )
        self.push_screen(TracesScreen(self.services))
        if self._target:
            self.push_screen(TraceScreen(self.services, self._target, self._span, linked=True))

    def on_unmount(self) -> None:
        # Threads outlive the screen: whatever is still being read would hold up the way out.
        self.services.source.cancel()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)  # pyright: ignore[reportUnknownMemberType]
        for active in screen.active_bindings.values():
            binding = active.binding
            if binding.description and not binding.system:
                run = self._runner(active.node, binding.action)
                yield SystemCommand(binding.description, f"Key: {sign(binding.key)}", run)

    def _runner(self, node: object, action: str) -> Callable[[], None]:
        async def run() -> None:
            await self.run_action(action, node)  # type: ignore[arg-type]

        return lambda: (self.call_later(run), None)[1]

    def action_help(self) -> None:
        about = getattr(self.screen, "HELP", "")
        self.push_screen(HelpScreen(about, key_lines(self.screen)))

    def action_leave(self, code: int) -> None:
        self.exit(code)

    @on(TraceAsked)
    def _open_trace(self, event: TraceAsked) -> None:
        self.push_screen(TraceScreen(self.services, event.trace, event.span))

    @on(LinkFailed)
    def _link_failed(self, event: LinkFailed) -> None:
        self.problem = event.error
        self.exit(int(event.error.exit_code))

    @on(CopyAsked)
    def _copy(self, event: CopyAsked) -> None:
        octets = len(event.text.encode("utf-8", "replace"))
        if not event.text:
            self.notify("Nothing to copy here.", timeout=2)
        elif octets > LARGEST:
            self.notify(
                f"{size(octets)} is more than terminals take ({size(LARGEST)}); o opens it.",
                severity="warning",
                markup=False,
            )
        else:
            self.copy_to_clipboard(event.text)
            via = " through tmux (needs `set -g set-clipboard on`)" if in_tmux() else ""
            self.notify(f"Copied {event.what}, {size(octets)}{via}.", timeout=3, markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(osc52(text, tmux=in_tmux()))

    @on(PageAsked)
    def _page(self, event: PageAsked) -> None:
        try:
            with self.suspend():
                page(event.text)
        except SuspendNotSupported:
            self.notify("This terminal cannot be handed to a pager.", severity="warning")
        except OSError as error:
            self.notify(f"The pager does not start: {error}.", severity="error", markup=False)
        self.refresh()


def run_explorer(
    *, store_url: str | None, target: str | None = None, span: str | None = None
) -> int:
    """Open the explorer on a store, at a trace (id or prefix) and span if given; the exit code.

    Raises `UsageError` off a terminal, and what finding `target` raises.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise UsageError(
            "The explorer needs a terminal.",
            hint="`jollyscope ls traces` and `jollyscope show TRACE` work without one.",
        )
    settings = load()
    return run_with(
        StoreSource(store_url or settings.store),
        theme=settings.ui.theme,
        tz=zone(settings.ui.time),
        target=target,
        span=span,
    )


def run_with(
    source: Source,
    *,
    theme: str = "textual-dark",
    tz: tzinfo | None = None,
    now: Callable[[], int] = time_ns,
    target: str | None = None,
    span: str | None = None,
) -> int:
    """As `run_explorer`, on any source of traces."""
    app = Explorer(source, now=now, tz=tz, theme=theme, target=target, span=span)
    try:
        code = app.run()
    finally:
        source.close()
    if app.problem is not None:
        raise app.problem
    return int(app.return_code or 0) if code is None else code
