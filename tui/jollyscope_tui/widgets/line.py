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
        paint: Paint = [piece for _, piece in self._pieces()]
        room = width - paint_width(paint) - 2
        if room >= 8:
            paint += [("  ", ""), *cut(self.title, room)]
        return self.paint_strip(paint if y == 0 else [], width, "head")

    def _pieces(self) -> list[tuple[str, tuple[str, str]]]:
        """The tabs that fit, each with its name: set apart by two blanks, or one; and where not even that
        is room for all, those around the chosen one.
        """
        width = self.size.width
        names = list(self.names)
        gap = " " if sum(len(name) + 2 for name in names) <= width else ""
        while len(names) > 1 and sum(len(name) + 1 + len(gap) for name in names) + 2 > width:
            at = names.index(self.chosen) if self.chosen in names else 0
            names.pop(0 if at > len(names) // 2 else -1)
        pieces: list[tuple[str, tuple[str, str]]] = []
        if names and names[0] != self.names[0]:
            pieces.append((self.names[0], ("‹", "muted")))
        for name in names:
            chosen = name == self.chosen
            shown = f"[{name}]" if chosen else f" {name}{gap}"
            pieces.append((name, (shown, "tab" if chosen else "muted")))
        if names and names[-1] != self.names[-1]:
            pieces.append((self.names[-1], (" ›", "muted")))
        return pieces

    def on_click(self, event: events.Click) -> None:
        at = 0
        for name, (shown, _) in self._pieces():
            if at <= event.x < at + len(shown):
                self.post_message(self.Picked(name))
                return
            at += len(shown)
