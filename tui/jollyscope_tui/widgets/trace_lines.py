"""What a trace looks like: its tree at the left, its spans' bars in time at the right, row beside
row. Keys and mouse are in `trace_view.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from time import time_ns

from jollyscope.model.tree import Node
from jollyscope.model.waterfall import Window, axis
from jollyscope_tui.widgets.bars import Stretch, draw_bar, live_end, window_cells
from jollyscope_tui.widgets.cells import Paint, fit
from jollyscope_tui.widgets.line_list import LineList
from jollyscope_tui.widgets.outline import Mode, Outline
from jollyscope_tui.widgets.row_paint import TreeRow, paint_row, style_of
from jollyscope_tui.widgets.rows import RowModel, carry_over

__all__ = ["TraceLines"]

_LEAST_TREE, _LEAST_BARS = 20, 12
_MODE_NAMES: dict[Mode, str] = {"all": "every span", "steps": "steps only", "errors": "errors only"}


class TraceLines(LineList):
    """Draws an `Outline`. `now` gives Unix ns and is asked only while something runs."""

    def __init__(self, *, now: Callable[[], int] = time_ns, id: str | None = None) -> None:
        super().__init__(id=id)
        self.now = now
        self.model: RowModel | None = None
        self.needle = ""
        self.matches = ""
        self.share = 0.5
        self.zoomed: str | None = None
        """The span that the time on show is narrowed to."""
        self._span_of_time = (0, 1)
        self._tick = 0

    def on_mount(self) -> None:
        self.set_interval(0.25, self._on_tick)

    # What is on show

    def show_outline(self, outline: Outline) -> None:
        """Show a trace, or a newer version of the one on show: then folds, mode, zoom, cursor and
        scroll position stay.
        """
        old = self.model
        if old is None:
            self.model = RowModel(outline)
            self.cursor = 0
        else:
            key, offset = self.selected, self.cursor - self.scroll_offset.y
            self.model = carry_over(old, outline)
            at = outline.index.get(key.span_id) if key else None
            self.cursor = self.model.nearest(at) if at is not None else self.cursor
            self.call_after_refresh(self.scroll_rows_to, max(0, self.cursor - offset))
        self.set_time()
        self.redraw()
        if old is None:
            self.post_message(self.Moved(self))

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
        """Work out the stretch of time on show; True when it changed."""
        if self.model is None:
            return False
        outline = self.model.outline
        at = outline.index.get(self.zoomed) if self.zoomed else None
        if at is not None:
            start, end = outline.start[at], outline.end[at]
            running = end < 0
        else:
            start, end, running = outline.tree.start, outline.tree.end, outline.tree.running
        if running:
            end = live_end(start, self.now())
        old, self._span_of_time = self._span_of_time, (start, max(end, start + 1))
        return old != self._span_of_time

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
    def divider(self) -> int:
        """The column between the tree and the bars."""
        width = self.line_width
        return max(_LEAST_TREE, min(int(width * self.share), width - 1 - _LEAST_BARS))

    @property
    def window(self) -> Window:
        """The time on show and the cells it is drawn over."""
        return Window(*self._span_of_time, window_cells(self.line_width - self.divider - 1))

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
        said = f" {_MODE_NAMES[self.model.mode]} · {len(self.model):,} rows"
        if self.needle:
            said = f" {self.matches} “{self.needle}” ·{said}"
        if self.zoomed:
            said = f" zoomed ·{said}"
        marks = axis(self.window, self.model.outline.tree.start, width - left - 1)
        return [(fit(said, left), "title"), ("┬", "muted"), (marks, "muted")]

    def paint_blank(self, width: int) -> Paint:
        return [(" " * self.divider, ""), ("│", "muted")]

    def paint_row(self, row: int, width: int) -> Paint:
        model = self.model
        assert model is not None
        at, left = model.node(row), self.divider
        outline, node = model.outline, model.outline.nodes[at]
        below, is_open = model.below(row), model.is_open(row)
        tree_row = TreeRow(
            node, outline.labels[at], model.depth(row), below > 0, is_open,
            0 if is_open else below, row == self.cursor, self.needle.casefold(),
        )  # fmt: skip
        end = outline.end[at] if outline.end[at] >= 0 else self.now()
        step = node.span.step_type if node.span else "other"
        stretch = Stretch(outline.start[at], end, step, style_of(node), _end_mark(node))
        bar = draw_bar(stretch, self.window, width - left - 1)
        return [*paint_row(tree_row, left), ("│", "muted"), *bar]


def _end_mark(node: Node) -> str:
    span = node.span
    if span is None:
        return ""
    if span.state == "open":
        return "▸"
    if span.state == "interrupted":
        return "↯"
    return "✖" if span.status == "error" else ""
