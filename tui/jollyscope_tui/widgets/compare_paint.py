"""Rows of a comparison in an exact number of cells. No Textual.

From `HALVES` cells on the two traces stand side by side; a narrower terminal has one column of steps
with the numbers of both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from jollyscope.analysis.diff_items import Item
from jollyscope.analysis.diff_result import MARK, Amount, Pair
from jollyscope.analysis.diff_summary import signed_cost, signed_count, signed_duration
from jollyscope.model.format import cost, count, duration
from jollyscope.model.steps import GLYPH, first_line, glyph, label
from jollyscope_tui.widgets.cells import Paint, fit, fit_right, paint_width

__all__ = ["HALVES", "SIGN_STYLE", "Scale", "paint_head", "paint_pair", "paint_stretch"]

HALVES = 110
WORDS = 170
"""Cells from which on a row says in words what differs."""

SIGN_STYLE = {
    "same": "muted", "changed": "warning", "added": "ok", "removed": "error", "moved": "literal",
}  # fmt: skip

_MARK_CELLS, _TIME, _TOKENS, _COST, _WORDS = 3, 8, 8, 9, 22


class Scale(NamedTuple):
    """What the longest bar of difference stands for, in ms, and how deep rows are indented."""

    most: float = 0.0
    indented: bool = True


def paint_head(width: int) -> Paint:
    """The names of the columns."""
    if width < HALVES:
        names = [("A", _TIME), ("B", _TIME), ("B - A", _TIME + 1), *_named(width)]
        told = "".join(" " + fit_right(name, cells) for name, cells in names)
        return [("   " + fit("steps", _label_cells(width)) + told, "title")]
    half = _half(width)
    numbers = fit_right("time", _TIME) + fit_right("tokens", _TOKENS) + fit_right("cost", _COST)
    side = half - len(numbers) - 1
    told = "".join(f" {fit(name, side)}{numbers}" for name in ("A", "B"))
    rest = " " + fit_right("B - A", _TIME + 1) + fit_right("cost", _COST) + "  "
    words = fit("differs in", _WORDS) if width >= WORDS else ""
    return [(fit("   " + told.removeprefix(" ") + rest + fit("slower", _bar(width)) + words, width),
             "title")]  # fmt: skip


def paint_stretch(number: int, width: int, *, cursor: bool) -> Paint:
    """Equal steps folded into one row."""
    said = f"… {number:,} equal step{'' if number == 1 else 's'}"
    return [("▌" if cursor else " ", "strong"), (fit("  " + said, width - 1), "muted")]


def paint_pair(pair: Pair, scale: Scale, width: int, *, cursor: bool) -> Paint:
    """One step of both traces, or of one."""
    lead: Paint = [
        ("▌" if cursor else " ", "strong"),
        (f"{MARK[pair.kind]} ", SIGN_STYLE[pair.kind]),
    ]
    body = _halves(pair, scale, width) if width >= HALVES else _stacked(pair, scale, width)
    return [*lead, *body]


# Narrow: one column of steps


def _named(width: int) -> list[tuple[str, int]]:
    """What a narrow row has besides times, as far as there is room."""
    wanted = [("cost", _COST), ("tokens", _TOKENS)]
    while wanted and width - _MARK_CELLS - 28 - sum(n + 1 for _, n in wanted) < 24:
        wanted.pop()
    return wanted


def _label_cells(width: int) -> int:
    numbers = 2 * (_TIME + 1) + _TIME + 2 + sum(cells + 1 for _, cells in _named(width))
    return max(4, width - _MARK_CELLS - numbers)


def _stacked(pair: Pair, scale: Scale, width: int) -> Paint:
    before = f"{pair.left.title} → " if pair.left and "name" in pair.changes else ""
    depth = pair.depth if scale.indented else 0
    said = _said(pair.shown, pair.glyph, depth, _label_cells(width), before)
    told: Paint = [
        (" " + fit_right(_number(pair.time.left, duration, pair.left), _TIME), "muted"),
        (" " + fit_right(_number(pair.time.right, duration, pair.right), _TIME), "text"),
        (" " + fit_right(_delta(pair.time, signed_duration), _TIME + 1), _weight(pair, "time")),
    ]
    for name, cells in _named(width):
        if name == "cost":
            text, style = _delta(pair.cost, signed_cost), _weight(pair, "cost")
        else:
            text, style = _delta(pair.tokens, signed_count), _weight(pair, "tokens")
        told.append((" " + fit_right(text, cells), style))
    return [*said, *told]


# Wide: two halves


def _bar(width: int) -> int:
    return 13 if width >= 130 else 9


def _half(width: int) -> int:
    fixed = _MARK_CELLS + 1 + _TIME + 1 + _COST + 2 + _bar(width)
    fixed += _WORDS if width >= WORDS else 0
    return (width - fixed) // 2


def _halves(pair: Pair, scale: Scale, width: int) -> Paint:
    half = _half(width)
    painted: Paint = []
    for item, side in ((pair.left, 0), (pair.right, 1)):
        painted += [("" if side == 0 else " ", ""), *_side(pair, item, side, scale, half)]
    style = _weight(pair, "time")
    painted += [
        ("  " + fit_right(_delta(pair.time, signed_duration), _TIME + 1), style),
        (fit_right(_delta(pair.cost, signed_cost), _COST) + "  ", _weight(pair, "cost")),
        *_difference_bar(pair.own.delta or 0.0, scale.most, _bar(width), style),
    ]
    if width >= WORDS:
        painted.append(("  " + fit(words(pair), _WORDS - 2), "muted"))
    return [*painted, (" " * max(0, width - _MARK_CELLS - paint_width(painted)), "")]


def _side(pair: Pair, item: Item | None, side: int, scale: Scale, cells: int) -> Paint:
    if item is None:
        # A gap that is seen to be one.
        return [(fit(" " * min(2 * pair.depth, cells // 3) + "╌╌╌", cells - 1), "muted")]
    room = cells - 1 - _TIME - _TOKENS - _COST
    return [
        *_said(item, _sign(item), pair.depth if scale.indented else 0, room),
        (fit_right(_number(pair.time[side], duration, item), _TIME), "text"),
        (fit_right(_number(pair.tokens[side], _count, item), _TOKENS), "muted"),
        (fit_right(_number(pair.cost[side], cost, item), _COST), "muted"),
    ]


def _difference_bar(delta: float, most: float, cells: int, style: str) -> Paint:
    """Slower to the right of the middle, faster to the left."""
    half = cells // 2
    length = 0 if not most or not delta else max(1, round(abs(delta) / most * half))
    left = (" " * (half - length) + "▒" * length) if delta < 0 else " " * half
    right = ("█" * length if delta > 0 else "").ljust(cells - half - 1)
    bar = style if style != "muted" else "other"
    return [(left, bar), ("│", "muted"), (right, bar)]


# Pieces


def _said(item: Item, sign: str, depth: int, cells: int, before: str = "") -> Paint:
    """Indentation, sign and label in exactly so many cells."""
    indent = min(2 * depth, max(0, cells // 3 // 2 * 2))
    lead = fit(f"{depth}╶", indent) if 2 * depth > indent >= 4 else " " * indent
    span = item.span
    if item.derived or span is None:
        style = "muted"
        text = f"{item.title}  {first_line(item.output or item.input or '')}"
    else:
        failed = span.status == "error"
        style = "error" if failed else item.role
        text = label(span, observed=item.node.observed)
    return [
        (lead, "muted"),
        (f"{sign} ", style),
        (
            fit(text, max(0, cells - indent - len(sign) - 1)),
            "error" if style == "error" else "text",
        ),
    ]


def _sign(item: Item) -> str:
    return GLYPH[item.role] if item.derived or item.span is None else glyph(item.span)


def words(pair: Pair) -> str:
    """What differs: `output, time`, or `added`."""
    told = ", ".join(pair.changes)
    if pair.kind == "changed":
        return told
    return "" if pair.kind == "same" else f"{pair.kind}{', ' if told else ''}{told}"


def _number(number: float | None, form: Callable[[float], str], item: Item | None) -> str:
    return "" if item is None or number is None else form(number)


def _count(number: float) -> str:
    return count(round(number))


def _delta(amount: Amount, form: Callable[[float], str]) -> str:
    return form(amount.delta) if amount.delta else ""


def _weight(pair: Pair, what: str) -> str:
    """Differences that matter stand out."""
    if pair.kind in ("added", "removed"):
        return "text"
    return "strong" if what in pair.changes else "muted"
