"""A trace as lines: what a row looks like, which time is on show. One line a span, tree and bar
beside each other. Keys and mouse are in `trace_time.py` and `trace_view.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import tzinfo
from time import time_ns

from textual import events
from textual.message import Message

from jollyscope.model.format import duration
from jollyscope.model.tree import Node
from jollyscope.model.waterfall import Window, axis
from jollyscope_tui.widgets.bars import Stretch, draw_bar, window_cells
from jollyscope_tui.widgets.cells import Paint, fit
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.marks import end_mark, heard_mark, path_mark, row_marks
from jollyscope_tui.widgets.matches import Matches
from jollyscope_tui.widgets.projection import Mode
from jollyscope_tui.widgets.row_paint import TreeRow, paint_row, style_of
from jollyscope_tui.widgets.rows import RowModel
from jollyscope_tui.widgets.timeline import Timeline

__all__ = ["MODE_NAMES", "TraceLines"]

_LEAST_TREE, _LEAST_BARS = 20, 12
MODE_NAMES: dict[Mode, str] = {
    "all": "every span",
    "steps": "steps only",
    "errors": "errors only",
    "critical": "critical path only",
}


class TraceLines(LineList):
    """Draws a `RowModel`. `now` gives Unix ns and is asked only while something runs."""

    class TimeShown(Message):
        """Another stretch of time is on show, or it is drawn elsewhere."""

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TraceLines.TimeShown)

    def __init__(self, *, now: Callable[[], int] = time_ns, tz: tzinfo | None = None) -> None:
        super().__init__()
        self.now = now
        self.tz = tz
        self.model: RowModel | None = None
        self.timeline = Timeline()
        self.matches: Matches | None = None
        self.share = 0.5
        self.gaps = True
        """Whether gaps show in the bars."""
        self._tick = 0
        self._width = 0

    def on_mount(self) -> None:
        self.set_interval(0.25, self._on_tick)

    # What is on show

    def show_model(self, model: RowModel, matches: Matches | None = None) -> None:
        """Show a trace, or a newer version of the one on show (with `carry_over`, and `matches` of the
        search that is on): then cursor, zoom and scroll position stay.
        """
        old, key = self.model, self.selected
        offset = self.cursor - self.scroll_offset.y
        self.model = model
        searched = self.matches is not None and matches is not None
        self.matches = matches if searched else None
        if old is None:
            self.cursor = 0
        else:
            at = model.outline.index.get(key.span_id) if key else None
            self.cursor = model.nearest(at) if at is not None else self.cursor
            self.call_after_refresh(self.scroll_rows_to, max(0, self.cursor - offset))
        self.set_time()
        self.redraw()
        if old is None:
            self.post_message(self.Moved(self))

    def redraw(self) -> None:
        super().redraw()
        self.post_message(self.TimeShown())

    @property
    def selected(self) -> Node | None:
        """The node under the cursor."""
        if self.model is None or not len(self.model):
            return None
        return self.model.outline.nodes[self.model.node(self.cursor)]

    def select_span(self, span_id: str) -> bool:
        """Put the cursor on a span, whatever hides it; False when the trace has no such span."""
        model = self.model
        at = model.outline.index.get(span_id) if model else None
        if model is None or at is None:
            return False
        if model.projection.find(at) is None:
            model.set_mode("all")
        row = model.reveal(at)
        self.redraw()
        if row is not None:
            self.move_to(row)
        return True

    @property
    def running(self) -> bool:
        """Whether some span of the trace is still running."""
        return self.model is not None and self.model.outline.tree.running

    def set_time(self) -> bool:
        """Look again at the stretch of time on show; True when it changed."""
        return self.model is not None and self.timeline.follow(self.model.outline, self.now())

    def _on_tick(self) -> None:
        if not self.running or self.model is None:
            return
        self._tick += 1
        if self.set_time():
            self.redraw()
            return
        top, model = self.scroll_offset.y, self.model
        for row in range(top, min(top + self.rows_shown, len(model))):
            if model.outline.end[model.node(row)] < 0:
                self.refresh_row(row)

    # Drawing

    @property
    def line_width(self) -> int:
        # Asked several times a row, and a dozen style look-ups each time: 5 ms of a frame of 60 rows.
        if not self._width:
            self._width = super().line_width
        return self._width

    def on_resize(self, _event: events.Resize) -> None:
        self._width = 0

    @property
    def divider(self) -> int:
        """The column between the tree and the bars."""
        width = self.line_width
        return max(_LEAST_TREE, min(int(width * self.share), width - 1 - _LEAST_BARS))

    @property
    def window(self) -> Window:
        """The time on show and the cells it is drawn over."""
        return Window(*self.timeline.shown, window_cells(self.line_width - self.divider - 1))

    def row_total(self) -> int:
        return len(self.model) if self.model else 0

    def row_key(self, row: int) -> Hashable:
        assert self.model is not None
        node = self.model.node(row)
        running = self.model.outline.end[node] < 0
        return node, self.model.is_open(row), self._tick if running else -1

    def paint_head(self, width: int) -> Paint:
        if self.model is None:
            return []
        left = self.divider
        said = f" {MODE_NAMES[self.model.mode]} · {len(self.model):,} rows"
        if self.matches is not None:
            said = f" {self._found(self.matches)} ·{said}"
        if self.timeline.zoomed:
            said = f" zoomed ·{said}"
        marks = axis(self.window, self.model.outline.tree.start, width - left - 1)
        return [(fit(said, left), "title"), ("┬", "muted"), (marks, "muted")]

    def _found(self, matches: Matches) -> str:
        assert self.model is not None
        place = matches.number(self.model.node(self.cursor)) if len(self.model) else 0
        count = f"{place:,} of {len(matches):,}" if place else f"{len(matches):,}"
        said = f"{count} found" if len(matches) else "not found"
        if not matches.complete:
            said = f"{count} found, {100 * matches.looked // max(1, matches.total)} % searched"
        return f"{said} “{matches.text}”"

    @property
    def time_said(self) -> str:
        """Which time is on show, in a few words."""
        if self.model is None:
            return ""
        (low, high), (start, end) = self.timeline.whole, self.timeline.shown
        if not self.timeline.zoomed:
            return f" {duration((high - low) / 1e6)} in all"
        at, shown, whole = ((n / 1e6) for n in (start - low, end - start, high - low))
        return f" {duration(shown)} of {duration(whole)}, from {duration(at)} on"

    def paint_blank(self, width: int) -> Paint:
        return [(" " * self.divider, ""), ("│", "muted")]

    def paint_row(self, row: int, width: int) -> Paint:
        model = self.model
        assert model is not None
        at, left = model.node(row), self.divider
        outline, insight = model.outline, model.outline.insight
        node, below, is_open = outline.nodes[at], model.below(row), model.is_open(row)
        label = outline.label(at)
        tree_row = TreeRow(
            node, label, model.depth(row), below > 0, is_open,
            0 if is_open else below, row == self.cursor,
            self.matches.needle.text if self.matches else "",
            bool(insight and insight.critical[at]),
            row_marks(node, at, label, insight, self.matches),
        )  # fmt: skip
        end = outline.end[at] if outline.end[at] >= 0 else self.now()
        after = f"{heard_mark(node, self.tz)} {path_mark(at, insight)}".strip()
        stretch = Stretch(
            outline.start[at], end, node.span.step_type if node.span else "other", style_of(node),
            end_mark(node), after,
            insight.gaps.of(at) if insight and self.gaps else (),
        )  # fmt: skip
        bar = draw_bar(stretch, self.window, width - left - 1)
        return [*paint_row(tree_row, left), ("│", "muted"), *bar]
