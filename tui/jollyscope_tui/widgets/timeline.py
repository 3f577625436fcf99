"""Which stretch of a trace's time is on show: whole, that of a span, or any. No Textual."""

from __future__ import annotations

from jollyscope_tui.widgets.bars import live_end
from jollyscope_tui.widgets.outline import Outline

__all__ = ["LEAST", "Timeline"]

LEAST = 1_000
"""Nanoseconds on show at least."""

Stretch = tuple[int, int]


class Timeline:
    """`whole` and `shown` are (start, end) in Unix ns, never empty."""

    def __init__(self) -> None:
        self.whole: Stretch = (0, 1)
        self.shown: Stretch = (0, 1)
        self.span: str | None = None
        """The span that the time on show is narrowed to, which it then grows with."""

    @property
    def zoomed(self) -> bool:
        """Whether less than the whole is on show."""
        return self.shown != self.whole

    def follow(self, outline: Outline, now: int) -> bool:
        """Look again how far the trace and the span zoomed to reach; True when what is on show
        changed.
        """
        before, zoomed = self.shown, self.zoomed
        tree = outline.tree
        end = live_end(tree.start, now) if tree.running else tree.end
        self.whole = (tree.start, max(end, tree.start + 1))
        at = outline.index.get(self.span) if self.span else None
        if at is not None:
            start, end = outline.start[at], outline.end[at]
            end = live_end(start, now) if end < 0 else end
            self.shown = (start, max(end, start + 1))
        elif not zoomed:
            self.shown = self.whole
        return before != self.shown

    def out(self) -> None:
        """Show the whole."""
        self.span, self.shown = None, self.whole

    def show(self, start: int, end: int) -> None:
        """Show a stretch, as far as it lies within the whole, and `LEAST` of it."""
        low, high = self.whole
        self.span = None
        length = min(high - low, max(LEAST, end - start))
        start = max(low, min(start, high - length))
        self.shown = (start, start + length)

    def pan(self, share: float) -> bool:
        """Move by a share of what is on show, later where positive; False where that is the edge."""
        before, (start, end) = self.shown, self.shown
        step = int((end - start) * share)
        self.show(start + step, end + step)
        return before != self.shown

    def scale(self, factor: float, around: int) -> bool:
        """Show `factor` times the time, what is at `around` (Unix ns) staying where it is."""
        before, (start, end) = self.shown, self.shown
        around = max(start, min(around, end))
        left = start + (around - start) * (1 - factor)
        self.show(int(left), int(left + (end - start) * factor))
        return before != self.shown
