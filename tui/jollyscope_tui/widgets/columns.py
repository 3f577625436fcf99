"""The columns of the list of traces and sessions: which there are, and which fit a width. No Textual."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from jollyscope.query.listing import SessionRow
from jollyscope_tui.sources.lists import Row
from jollyscope_tui.view import COLUMN_NAMES
from jollyscope_tui.widgets.cells import Paint
from jollyscope_tui.widgets.column_paint import PAINTERS, Look, Painter

__all__ = ["COLUMNS", "EDGE", "USUAL", "Column", "layout", "paint_line", "sortable"]

EDGE = 2
"""Cells before the first column: the cursor, and a mark or the sign of a fold."""


class Column(NamedTuple):
    """A column `width` cells wide. The higher `rank`, the sooner it goes when there is no room;
    `sort` is the field it sorts by; `grow` cells are added where there is plenty of room.
    """

    title: str
    width: int
    rank: int
    paint: Painter
    sort: str = ""
    grow: int = 0
    right: bool = False


COLUMNS: dict[str, Column] = {
    "when": Column("when", 8, 0, PAINTERS["when"], "start_time", grow=4),
    "status": Column("status", 10, 2, PAINTERS["status"], "status"),
    "input": Column("input", 20, 0, PAINTERS["input"], "input"),
    "output": Column("output", 20, 9, PAINTERS["output"], "output", grow=20),
    "steps": Column("steps", 10, 1, PAINTERS["steps"], "step_count", 14),
    "tools": Column("tools", 16, 7, PAINTERS["tools"], "tool_calls", grow=8),
    "tokens": Column("tokens", 7, 3, PAINTERS["tokens"], "input_tokens", right=True),
    "cost": Column("cost", 8, 4, PAINTERS["cost"], "cost_usd", right=True),
    "time": Column("time", 7, 0, PAINTERS["time"], "duration_ms", right=True),
    "bar": Column("", 10, 5, PAINTERS["bar"], "duration_ms", grow=10),
    "labels": Column("labels", 12, 5, PAINTERS["labels"], grow=8),
    "session": Column("session", 10, 6, PAINTERS["session"], "session_id", grow=6),
    "user": Column("user", 10, 9, PAINTERS["user"], "user_id"),
    "service": Column("service", 12, 8, PAINTERS["service"], "service"),
    "models": Column("models", 14, 9, PAINTERS["models"], grow=8),
    "spans": Column("spans", 6, 9, PAINTERS["spans"], "span_count", right=True),
    "errors": Column("errors", 6, 9, PAINTERS["errors"], "error_count", right=True),
    "trace": Column("trace", 8, 9, PAINTERS["trace"], "trace_id", grow=24),
}
assert tuple(COLUMNS) == COLUMN_NAMES

USUAL = (
    "when", "status", "input", "steps", "tools", "tokens", "cost", "time", "bar", "session", "service",
)  # fmt: skip
"""Those of a list that nobody chose columns for."""


def sortable(names: tuple[str, ...], *, sessions: bool) -> dict[str, str]:
    """Titles of the columns that can be sorted by, and the field of each."""
    known = {name: COLUMNS[name].sort for name in names if COLUMNS[name].sort and name != "bar"}
    if sessions:
        return {name: sort for name, sort in known.items() if sort in SessionRow.__struct_fields__}
    return known


@lru_cache(64)
def layout(width: int, names: tuple[str, ...] = USUAL) -> tuple[tuple[Column, int], ...]:
    """The columns that fit `width` cells with their widths, a blank between two; what is left
    over first lets columns grow, then goes to the input, or without it to the last one.
    """
    kept = [COLUMNS[name] for name in names]
    while sum(c.width + 1 for c in kept) > width and len(kept) > 1:
        if not any(c.rank for c in kept):
            break
        kept.remove(max(kept, key=lambda c: c.rank))
    at = next((i for i, c in enumerate(kept) if c is COLUMNS["input"]), len(kept) - 1)
    spare = width - sum(c.width + 1 for c in kept)
    widths: list[tuple[Column, int]] = []
    # The input gets the first 20 spare cells, so that the gist is readable before strips are long.
    growth = max(0, spare - 20)
    for column in kept:
        more = min(column.grow, growth)
        growth -= more
        widths.append((column, column.width + more))
    used = sum(w + 1 for _, w in widths)
    widths[at] = (widths[at][0], max(1, widths[at][1] + width - used))
    return tuple(widths)


def paint_line(
    row: Row, width: int, look: Look, names: tuple[str, ...] = USUAL, *, edge: str = "  "
) -> Paint:
    """One row of the list in `width` cells, behind its edge."""
    shown: Paint = [(edge, "strong")]
    for column, cells in layout(width - EDGE + 1, names):
        shown += column.paint(row, cells, look)
        shown.append((" ", ""))
    return shown[:-1]
