"""Two traces compared, as lines: facts, sentences, steps side by side, sums."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jollyscope.analysis.diff_items import Item
from jollyscope.analysis.diff_result import MARK, Amount, Kind, Pair, TraceDiff
from jollyscope.analysis.diff_summary import signed_cost, signed_count, signed_duration
from jollyscope.analysis.diff_told import totals_told
from jollyscope.model import format as fmt
from jollyscope.model.steps import first_line, label
from jollyscope.query.listing import TraceRow
from jollyscope_cli.render import head as one
from jollyscope_cli.render.cells import clean, fit
from jollyscope_cli.render.trace import Piece
from jollyscope_tui.widgets.cells import wrap

__all__ = ["STYLE", "head", "steps", "summary", "totals"]

STYLE: dict[Kind, str] = {
    "same": "dim", "changed": "yellow", "added": "green", "removed": "red", "moved": "observe",
}  # fmt: skip

_TIME, _TOKENS, _COST = 8, 8, 9
_LEAST = 24
"""Cells that a step's label has at least before numbers are left out."""


def head(left: TraceRow, right: TraceRow, now: int, width: int) -> Iterator[list[Piece]]:
    """The facts of both traces."""
    for name, row in (("A", left), ("B", right)):
        for number, line in enumerate(one.head(row, now, max(20, width - 2))):
            yield [(f"{name} " if number == 0 else "  ", "note"), *line]


def summary(diff: TraceDiff, width: int) -> Iterator[list[Piece]]:
    """What differs, a sentence a line."""
    yield []
    for sentence in diff.summary:
        for number, line in enumerate(wrap(clean(sentence) + ".", width - 2)):
            yield [(line if number == 0 else f"  {line}", "head")]
    if diff.approximate:
        told = "The traces are very long: partners were looked for near where a step stands."
        yield from ([(line, "note")] for line in wrap(told, width))


def steps(diff: TraceDiff, width: int, *, everything: bool) -> Iterator[list[Piece]]:
    """A line a step; equal ones as a count unless `everything`, but for those that lead to a
    difference.
    """
    columns = _columns(width)
    room = width - 2 - sum(cells + 1 for _, cells, _ in columns)
    yield []
    yield [(f"  {fit('steps', room)}", "dim"), *((" " + fit(name, cells, right=True), "dim")
           for name, cells, _ in columns)]  # fmt: skip
    equal = 0
    leading = diff.leading()
    for at, pair in enumerate(diff.pairs):
        if pair.kind == "same" and not everything and at not in leading:
            equal += 1
            continue
        yield from _equal(equal)
        equal = 0
        yield _line(pair, columns, room)
    yield from _equal(equal)


def _equal(number: int) -> Iterator[list[Piece]]:
    if number:
        yield [(f"  … {number:,} equal step{'' if number == 1 else 's'}", "dim")]


_Column = tuple[str, int, Callable[[Pair], tuple[str, str]]]


def _columns(width: int) -> list[_Column]:
    """Times always; tokens and cost where there is room, differences first."""
    found: list[_Column] = [
        ("A", _TIME, lambda p: (_number(p.time.left, fmt.duration, p.left), "dim")),
        ("B", _TIME, lambda p: (_number(p.time.right, fmt.duration, p.right), "")),
        ("B - A", _TIME + 1, lambda p: (_delta(p.time, signed_duration), _weight(p, "time"))),
    ]
    more: list[_Column] = [
        ("tokens", _TOKENS, lambda p: (_delta(p.tokens, signed_count), _weight(p, "tokens"))),
        ("cost", _COST, lambda p: (_delta(p.cost, signed_cost), _weight(p, "cost"))),
        ("differs in", 24, lambda p: (", ".join(p.changes), "dim")),
    ]
    for column in more:
        taken = sum(cells + 1 for _, cells, _ in found) + column[1] + 1
        if width - 2 - taken >= _LEAST + (16 if column[0] == "differs in" else 0):
            found.append(column)
    return found


def _line(pair: Pair, columns: list[_Column], room: int) -> list[Piece]:
    indent = min(2 * pair.depth, room // 3)
    lead = f"{pair.depth}› " if 2 * pair.depth > indent else ""
    text, style = _said(pair.shown)
    if "name" in pair.changes and pair.left:
        text = f"{clean(pair.left.title)} → {text}"
    text = f"{pair.glyph} {text}"
    line = [(MARK[pair.kind] + " ", STYLE[pair.kind]),
            (fit(" " * indent + lead + text, room), style if pair.kind != "same" else "dim")]  # fmt: skip
    for _, cells, show in columns:
        told, weight = show(pair)
        line.append((" " + fit(told, cells, right=True), weight))
    return line


def _said(item: Item) -> tuple[str, str]:
    span = item.span
    if item.derived or span is None:
        return clean(f"{item.title}  {first_line(item.output or item.input or '')}"), item.role
    text = label(span, observed=item.node.observed)
    return clean(text), "error" if span.status == "error" else span.step_type


def _number(number: float | None, form: Callable[[float], str], item: Item | None) -> str:
    return "" if item is None or number is None else form(number)


def _delta(amount: Amount, form: Callable[[float], str]) -> str:
    return form(amount.delta) if amount.delta else ""


def _weight(pair: Pair, what: str) -> str:
    return "head" if what in pair.changes or pair.left is None or pair.right is None else "dim"


def totals(diff: TraceDiff) -> Iterator[list[Piece]]:
    """The sums of both traces."""
    yield []
    yield [
        (fit("totals", 12) + "".join(fit(n, 11, right=True) for n in ("A", "B", "B - A")), "dim")
    ]
    for row in totals_told(diff.totals):
        told = "".join(fit(side, 11, right=True) for side in (row.left, row.right))
        yield [(fit(row.name, 12), "dim"), (told, ""), (fit(row.delta, 11, right=True), "head")]
