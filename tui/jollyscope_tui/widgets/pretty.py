"""Lines to show and the text that they come from."""

from __future__ import annotations

from typing import NamedTuple

from jollyscope_tui.widgets.cells import Paint

__all__ = ["Document"]


class Document(NamedTuple):
    """Lines to show, not yet wrapped, and the whole text that they come from."""

    lines: list[Paint]
    text: str
