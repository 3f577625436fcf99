"""The rows below what has scrolled by: what runs now, and how the stream stands."""

from __future__ import annotations

import time
from collections.abc import Sequence

from jollyscope.model import format as fmt
from jollyscope.query.tail import Item
from jollyscope_cli.render.cells import cut, wide
from jollyscope_cli.render.tail import Lines, plain
from jollyscope_cli.render.trace import Piece
from jollyscope_cli.tailing.paint import painted

__all__ = ["Bottom", "running_rows", "status_rows"]


class Bottom:
    """Draws rows at the cursor and takes them away again. The cursor stays behind the last one."""

    def __init__(self) -> None:
        self._cells: list[int] = []

    def draw(self, rows: Sequence[list[Piece]]) -> str:
        """What to write for these rows; they are not to be there already."""
        self._cells = [wide(plain(row)) for row in rows]
        return "\r\n".join(painted(row) for row in rows)

    def erase(self, width: int) -> str:
        """What to write to have them gone. `width`: of now; a narrower window has folded them."""
        if not self._cells:
            return ""
        height = sum(max(1, -(-cells // width)) for cells in self._cells)
        self._cells = []
        up = f"\x1b[{height - 1}A" if height > 1 else ""
        return f"\r{up}\x1b[J"


def running_rows(items: Sequence[Item], lines: Lines) -> list[list[Piece]]:
    """A row for each running step, with how long it has been running."""
    now = time.time_ns()
    rows: list[list[Piece]] = []
    for item in items:
        took = fmt.duration(max(0, now - item.row.time) / 1e6)
        rows.append(lines.line(item.row, took))
    return rows


def status_rows(parts: Sequence[str], trouble: str, width: int) -> list[list[Piece]]:
    """The last rows: what is wrong, and how the stream stands."""
    said = [trouble] if trouble else []
    said.append(" · ".join(part for part in parts if part))
    return [[(cut(text, width - 1), "note")] for text in said]
