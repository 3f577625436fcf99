"""Lines of styled pieces as text with escape sequences, for what is drawn by hand."""

from __future__ import annotations

from functools import cache

from rich.color import ColorSystem
from rich.style import Style

from jollyscope_cli.canvas import STYLES
from jollyscope_cli.output import colourful
from jollyscope_cli.render.tail import plain
from jollyscope_cli.render.trace import Piece

__all__ = ["painted"]


def painted(line: list[Piece], colour: bool | None = None) -> str:
    """The line, in colour where stdout takes it."""
    if not (colourful() if colour is None else colour):
        return plain(line)
    return "".join(_style(style).render(text, color_system=ColorSystem.STANDARD)
                   for text, style in line)  # fmt: skip


@cache
def _style(name: str) -> Style:
    return Style(reverse=True) if name == "found" else Style.parse(STYLES[name])
