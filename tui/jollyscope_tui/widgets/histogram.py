"""How many traces began when, in two lines: columns, and below them where any failed."""

# Textual leaves the type of its apps and workers open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from datetime import tzinfo

from textual import events
from textual.message import Message
from textual.strip import Strip

from jollyscope.model.format import count, duration
from jollyscope.query.histogram import Bucket, Histogram
from jollyscope_tui.when import day_or_clock
from jollyscope_tui.widgets.cells import Paint, fit
from jollyscope_tui.widgets.palette import Palette

__all__ = ["HistogramBar", "paint_histogram"]

_COLUMNS = " ▁▂▃▄▅▆▇█"
LABEL = 26
"""Cells for what the columns mean, at their right."""


def paint_histogram(found: Histogram, now: int, tz: tzinfo | None, width: int) -> list[Paint]:
    """Two lines of `width` cells: `▂` columns above, `✖` where more than half failed, `×` where some."""
    buckets = found.buckets
    if not buckets or width < LABEL + 10:
        return [[], []]
    most = max(bucket.count for bucket in buckets)
    wide = max(1, (width - LABEL - 2) // len(buckets))
    above: Paint = [(" ", "")]
    below: Paint = [(" ", "")]
    for bucket in buckets:
        level = -(-bucket.count * 8 // max(1, most))
        above.append((_COLUMNS[level] * wide, "think" if level else "muted"))
        below.append((_failed(bucket) * wide, "error"))
    used = 1 + wide * len(buckets)
    step = duration(found.width / 1e6).replace(" 00s", "").replace(" 00m", "").replace(" 00h", "")
    first = day_or_clock(buckets[0].start_time, now, tz, wide=True)
    last = day_or_clock(min(now, buckets[-1].end_time), now, tz, wide=True)
    above.append((fit(f" ≤{count(most)} in {step}", width - used), "muted"))
    below.append((fit(f" {first} – {last}", width - used), "muted"))
    return [above, below]


def _failed(bucket: Bucket) -> str:
    if not bucket.error_count:
        return " "
    return "✖" if bucket.error_count * 2 > bucket.count else "×"


class HistogramBar(Palette):
    """Hidden where the screen is small. A click asks for the time of one column."""

    DEFAULT_CSS = "HistogramBar { height: 2; width: 1fr; display: none; }"

    class Picked(Message):
        """A click on a column."""

        def __init__(self, since: int, until: int) -> None:
            super().__init__()
            self.since = since
            self.until = until

    def __init__(self, *, now: int = 0, tz: tzinfo | None = None) -> None:
        super().__init__()
        self._now, self._tz = now, tz
        self._found = Histogram(of="traces", width=0, buckets=[])

    @property
    def cells(self) -> int:
        """Columns there is room for."""
        return max(10, min(120, self.app.size.width - LABEL - 2))

    def show_histogram(self, found: Histogram, now: int) -> None:
        """Show these."""
        self._found, self._now = found, now
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        lines = paint_histogram(self._found, self._now, self._tz, width)
        return self.paint_strip(lines[y] if y < 2 else [], width)

    def on_click(self, event: events.Click) -> None:
        buckets = self._found.buckets
        if buckets:
            wide = max(1, (self.size.width - LABEL - 2) // len(buckets))
            at = (event.x - 1) // wide
            if 0 <= at < len(buckets):
                self.post_message(self.Picked(buckets[at].start_time, buckets[at].end_time))
