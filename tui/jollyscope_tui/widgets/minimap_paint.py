"""A whole trace in a line or two: how much was at work when, where it failed, which stretch of its
time is on show. No Textual.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

from jollyscope_tui.widgets.cells import Paint

__all__ = ["BUCKETS", "Density", "measure", "paint_map"]

BUCKETS = 512
_LEVELS = " ▁▂▃▄▅▆▇█"


class Density(NamedTuple):
    """A trace's time from `start` to `end` (Unix ns) in `BUCKETS` equal parts: spans at work in each,
    and failures that happened (failed spans that ended) in it. `open` spans run on behind `end`.
    """

    start: int
    end: int
    spans: array[int]
    failed: array[int]
    open: int


def measure(
    start: int, end: int, starts: array[int], ends: array[int], errors: Sequence[int]
) -> Density:
    """The density of spans that run from `starts` to `ends` (-1: still running), those at `errors`
    failed.
    """
    length = max(1, end - start)
    change = array("q", [0]) * (BUCKETS + 1)
    running = 0
    for began, ended in zip(starts, ends, strict=True):
        if ended < 0:
            running += 1
            ended = end
        change[max(0, began - start) * (BUCKETS - 1) // length] += 1
        change[max(0, max(began, ended) - start) * (BUCKETS - 1) // length + 1] -= 1
    spans, at_work = array("q"), 0
    for step in change[:BUCKETS]:
        at_work += step
        spans.append(at_work)
    failed = array("q", [0]) * BUCKETS
    for at in errors:
        moment = ends[at] if ends[at] >= 0 else end
        failed[max(0, moment - start) * (BUCKETS - 1) // length] += 1
    return Density(start, end, spans, failed, running)


def paint_map(
    density: Density, whole: tuple[int, int], shown: tuple[int, int] | None, cells: int, lines: int
) -> list[Paint]:
    """One or two lines of `cells` cells over `whole`. What is outside `shown` (None: all is on show)
    is muted, its edges are `[` and `]`. `✖` stands where spans failed: in one line instead of the
    density, in two below it.
    """
    bars, errors = _columns(density, whole, cells)
    edges = None if shown is None else _edges(whole, shown, cells)
    top = [
        ("✖", "error") if failed and lines == 1 else (_LEVELS[bar], "text")
        for bar, failed in zip(bars, errors, strict=True)
    ]
    painted = [_framed(top, edges, brackets=lines == 1)]
    if lines > 1:
        below = [("✖", "error") if failed else ("─", "muted") for failed in errors]
        painted.append(_framed(below, edges, brackets=True))
    return painted


def _columns(density: Density, whole: tuple[int, int], cells: int) -> tuple[list[int], list[int]]:
    """Of each cell the height of its bar (0 to 8) and the failures in it."""
    low, high = whole
    length, known = max(1, high - low), max(1, density.end - density.start)
    bars: list[int] = []
    errors: list[int] = []
    most = max(1, *density.spans)
    for cell in range(cells):
        begins = low + length * cell // cells - density.start
        ends = low + length * (cell + 1) // cells - density.start
        first = begins * (BUCKETS - 1) // known
        last = max(first + 1, ends * (BUCKETS - 1) // known + (cell == cells - 1))
        if first >= BUCKETS:
            busy, failed = density.open, 0
        else:
            busy = max(density.spans[max(0, first) : last], default=0)
            failed = sum(density.failed[max(0, first) : last])
        bars.append(0 if not busy else max(1, -(-busy * 8 // most)))
        errors.append(failed)
    return bars, errors


def _edges(whole: tuple[int, int], shown: tuple[int, int], cells: int) -> tuple[int, int]:
    length = max(1, whole[1] - whole[0])
    first = (shown[0] - whole[0]) * cells // length
    last = -(-(shown[1] - whole[0]) * cells // length) - 1
    first = max(0, min(first, cells - 1))
    return first, max(first, min(last, cells - 1))


def _framed(line: Paint, edges: tuple[int, int] | None, *, brackets: bool) -> Paint:
    if edges is None:
        return line
    first, last = edges
    shown = [
        (text, style if first <= at <= last else "muted") for at, (text, style) in enumerate(line)
    ]
    if brackets:
        shown[last] = ("]", "strong")
        shown[first] = ("[" if last > first else "‖", "strong")
    return shown
