"""One row of the tail in an exact number of cells. No Textual."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from jollyscope.model.format import count, duration
from jollyscope_tui.when import clock
from jollyscope_tui.widgets.cells import Paint, fit, fit_right
from jollyscope_tui.widgets.row_paint import marked
from jollyscope_tui.widgets.tail_rows import TailRow

__all__ = ["TailLook", "paint_tail_head", "paint_tail_row"]

_WIDE, _WIDER = 100, 150
_TOOK = 7


class TailLook(NamedTuple):
    """What drawing depends on besides the row: now (Unix ns), the zone, and what is searched for."""

    now: int
    tz: tzinfo | None
    needle: str = ""


class _Cells(NamedTuple):
    time: int
    session: int
    about: int
    tokens: int
    text: int


def _cells(width: int) -> _Cells:
    wide, wider = width >= _WIDE, width >= _WIDER
    time, session = (12 if wide else 8), (20 if wider else 12 if wide else 9)
    about, tokens = (24 if wider else 16 if wide else 0), (7 if wide else 0)
    fixed = 1 + time + 1 + session + 1 + 2 + 1 + _TOOK
    fixed += about + 1 if about else 0
    fixed += tokens + 1 if tokens else 0
    return _Cells(time, session, about, tokens, max(0, width - fixed))


def _ending(session: str, width: int) -> str:
    """A session's name, or of a long one its end: that is what tells most apart."""
    short = session if len(session) <= width else f"…{session[1 - width :]}"
    return short or "-"


def paint_tail_head(width: int) -> Paint:
    """The titles of the columns."""
    cells = _cells(width)
    line = f" {fit('time', cells.time)} {fit('session', cells.session)}   "
    line += fit("step", cells.text)
    line += f" {fit('model or service', cells.about)}" if cells.about else ""
    line += f" {fit_right('took', _TOOK)}"
    line += f" {fit_right('tokens', cells.tokens)}" if cells.tokens else ""
    return [(fit(line, width), "title")]


def paint_tail_row(row: TailRow, width: int, look: TailLook, *, cursor: bool) -> Paint:
    """When, whose, which step, what, how long."""
    cells = _cells(width)
    at = clock(row.time, look.tz)
    if cells.time > 8:
        at += f".{row.time // 10**6 % 1000:03d}"
    took = max(0, look.now - row.time) / 1e6 if row.running else row.duration_ms
    style = "error" if row.style == "error" else "muted" if row.kind == "metric" else "text"
    paint: Paint = [
        ("▌" if cursor else " ", "strong"),
        (f"{at} ", "muted"),
        *marked(fit(_ending(row.session, cells.session), cells.session), look.needle, "muted"),
        (" ", ""),
        (fit(row.sign, 2), row.style),
        *marked(fit(row.text, cells.text), look.needle, style),
    ]
    if cells.about:
        paint += [(" ", ""), *marked(fit(row.about or "-", cells.about), look.needle, "muted")]
    paint.append((" " + fit_right(duration(took), _TOOK), "running" if row.running else "text"))
    if cells.tokens:
        paint.append((" " + fit_right(count(row.tokens), cells.tokens), "text"))
    return paint
