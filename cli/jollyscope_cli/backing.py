"""What the commands of the backend share: its stack, and telling how far a change is."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import typer

from jollyscope_cli.output import colourful, narrate, width

if TYPE_CHECKING:
    from jollyscope.backend.stack.plan import Profile
    from jollyscope.backend.stack.stack import Stack

__all__ = ["Teller", "ended_by_hand", "stack_here"]

SIGNS = {
    "healthy": ("✔", "green"),
    "running": ("✔", "green"),
    "done": ("✔", "green"),
    "failed": ("✖", "red"),
    "unhealthy": ("✖", "red"),
    "restarting": ("!", "yellow"),
}


def stack_here(profile: Profile | None = None) -> Stack:
    """The stack of the data directory; its profile is that of the last `up` unless one is given."""
    from jollyscope.backend.stack.engine import find_engine
    from jollyscope.backend.stack.stack import Stack, profile_of
    from jollyscope.paths import data_dir

    home = data_dir()
    return Stack(find_engine(), home, profile or profile_of(home))


@contextmanager
def ended_by_hand(what: str) -> Generator[None]:
    """Ctrl-C ends the command with `what` to know, and with its own exit code."""
    from jollyscope.errors import ExitCode

    try:
        yield
    except KeyboardInterrupt:
        narrate(f"\n{what}")
        raise typer.Exit(ExitCode.INTERRUPTED) from None


class Teller:
    """A line a service: it changes in place on a terminal, else there is one for every change."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[str, str]] = {}
        self._live: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and width(sys.stderr) >= 40:
            from rich.console import Console
            from rich.live import Live

            console = Console(file=sys.stderr, no_color=not colourful(sys.stderr), highlight=False)
            self._live = Live(console=console, refresh_per_second=8, get_renderable=self._drawn)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def service(self, name: str, phase: str, detail: str = "") -> None:
        """See `Progress`."""
        before = self._rows.get(name, ("", ""))
        self._rows[name] = (phase, detail)
        if self._live is None and before[0] != phase:
            narrate(f"{name}: {phase}{f' {detail}' if detail else ''}")

    def say(self, text: str) -> None:
        """See `Progress`."""
        if self._live is not None:
            self._live.console.print(text, markup=False)
        else:
            narrate(text)

    def _drawn(self) -> Any:
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 1))
        for _ in range(3):
            table.add_column(no_wrap=True, overflow="ellipsis")
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for name, (phase, detail) in self._rows.items():
            sign, style = SIGNS.get(phase, ("", ""))
            mark = Text(sign, style) if sign else self._spinner(name, Spinner)
            table.add_row(mark, name, Text(phase, style), Text(detail, "dim"))
        return table

    def _spinner(self, name: str, kind: Any) -> Any:
        spinners: dict[str, Any] = self.__dict__.setdefault("_spinners", {})
        return spinners.setdefault(name, kind("dots"))
