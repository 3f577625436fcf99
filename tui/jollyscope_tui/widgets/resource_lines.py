"""The Resources tab: CPU and memory of the process while a span ran."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jollyscope.model.format import count, duration, size
from jollyscope.model.records import SpanRecord
from jollyscope.query.metrics import METRICS, Point, Samples
from jollyscope_tui.widgets.cells import Paint, fit
from jollyscope_tui.widgets.context import Context
from jollyscope_tui.widgets.document import Document, Folds, Line, note
from jollyscope_tui.widgets.fields import as_text
from jollyscope_tui.widgets.plots import Level, paint_plot

__all__ = ["around", "resources"]

LINES = 5
SCALE_CELLS = 9
_NAMES = {METRICS[0]: ("CPU", "of all cores"), METRICS[1]: ("memory", "resident")}


def around(span: SpanRecord, now: int) -> tuple[int, int]:
    """The time to ask samples of: a tenth more than the span's on either side, and at least two and a
    half seconds, since samples come a second apart.
    """
    end = now if span.state == "open" or span.end_time is None else span.end_time
    more = max((end - span.start_time) // 10, 2_500_000_000)
    return span.start_time - more, end + more


def resources(span: SpanRecord, context: Context) -> Document:
    """The tab: what the span itself says, and a plot a metric."""
    found = context.read
    if context.trouble:
        return note(context.trouble, "error")
    if not isinstance(found, Samples):
        return note("Reading samples …")

    def lines(_folds: Folds) -> Iterator[Line]:
        yield from _own(span)
        for metric in METRICS:
            if metric in found.points:
                yield from _plot(metric, found, span, context)
        if not found.points:
            yield Line([(found.why, "muted")])

    return Document(lines, lambda: as_text(lines(Folds())))


def _own(span: SpanRecord) -> Iterator[Line]:
    said: Paint = []
    if span.cpu_percent is not None:
        said += [(f"{span.cpu_percent:.0f} %", "strong"), (" of one core on average", "text")]
    if span.memory_mb is not None:
        said += [(" · ", "muted")] if said else []
        said += [(f"{span.memory_mb:,.0f} MB", "strong"), (" at the end", "text")]
    if said:
        yield Line([("the span says  ", "key"), *said])
        yield Line([("", "")])


def _plot(metric: str, found: Samples, span: SpanRecord, context: Context) -> Iterator[Line]:
    points = found.points[metric]
    form: Callable[[float], str] = _percent if metric == METRICS[0] else _octets
    end = context.now if span.end_time is None or span.state == "open" else span.end_time
    within = [p for p in points if p.time + found.width > span.start_time and p.time <= end]
    name, what = _NAMES[metric]
    yield Line(
        [(name, "heading"), (f" {what}  ", "muted"), *_sums(within or points, form, bool(within))]
    )
    cells = max(10, min(72, context.width - SCALE_CELLS - 1))
    held = _columns(points, found, cells)
    level = Level(name, "think" if metric == METRICS[0] else "observe", "█", held)
    for paint in paint_plot([level], (cells + SCALE_CELLS, LINES + 1), form, label=SCALE_CELLS)[
        :-1
    ]:
        yield Line(paint)
    yield Line(_axis(found, span.start_time, end, cells))
    yield Line([("", "")])


def _sums(points: list[Point], form: Callable[[float], str], within: bool) -> Paint:
    number = sum(point.number for point in points)
    mean = sum(point.mean * point.number for point in points) / number
    said = "" if within else " before and after; the span is shorter than they are apart"
    return [
        ("min ", "muted"), (form(min(p.low for p in points)), "text"), ("  mean ", "muted"),
        (form(mean), "strong"), ("  max ", "muted"), (form(max(p.high for p in points)), "text"),
        (f"  {count(number)} sample{'' if number == 1 else 's'}{said}", "muted"),
    ]  # fmt: skip


def _columns(points: list[Point], found: Samples, cells: int) -> list[float | None]:
    """A value a column; a column between two samples has that of the one before."""
    columns: list[float | None] = [None] * cells
    for point in points:
        at = min(cells - 1, (point.time - found.start) * cells // (found.end - found.start))
        columns[at] = max(columns[at] or 0.0, point.high)
    first = next((at for at, value in enumerate(columns) if value is not None), cells)
    last = max((at for at, value in enumerate(columns) if value is not None), default=-1)
    for at in range(first + 1, last):
        if columns[at] is None:
            columns[at] = columns[at - 1]
    return columns


def _axis(found: Samples, start: int, end: int, cells: int) -> Paint:
    """The span below the plot, and how long it took."""
    whole = found.end - found.start
    first = (start - found.start) * cells // whole
    last = max(first + 1, (end - found.start) * cells // whole)
    said = fit(f" span {duration((end - start) / 1e6)}", cells - last).rstrip()
    return [(" " * (SCALE_CELLS + first), ""), ("▔" * (last - first), "title"), (said, "muted")]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.0995 or not share else f"{100 * share:.1f} %"


def _octets(octets: float) -> str:
    return size(round(octets))
