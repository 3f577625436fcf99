"""What the command palette has: every key of the screen, places to go to, themes."""

# Textual leaves the type of its apps and screens open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from textual.app import App, SystemCommand
from textual.screen import Screen

from jollyscope_tui.screens.help import keys_of, sign
from jollyscope_tui.themes import theme_names

__all__ = ["commands"]

_PLACES = (
    ("Go to the traces", "The list that the explorer began with", "app.home"),
    ("Go to the dashboard", "Sums and plots over time", "app.dashboard"),
    ("Go to the tail", "Records as they come", "app.tail"),
    ("Go to health", "Every part that the store stands on", "app.health"),
    ("Compare with…", "The trace on the screen with one of the newest", "app.compare_with"),
)


def commands(app: App[int], screen: Screen[object]) -> Iterable[SystemCommand]:
    """The palette's commands over `screen`."""
    for group in keys_of(screen):
        for key in group.keys:
            about = f"{group.title} · {'  '.join(sign(name) for name in key.names)}"
            yield SystemCommand(key.description, about, _runner(app, key.node, key.action))
    for title, about, action in _PLACES:
        yield SystemCommand(title, about, _runner(app, app, action))
    yield from _themes(app)


def _themes(app: App[int]) -> Iterator[SystemCommand]:
    for name in theme_names():
        now = " (now)" if name == app.theme else ""

        def choose(name: str = name) -> None:
            app.theme = name

        yield SystemCommand(f"Theme: {name}{now}", "Colours of every screen", choose)


def _runner(app: App[int], node: object, action: str) -> Callable[[], None]:
    async def run() -> None:
        await app.run_action(action, node)  # type: ignore[arg-type]

    return lambda: (app.call_later(run), None)[1]
