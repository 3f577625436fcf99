"""Lines of styled pieces on stdout, through Rich: it knows what colours a terminal has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NoReturn

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.style import Style

from jollyscope_cli.output import colourful, width
from jollyscope_cli.render.trace import Piece

__all__ = ["STYLES", "draw", "put"]

STYLES = {
    "": "",
    "dim": "dim",
    "head": "bold",
    "note": "yellow",
    "green": "green",
    "red": "bold red",
    "yellow": "yellow",
    "user_input": "bold",
    "think": "cyan",
    "act": "blue",
    "observe": "magenta",
    "response": "green",
    "other": "",
    "error": "bold red",
    "running": "yellow",
    "interrupted": "yellow",
    "missing": "dim italic",
}
"""Colour helps, and never says anything alone: signs and shading say it too."""


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError  # `failures` ends the program; Rich would exit with 1


class _Lines:
    """Segments straight from pieces: twelve times as fast as a `Text` a line."""

    def __init__(self, lines: Iterable[list[Piece]]) -> None:
        self.lines = lines
        self.styles = {name: Style.parse(style) for name, style in STYLES.items()}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for line in self.lines:
            while line and not line[-1][0].strip(" "):
                line = line[:-1]
            for text, style in line:
                yield Segment(text, self.styles[style])
            yield Segment.line()


def put(lines: Iterable[list[Piece]]) -> None:
    """Print the lines as they are: nothing is wrapped, cropped or interpreted."""
    _console(width()).print(_Lines(lines), soft_wrap=True, end="")


def draw(drawn: RenderableType, cells: int) -> None:
    """Print what Rich lays out in lines of so many cells."""
    _console(cells).print(drawn)


def _console(cells: int) -> Console:
    return _Console(
        width=cells,
        color_system="auto" if colourful() else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
