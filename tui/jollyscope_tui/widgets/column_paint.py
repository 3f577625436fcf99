"""What each column of the list says of a trace or a session, in so many cells. No Textual."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import NamedTuple

from jollyscope.model.format import cost, count, duration
from jollyscope.model.records import StepType
from jollyscope.model.steps import FAILED, GLYPH, INTERRUPTED, RUNNING, first_line
from jollyscope.query.fields import total_tokens
from jollyscope.query.listing import SessionRow, TraceRow
from jollyscope_tui.sources.lists import Row
from jollyscope_tui.when import day_or_clock
from jollyscope_tui.widgets.cells import Paint, fit, fit_right

__all__ = ["PAINTERS", "Look", "Painter", "ends_at", "paint_strip_cells"]

NO_LABELS: Mapping[str, list[str]] = {}


class Look(NamedTuple):
    """What drawing a row depends on besides the row. `longest` is the slowest row's ms, `labels` what
    people put on traces, `inner` whether the row belongs to the one above it.
    """

    now: int
    tz: tzinfo | None
    longest: float = 0.0
    labels: Mapping[str, list[str]] = NO_LABELS
    inner: bool = False


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


def ends_at(row: Row, now: int) -> float:
    """Milliseconds the row has taken, up to now while it runs."""
    return max(0.0, (now - row.start_time) / 1e6) if row.state == "open" else row.duration_ms


def _when(row: Row, width: int, look: Look) -> Paint:
    text = day_or_clock(row.start_time, look.now, look.tz, wide=width >= 12)
    return [(fit(text, width), "muted")]


def _status(row: Row, width: int, _look: Look) -> Paint:
    if row.state == "open":
        return [(fit(f"{RUNNING} running", width), "running")]
    if row.state == "interrupted":
        return [(fit(f"{INTERRUPTED}stopped", width), "interrupted")]
    if row.status == "error" or row.error_count:
        failed = row.status == "error"
        text = f"{FAILED} error" if failed else f"{FAILED} {count(row.error_count)} inside"
        return [(fit(text, width), "error" if failed else "warning")]
    return [(fit("✔ ok", width), "ok")]


def _steps(row: Row, width: int, _look: Look) -> Paint:
    if isinstance(row, SessionRow):
        some = "trace" if row.trace_count == 1 else "traces"
        return [(fit(f"{count(row.trace_count)} {some}", width), "muted")]
    return paint_strip_cells(row.step_strip, width)


def _text(row: Row, width: int, look: Look) -> Paint:
    said = row.input or (row.name if isinstance(row, TraceRow) else row.session_id)
    if look.inner:
        return [("  ", ""), (fit(first_line(said), width - 2), "text")]
    return [(fit(first_line(said), width), "strong" if isinstance(row, SessionRow) else "text")]


def _answer(row: Row, width: int, _look: Look) -> Paint:
    said = row.output if isinstance(row, TraceRow) else None
    return [(fit(first_line(said) if said else "-", width), "muted")]


def _bar(row: Row, width: int, look: Look) -> Paint:
    share = ends_at(row, look.now) / look.longest if look.longest else 0
    eighths = max(1, min(width * 8, round(share * width * 8)))
    drawn = "█" * (eighths // 8) + (" ▏▎▍▌▋▊▉"[eighths % 8] if eighths % 8 else "")
    return [(fit(drawn, width), "muted")]


def _took(row: Row, width: int, look: Look) -> Paint:
    return [(fit_right(duration(ends_at(row, look.now)), width), "text")]


def _tokens(row: Row, width: int, _look: Look) -> Paint:
    return [(fit_right(count(total_tokens(row)), width), "text")]


def _money(row: Row, width: int, _look: Look) -> Paint:
    return [(fit_right(cost(row.cost_usd), width), "text")]


def _tools(row: Row, width: int, _look: Look) -> Paint:
    if isinstance(row, SessionRow):
        calls = f"{count(row.tool_calls)} calls" if row.tool_calls else "-"
        return [(fit(calls, width), "muted")]
    names = ", ".join(row.tools)
    calls = f"{row.tool_calls}× " if row.tool_calls > 1 else ""
    return [(fit(calls + names if names else "-", width), "act" if names else "muted")]


def _models(row: Row, width: int, _look: Look) -> Paint:
    names = row.models if isinstance(row, TraceRow) else []
    return [(fit(", ".join(names) or "-", width), "think" if names else "muted")]


def _labels(row: Row, width: int, look: Look) -> Paint:
    found = look.labels.get(row.trace_id, []) if isinstance(row, TraceRow) else []
    return [(fit(" ".join(f"#{label}" for label in found), width), "key")]


def _number(field: str) -> Callable[[Row, int, Look], Paint]:
    """A column of a count."""
    return lambda row, width, _look: [(fit_right(count(getattr(row, field)), width), "text")]


def _plain(field: str) -> Callable[[Row, int, Look], Paint]:
    """A column of a text."""
    return lambda row, width, _look: [(fit(getattr(row, field, None) or "-", width), "muted")]


Painter = Callable[[Row, int, Look], Paint]

PAINTERS: dict[str, Painter] = {
    "when": _when,
    "status": _status,
    "input": _text,
    "output": _answer,
    "steps": _steps,
    "tools": _tools,
    "tokens": _tokens,
    "cost": _money,
    "time": _took,
    "bar": _bar,
    "labels": _labels,
    "session": _plain("session_id"),
    "user": _plain("user_id"),
    "service": _plain("service"),
    "models": _models,
    "spans": _number("span_count"),
    "errors": _number("error_count"),
    "trace": _plain("trace_id"),
}
"""What each column says in so many cells, by its name."""
