"""Tables of sums with bars, and counts over time as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jollyscope.model import format as fmt
from jollyscope.query.fields import total_tokens
from jollyscope.query.groups import GroupRow
from jollyscope.query.histogram import Histogram
from jollyscope.query.listing import Page
from jollyscope.query.overview import Overview
from jollyscope_cli.render.cells import clean, fit
from jollyscope_cli.render.moments import moment
from jollyscope_cli.render.table import Cell, Column, draw, layout
from jollyscope_cli.render.trace import Piece

__all__ = ["bar", "columns", "drawn", "plot"]

HEIGHT = 5
"""Lines that the columns of a plot may take."""

_EIGHTHS = " ▁▂▃▄▅▆▇█"
_LEFT = " ▏▎▍▌▋▊▉█"


def bar(share: float, cells: int) -> str:
    """A bar of `share` (0 to 1) of so many cells; anything above nothing is to be seen."""
    eighths = round(min(1.0, max(0.0, share)) * cells * 8)
    if share > 0 and not eighths:
        eighths = 1
    return "█" * (eighths // 8) + (_LEFT[eighths % 8] if eighths % 8 else "")


def columns(by: str, rows: Sequence[GroupRow], plotted: str, room: int) -> list[Column]:
    """The columns of a table of sums; bars show the one that it is sorted by."""
    top = max((_number(row, plotted) for row in rows), default=0.0)
    cells = max(6, min(30, room // 8))

    def plot_cell(row: GroupRow) -> Cell:
        return Cell(bar(_number(row, plotted) / top if top else 0.0, cells), "cyan")

    least = 19 if by == "time" else 14
    return [
        Column(by, _key(by), least=least, most=40, rank=0),
        Column("count", _count, True, rank=0),
        Column("errors", _errors, True, rank=1),
        Column("share", _share, True, rank=4),
        Column("p50", _time("p50_ms"), True, rank=2),
        Column("p95", _time("p95_ms"), True, rank=1),
        Column("p99", _time("p99_ms"), True, rank=6),
        Column("total", _time("total_ms"), True, rank=5),
        Column("tokens", _tokens, True, rank=4),
        Column("cost", _cost, True, rank=3),
        # Whole or not at all, as a number: a cut bar is another number.
        Column(f"▇ {plotted.removesuffix('_ms')}", plot_cell, least=cells, most=cells, rank=2),
    ]


def _number(row: GroupRow, name: str) -> float:
    return float(getattr(row, name) or 0)


def _key(by: str) -> Callable[[GroupRow], Cell]:
    def show(row: GroupRow) -> Cell:
        if row.key is None:
            return Cell("-", "dim")
        if by == "time":
            return Cell(f"{moment(_nanos(row.key)):%Y-%m-%d %H:%M:%S}")
        return Cell(row.key, "cyan")

    return show


def _nanos(key: str) -> int:
    from jollyscope.query.times import parse_time

    return parse_time(key, 0)


def _count(row: GroupRow) -> Cell:
    return Cell(fmt.count(row.count))


def _tokens(row: GroupRow) -> Cell:
    return _or_dash(total_tokens(row), fmt.count)


def _cost(row: GroupRow) -> Cell:
    return _or_dash(row.cost_usd, fmt.cost)


def _errors(row: GroupRow) -> Cell:
    return Cell(fmt.count(row.error_count), "red" if row.error_count else "")


def _share(row: GroupRow) -> Cell:
    return Cell(_percent(row.error_share), "red" if row.error_share else "")


def _percent(share: float) -> str:
    return "0%" if not share else "<0.1%" if share < 0.0005 else f"{share * 100:.1f}%"


def _time(field: str) -> Callable[[GroupRow], Cell]:
    return lambda row: _or_dash(getattr(row, field), fmt.duration)


def _or_dash(held: Any, form: Callable[[Any], str]) -> Cell:
    return Cell("-", "dim") if held is None else Cell(form(held))


def drawn(found: Overview, room: int) -> Iterator[list[Piece]]:
    """The sums, the plot over time, and the short tables; nothing where nothing is."""
    if found.total is None:
        return
    yield from _totals(found.total, room)
    yield [("", "")]
    yield from plot(found.time, room)
    for title, page in (("tool", found.tools), ("model", found.models), ("error", found.errors)):
        if page.rows:
            yield [("", "")]
            yield from _short(title, page, room)


def _totals(row: GroupRow, room: int) -> Iterator[list[Piece]]:
    tokens = total_tokens(row)
    facts = [
        f"{fmt.count(row.count)} trace{'' if row.count == 1 else 's'}",
        f"{fmt.count(row.error_count)} failed ({_percent(row.error_share)})",
        f"p50 {fmt.duration(row.p50_ms)}",
        f"p95 {fmt.duration(row.p95_ms)}",
        f"p99 {fmt.duration(row.p99_ms)}",
        f"{fmt.count(tokens)} tokens" if tokens is not None else "",
        fmt.cost(row.cost_usd) if row.cost_usd is not None else "",
    ]
    line = ""
    for fact in filter(None, facts):
        if line and len(line) + 3 + len(fact) > room:
            yield [(line, "head")]
            line = ""
        line += (" · " if line else "") + fact
    yield [(line, "head")]


def plot(held: Histogram, room: int) -> Iterator[list[Piece]]:
    """Traces over time, a column a bucket, and below it which of them have failures."""
    counts = [bucket.count for bucket in held.buckets]
    top = max(counts, default=0)
    label = len(fmt.count(top)) + 1
    failed = [bucket.error_count > 0 for bucket in held.buckets]
    for line in range(HEIGHT, 0, -1):
        scale = fmt.count(top) if line == HEIGHT else "0" if line == 1 else ""
        yield [
            (fit(scale, label - 1, right=True) + " ", "dim"),
            (_line(counts, top, line), "think"),
        ]
    if any(failed):
        marks = "".join("✖" if bad else " " for bad in failed)
        yield [(" " * label, ""), (marks, "error")]
    first, last = held.buckets[0].start_time, held.buckets[-1].end_time
    began, ended = f"{moment(first):%Y-%m-%d %H:%M:%S}", f"{moment(last):%H:%M:%S}"
    if last - first >= 86_400 * 10**9:
        ended = f"{moment(last):%Y-%m-%d %H:%M}"
    each = f"{fmt.duration(held.width / 1e6)} a column"
    gap = max(2, len(counts) - len(began) - len(ended))
    yield [(" " * label + began + " " * gap + ended, "dim")]
    yield [(f"{' ' * label}traces, {each}" + (", ✖ some failed" if any(failed) else ""), "dim")]


def _line(counts: Sequence[int], top: int, line: int) -> str:
    """One line of the columns, `line` 1 being the lowest. What there is one of is to be seen."""
    text = ""
    for count in counts:
        eighths = -(-count * HEIGHT * 8 // top) if top else 0
        text += _EIGHTHS[max(0, min(8, eighths - (line - 1) * 8))]
    return text


def _short(title: str, page: Page[GroupRow], room: int) -> Iterator[list[Piece]]:
    """A table of the first few."""
    made = columns(title, page.rows, "count", room)
    cells = [[column.show(row) for column in made] for row in page.rows]
    plan = layout(made, cells, room)
    titles = [Cell(column.name, "") for column in plan.columns]
    yield [(draw(plan, titles, _unpainted), "head")]
    for row in page.rows:
        shown = [column.show(row) for column in plan.columns]
        yield [(clean(draw(plan, shown, _unpainted)), "")]
    if page.next is not None:
        yield [(f"more; --by {title} lists them", "note")]


def _unpainted(text: str, style: str) -> str:
    del style
    return text
