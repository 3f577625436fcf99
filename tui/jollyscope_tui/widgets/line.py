"""One painted line: headings and tab bars."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip

from jollyscope_tui.widgets.cells import Paint, cut, paint_width
from jollyscope_tui.widgets.palette import Palette

__all__ = ["Heading", "TabBar"]


class Heading(Palette):
    """A line painted by name, or a few. What does not fit is cut at the right."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: list[Paint] = []

    def show_paint(self, *lines: Paint) -> None:
        """Show this instead."""
        if list(lines) != self._lines:
            self._lines = list(lines)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        paint = self._lines[y] if y < len(self._lines) else []
        return self.paint_strip(cut(paint, self.size.width), self.size.width, "head")


class TabBar(Palette):
    """Names side by side, one chosen; a click chooses another."""

    class Picked(Message):
        """A click on a tab."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.names: tuple[str, ...] = ()
        self.chosen = ""
        self.title: Paint = []

    def show_tabs(self, names: tuple[str, ...], chosen: str, title: Paint) -> None:
        """Show these tabs, and `title` at the right where there is room."""
        if (names, chosen, title) != (self.names, self.chosen, self.title):
            self.names, self.chosen, self.title = names, chosen, title
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        paint: Paint = []
        for name in self.names:
            style = "tab" if name == self.chosen else "muted"
            paint.append((f"[{name}]" if name == self.chosen else f" {name} ", style))
        room = width - paint_width(paint) - 2
        if room >= 8:
            paint += [("  ", ""), *cut(self.title, room)]
        return self.paint_strip(paint if y == 0 else [], width, "head")

    def on_click(self, event: events.Click) -> None:
        at = 0
        for name in self.names:
            if at <= event.x < at + len(name) + 2:
                self.post_message(self.Picked(name))
            at += len(name) + 2
