"""How a trace is looked at: its minimap, what is remembered of modes and sizes, and the command line
that shows the same.
"""

from __future__ import annotations

import shlex
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType

from jollyscope_tui.navigation import CopyAsked
from jollyscope_tui.screens.trace_parts import TraceParts
from jollyscope_tui.widgets.bars import window_cells
from jollyscope_tui.widgets.minimap import Minimap, Overview
from jollyscope_tui.widgets.projection import MODES
from jollyscope_tui.widgets.trace_time import TraceTime
from jollyscope_tui.widgets.trace_view import TraceView

__all__ = ["TraceLook"]

LOW, TALL = 18, 40
"""Lines of a screen below which it has no minimap, and from which on one of two lines."""


class TraceLook(TraceParts):
    """Keeps minimap and memory in step with the `TraceView`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("Y", "copy_command", "Copy the command line of this view", show=False),
    ]

    # The minimap

    def on_resize(self, event: events.Resize) -> None:
        minimap = self.query_one(Minimap)
        minimap.display = event.size.height >= LOW
        minimap.styles.height = 2 if event.size.height >= TALL else 1

    @on(TraceView.TimeShown)
    def _time_shown(self) -> None:
        view, timeline = self.view, self.view.timeline
        insight = view.model.outline.insight if view.model else None
        if insight is None:
            return
        left = view.divider + 1
        overview = Overview(
            insight.density, timeline.whole, timeline.shown if timeline.zoomed else None, left,
            window_cells(view.line_width - left), view.time_said,
        )  # fmt: skip
        self.query_one(Minimap).show_overview(overview)

    @on(Minimap.Picked)
    def _picked(self, event: Minimap.Picked) -> None:
        self.view.show_time(event.start, event.end)

    @on(TraceTime.Said)
    def _said(self, event: TraceTime.Said) -> None:
        if event.text:
            self.notify(event.text, timeout=2, markup=False)

    # Memory

    def look_as_before(self) -> None:
        """Divider and detail as they were left the last time."""
        remembered = self.services.memory.now
        self.view.share = remembered.share
        self.detail.set_class(not remembered.detail, "-hidden")

    def choose_mode_as_before(self) -> None:
        """The mode that was chosen last, where this trace has rows for it."""
        for mode in MODES:
            if mode == self.services.memory.now.mode != "all":
                self.view.choose_mode(mode)

    @on(TraceView.ModeChosen)
    def _mode_chosen(self) -> None:
        if self.view.model is not None:
            self.services.memory.change(mode=self.view.model.mode)

    @on(TraceView.Split)
    def _split(self) -> None:
        self.services.memory.change(share=self.view.share)

    # The command line

    def action_copy_command(self) -> None:
        node, model = self.view.selected, self.view.model
        if node is None or model is None:
            return
        span = node.span or (node.children[0].span if node.children else None)
        if span is None:
            return
        words = ["jollyscope", "ui", span.trace_id]
        words += ["--span", node.span_id] if node.span else []
        words += ["--tab", self.detail.tab.lower()]
        command = shlex.join(words)
        self.post_message(CopyAsked(command, f"`{command}`"))
