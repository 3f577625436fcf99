"""The right half of a trace: bars in time and their durations. No Textual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from jollyscope.model.format import duration
from jollyscope.model.records import StepType
from jollyscope.model.waterfall import Bar, Window
from jollyscope_tui.widgets.cells import Paint, paint_width

__all__ = ["FILL", "Stretch", "draw_bar", "live_end", "window_cells"]

FILL: dict[StepType, str] = {
    "user_input": "━",
    "think": "█",
    "act": "▓",
    "observe": "▒",
    "response": "▄",
    "other": "─",
}
"""Each step's bar has a texture of its own, so that it is known without colour."""

LABEL_CELLS = 8
"""Kept free at the right of a bar that fills the window, for its duration."""


class Stretch(NamedTuple):
    """One bar to draw. Unix ns; `end` is now for a running span."""

    start: int
    end: int
    step: StepType
    style: str
    mark: str = ""
    """Drawn at the bar's end: `✖`, `▸` while running, `↯` where it broke off."""
    after: str = ""
    """Behind its duration: `← 48%` on the critical path."""
    gaps: Sequence[tuple[int, int]] = ()
    """Where no child was at work, in the order of time."""


def live_end(start: int, now: int) -> int:
    """Where the window of a running trace ends: past now, and moving only every few per cent of
    its length, so that the bars do not all change with every tick of the clock.
    """
    elapsed = max(now - start, 10**9)
    step = 10 ** (len(str(elapsed)) - 2)
    return start + (elapsed * 21 // 20 // step + 1) * step


def window_cells(width: int) -> int:
    """Cells that time is drawn over, of a waterfall's `width`."""
    return width - LABEL_CELLS if width >= 3 * LABEL_CELLS else max(1, width)


def draw_bar(stretch: Stretch, window: Window, width: int) -> Paint:
    """The bar in exactly `width` cells, its duration behind it, or before it where there is no
    room, or over its end where there is none there either. What lies outside the window shows as
    `‹` or `›` at that side.
    """
    bar = window.bar(stretch.start, stretch.end)
    if bar is None:
        left = stretch.end < window.start
        return [("‹" + " " * (width - 1) if left else " " * (width - 1) + "›", "muted")]
    first = bar.start // 8
    body = _body(stretch.step, bar)[: max(1, width - first)]
    text = f"{stretch.mark} " if stretch.mark else ""
    text += duration((stretch.end - stretch.start) / 1e6)
    text += f" {stretch.after}" if stretch.after else ""
    shown: Paint = []
    style = stretch.style if stretch.mark else "literal" if stretch.after else "muted"
    after, need = width - first - len(body), cell_len(text) + 1
    if need <= after:
        shown = [(" " * first, ""), *_gapped(body, first, stretch, window), (" " + text, style)]
        shown.append((" " * (after - need), ""))
    elif need <= first:
        shown = [(" " * (first - need) + text + " ", style)]
        shown += [*_gapped(body, first, stretch, window), (" " * after, "")]
    else:
        label = f" {text} " if need < width else ""
        bare = width - cell_len(label)
        shown = [(" " * min(first, bare), "")]
        shown += _gapped(body[: max(0, bare - first)], first, stretch, window)
        shown += [(" " * (bare - paint_width(shown)), ""), (label, style)]
    return shown


def _gapped(body: str, first: int, stretch: Stretch, window: Window) -> Paint:
    """A bar that begins in column `first`, the cells that lie in a gap drawn as one."""
    length, at = max(1, window.end - window.start), 0
    shown: Paint = []
    for start, end in stretch.gaps:
        left = max(at, -(-(start - window.start) * window.width // length) - first)
        right = min(len(body), (end - window.start) * window.width // length - first)
        if left < right:
            shown.append((body[at:left], stretch.style))
            shown.append((_gap(right - left, end - start), "muted"))
            at = right
    return [*shown, (body[at:], stretch.style)]


def _gap(cells: int, nanos: int) -> str:
    said = f" {duration(nanos / 1e6)} gap "
    return said.center(cells, "┈") if len(said) + 2 <= cells else "┈" * cells


def _body(step: StepType, bar: Bar) -> str:
    if step == "think" or bar.end - bar.start < 4:
        return bar.cells()
    return FILL[step] * max(1, -(-bar.end // 8) - bar.start // 8)
