"""The heading of a comparison: both traces, and in what they differ."""

from __future__ import annotations

from datetime import tzinfo

from rich.cells import cell_len
from textual.strip import Strip

from jollyscope.model.format import cost, count, duration
from jollyscope.model.steps import FAILED, INTERRUPTED, RUNNING, first_line
from jollyscope.query.fields import total_tokens
from jollyscope.query.listing import TraceRow
from jollyscope_tui.when import date_and_clock
from jollyscope_tui.widgets.cells import Paint, clean, cut, fit
from jollyscope_tui.widgets.palette import Palette

__all__ = ["CompareHeading", "side"]


class CompareHeading(Palette):
    """A line for each trace and two for the sentences; what does not fit is in the Summary tab."""

    def __init__(self) -> None:
        super().__init__()
        self._sides: list[Paint] = []
        self._sentences: list[str] = []

    def show_sides(self, sides: list[Paint], sentences: list[str]) -> None:
        """Show these instead."""
        self._sides, self._sentences = sides, sentences
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        lines = [*self._sides, *_fold(self._sentences, width)]
        paint = cut(lines[y], width) if y < len(lines) else []
        return self.paint_strip(paint, width, "head")


def side(name: str, row: TraceRow, took: float, tz: tzinfo | None) -> Paint:
    """The facts of one of the two; `took` in ms."""
    tokens = total_tokens(row)
    facts = [
        duration(took),
        f"{count(row.step_count)} steps",
        f"{count(tokens)} tokens" if tokens else "",
        cost(row.cost_usd) if row.cost_usd is not None else "",
        date_and_clock(row.start_time, tz),
        f"session {row.session_id}" if row.session_id else "",
        first_line(row.input or row.name, 200),
    ]
    told = "".join(f" · {fact}" for fact in facts if fact)
    return [
        (f" {name} ", "title"),
        (f"{row.trace_id[:8]}… ", "strong"),
        _ending(row),
        (told, "text"),
    ]


def _ending(row: TraceRow) -> tuple[str, str]:
    if row.state != "closed":
        style = "running" if row.state == "open" else "interrupted"
        return f"{RUNNING if row.state == 'open' else INTERRUPTED} {style}", style
    if row.status == "error":
        return f"{FAILED} error", "error"
    failed = f", {count(row.error_count)} failed inside" if row.error_count else ""
    return f"✔ ok{failed}", "warning" if failed else "ok"


def _fold(sentences: list[str], width: int) -> list[Paint]:
    """The sentences in two lines, as far as they fit whole; `… 2 more, 5` names the
    key of the tab with the rest."""
    lines = [" "]
    for at, sentence in enumerate(sentences):
        text = clean(sentence)
        left = len(sentences) - at
        joined = f"{lines[-1]} · {text}" if lines[-1].strip() else f" {text}"
        # Behind the last sentence of the second line nothing need be said.
        kept = cell_len(_more(left - 1)) if len(lines) == 2 and left > 1 else 0
        if cell_len(joined) + kept <= width or (len(lines) == 1 and not lines[0].strip()):
            lines[-1] = joined
        elif len(lines) == 1:
            lines.append(f" {text}")
        else:
            more = _more(left)
            lines[-1] = fit(lines[-1], min(cell_len(lines[-1]), width - cell_len(more))) + more
            break
    return [[(line, "strong" if at == 0 else "text")] for at, line in enumerate(lines)]


def _more(number: int) -> str:
    return f" … {number} more, 5"
