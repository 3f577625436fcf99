"""The explorer: an app that holds what its screens share."""

# Textual leaves the type of its apps and screens open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import tzinfo
from time import time_ns
from typing import ClassVar

from textual import on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from jollyscope.errors import ExitCode, JollyScopeError
from jollyscope_tui.commands import commands
from jollyscope_tui.going import Going
from jollyscope_tui.handing import Handing
from jollyscope_tui.memory import Memory
from jollyscope_tui.navigation import LinkFailed
from jollyscope_tui.opening import NOTHING, Opening
from jollyscope_tui.screens.help import HelpScreen, keys_of
from jollyscope_tui.screens.trace import TraceScreen
from jollyscope_tui.screens.traces import TracesScreen
from jollyscope_tui.services import Services
from jollyscope_tui.sources.source import Source
from jollyscope_tui.themes import DEFAULT, OWN, theme_names
from jollyscope_tui.view import ALL

__all__ = ["Explorer"]


class Explorer(Going, Handing):
    """Looks at one store. `now` gives Unix ns; `tz` None is local time; `theme` None is the one
    chosen last. `target` and `span` are short for an `Opening` at a trace.
    """

    TITLE = "JollyScope"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", f"leave({int(ExitCode.INTERRUPTED)})", "Quit", show=False, system=True),
        Binding("ctrl+q", "leave(0)", "Quit", show=False, priority=True),
        Binding("b", "dashboard", "Dashboard", show=False),
        Binding("T", "tail", "Tail: records as they come", show=False),
        Binding("H", "health", "Health", show=False),
        Binding("ctrl+p", "command_palette", "Everything by name", show=False, priority=True),
    ]

    def __init__(
        self,
        source: Source,
        *,
        now: Callable[[], int] = time_ns,
        tz: tzinfo | None = None,
        theme: str | None = None,
        opens: Opening = NOTHING,
        target: str | None = None,
        span: str | None = None,
        memory: Memory | None = None,
        read_only: bool = False,
    ) -> None:
        super().__init__()
        self.services = Services(source, now, tz, memory or Memory(), read_only)
        self.problem: JollyScopeError | None = None
        """Why the explorer could not show what it was started for."""
        self._opens = opens._replace(trace=target, span=span) if target else opens
        self._fixed_theme = theme
        for one in OWN:
            self.register_theme(one)

    def on_mount(self) -> None:
        self._set_theme()
        opens = self._opens
        self.push_screen(
            TracesScreen(self.services) if opens.view is None
            else TracesScreen(self.services, view=opens.view)
        )  # fmt: skip
        if opens.trace:
            first = TraceScreen(self.services, opens.trace, opens.span, tab=opens.tab, linked=True)
            self.push_screen(first)
        elif opens.place is not None:
            if (
                opens.place == "dashboard"
                and opens.view is not None
                and opens.view.since is not None
            ):
                since = None if opens.view.since == ALL else opens.view.since
                self.services.memory.change(range=since)
            self.open_place(opens.place, opens.view.filter if opens.view else "")

    def on_unmount(self) -> None:
        # Threads outlive the screen: whatever is still being read would hold up the way out.
        self.services.source.cancel()

    def _set_theme(self) -> None:
        wanted = self._fixed_theme or self.services.memory.now.theme or DEFAULT
        if wanted in self.available_themes:
            self.theme = wanted
        else:
            names = ", ".join(theme_names())
            self.notify(
                f"There is no theme {wanted}. Themes: {names}", severity="warning", markup=False
            )
        self.theme_changed_signal.subscribe(self, lambda theme: self._remember_theme(theme.name))

    def _remember_theme(self, name: str) -> None:
        # One that a setting or an option gives is not this person's choice of now.
        if self._fixed_theme is None:
            self.services.memory.change(theme=name)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        yield from commands(self, screen)

    def action_help(self) -> None:
        self.push_screen(HelpScreen(getattr(self.screen, "HELP", ""), keys_of(self.screen)))

    def action_leave(self, code: int) -> None:
        self.exit(code)

    @on(LinkFailed)
    def _link_failed(self, event: LinkFailed) -> None:
        self.problem = event.error
        self.exit(int(event.error.exit_code))
