"""The columns of the list of traces: what each says, and which fit a width. No Textual."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from functools import lru_cache
from typing import NamedTuple

from jollyscope.model.format import cost, count, duration
from jollyscope.model.records import StepType
from jollyscope.model.steps import FAILED, GLYPH, INTERRUPTED, RUNNING, first_line
from jollyscope.query.listing import TraceRow
from jollyscope_tui.when import day_or_clock
from jollyscope_tui.widgets.cells import Paint, fit, fit_right

__all__ = ["COLUMNS", "Column", "Look", "layout", "paint_strip_cells", "paint_trace"]


class Look(NamedTuple):
    """What drawing a row depends on besides the row. `longest` is the slowest trace's ms."""

    now: int
    tz: tzinfo | None
    longest: float = 0.0
    wide: bool = False


class Column(NamedTuple):
    """A column `width` cells wide. The higher `rank`, the sooner it goes when there is no room;
    `sort` is the field it sorts by; `grow` cells are added where there is plenty of room.
    """

    title: str
    width: int
    rank: int
    paint: Callable[[TraceRow, int, Look], Paint]
    sort: str = ""
    grow: int = 0
    right: bool = False


_LETTERS: dict[str, StepType] = {
    "u": "user_input", "t": "think", "a": "act", "o": "observe", "r": "response",
}  # fmt: skip


def paint_strip_cells(letters: str, width: int) -> Paint:
    """A run as glyphs from the letters of `TraceRow.step_strip`, `…` where cut."""
    shown = letters if len(letters) <= width else letters[: width - 1]
    paint: Paint = []
    for letter in shown:
        step = _LETTERS.get(letter)
        paint.append((GLYPH[step], step) if step else (FAILED, "error"))
    if len(shown) < len(letters):
        paint.append(("…", "muted"))
    return [*paint, (" " * (width - min(len(letters), width)), "")]


def ends_at(row: TraceRow, now: int) -> float:
    """Milliseconds the trace has taken, up to now while it runs."""
    return max(0.0, (now - row.start_time) / 1e6) if row.state == "open" else row.duration_ms


def _when(row: TraceRow, width: int, look: Look) -> Paint:
    text = day_or_clock(row.start_time, look.now, look.tz, wide=width >= 12)
    return [(fit(text, width), "muted")]


def _status(row: TraceRow, width: int, _look: Look) -> Paint:
    if row.state == "open":
        return [(fit(f"{RUNNING} running", width), "running")]
    if row.state == "interrupted":
        return [(fit(f"{INTERRUPTED}stopped", width), "interrupted")]
    if row.status == "error" or row.error_count:
        failed = row.status == "error"
        text = f"{FAILED} error" if failed else f"{FAILED} {count(row.error_count)} inside"
        return [(fit(text, width), "error" if failed else "warning")]
    return [(fit("✔ ok", width), "ok")]


def _steps(row: TraceRow, width: int, _look: Look) -> Paint:
    return paint_strip_cells(row.step_strip, width)


def _input(row: TraceRow, width: int, _look: Look) -> Paint:
    return [(fit(first_line(row.input or row.name), width), "text")]


def _bar(row: TraceRow, width: int, look: Look) -> Paint:
    share = ends_at(row, look.now) / look.longest if look.longest else 0
    eighths = max(1, min(width * 8, round(share * width * 8)))
    bar = "█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8] if eighths % 8 else "")
    return [(fit(bar, width), "muted")]


def _duration(row: TraceRow, width: int, look: Look) -> Paint:
    return [(fit_right(duration(ends_at(row, look.now)), width), "text")]


def _tokens(row: TraceRow, width: int, _look: Look) -> Paint:
    known = [n for n in (row.input_tokens, row.output_tokens) if n is not None]
    return [(fit_right(count(sum(known)) if known else "-", width), "text")]


def _cost(row: TraceRow, width: int, _look: Look) -> Paint:
    return [(fit_right(cost(row.cost_usd), width), "text")]


def _tools(row: TraceRow, width: int, _look: Look) -> Paint:
    names = ", ".join(row.tools)
    calls = f"{row.tool_calls}× " if row.tool_calls > 1 else ""
    return [(fit(calls + names if names else "-", width), "act" if names else "muted")]


def _plain(field: str) -> Callable[[TraceRow, int, Look], Paint]:
    return lambda row, width, _look: [(fit(getattr(row, field) or "-", width), "muted")]


COLUMNS = (
    Column("when", 8, 0, _when, "start_time", grow=4),
    Column("status", 10, 2, _status, "status"),
    Column("input", 20, 0, _input, "input"),
    Column("steps", 10, 1, _steps, "step_count", 14),
    Column("tools", 16, 7, _tools, "tool_calls", grow=8),
    Column("tokens", 7, 3, _tokens, "input_tokens", right=True),
    Column("cost", 8, 4, _cost, "cost_usd", right=True),
    Column("time", 7, 0, _duration, "duration_ms", right=True),
    Column("", 10, 5, _bar, "duration_ms", grow=10),
    Column("session", 10, 6, _plain("session_id"), "session_id", grow=6),
    Column("service", 12, 8, _plain("service"), "service"),
)
_INPUT = 2


@lru_cache(64)
def layout(width: int) -> tuple[tuple[Column, int], ...]:
    """The columns that fit `width` cells with their widths, a blank between two; what is left
    over first lets columns grow, then goes to the input.
    """
    kept = list(COLUMNS)
    while sum(c.width + 1 for c in kept) > width and any(c.rank for c in kept):
        kept.remove(max(kept, key=lambda c: c.rank))
    spare = width - sum(c.width + 1 for c in kept)
    widths: list[tuple[Column, int]] = []
    # The input gets the first 20 spare cells, so that the gist is readable before strips are long.
    growth = max(0, spare - 20)
    for column in kept:
        more = min(column.grow, growth)
        growth -= more
        widths.append((column, column.width + more))
    used = sum(w + 1 for _, w in widths)
    at = kept.index(COLUMNS[_INPUT])
    widths[at] = (widths[at][0], max(1, widths[at][1] + width - used))
    return tuple(widths)


def paint_trace(row: TraceRow, width: int, look: Look, *, cursor: bool) -> Paint:
    """One row of the list in `width` cells."""
    paint: Paint = [("▌" if cursor else " ", "strong")]
    for column, cells in layout(width):
        paint += column.paint(row, cells, look)
        paint.append((" ", ""))
    return paint[:-1]
