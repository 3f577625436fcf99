"""What the tabs of a comparison say of a pair of steps. No Textual."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

import msgspec

from jollyscope.analysis.diff_items import Item
from jollyscope.analysis.diff_result import MARK, Pair, TraceDiff
from jollyscope.analysis.diff_text import Piece, TextDiff, text_diff, unified
from jollyscope.analysis.diff_told import Told, pair_told, totals_told
from jollyscope.model.steps import error_text
from jollyscope_tui.widgets.cells import Paint, clean, fit, paint_width, wrap_paint
from jollyscope_tui.widgets.compare_paint import SIGN_STYLE, words

__all__ = ["TABS", "TabText", "TextTab", "numbers", "paint_text", "read_text", "title", "whole"]

TABS = ("Input", "Output", "Attributes", "Numbers", "Summary")

SIDE_BY_SIDE = 120
"""Cells from which on two texts stand beside each other."""


class TabText(NamedTuple):
    """Lines to show, not yet wrapped, and the whole text that they come from."""

    lines: list[Paint]
    text: str


class TextTab(NamedTuple):
    """The difference of two texts; `name` says which, where they are not there."""

    name: str
    diff: TextDiff


def title(pair: Pair) -> Paint:
    """The pair in a few words."""
    told = words(pair) or "the same"
    return [(f"{MARK[pair.kind]} ".lstrip(), SIGN_STYLE[pair.kind]),
            (f"{clean(pair.shown.title)} · {told}", "muted")]  # fmt: skip


def _texts_of(pair: Pair, tab: str) -> tuple[str | None, str | None]:
    """What the tab compares."""
    if tab == "Attributes":
        return _attributes_of(pair.left), _attributes_of(pair.right)
    field = "input" if tab == "Input" else "output"
    return tuple(getattr(item, field) if item else None for item in (pair.left, pair.right))  # type: ignore[return-value]


def _attributes_of(item: Item | None) -> str | None:
    """Name, status, model and attributes as JSON; error and stack trace where it failed."""
    span = item.span if item else None
    if item is None or span is None:
        return None
    told = {
        "name": span.name, "status": span.status, "state": span.state, "error": error_text(span),
        "model": span.model, "provider": span.provider, "tool": span.tool_name,
        "attributes": span.attributes, "stack_trace": (span.stack_trace or "").splitlines(),
    }  # fmt: skip
    return msgspec.json.encode({key: held for key, held in told.items() if held}).decode()


def read_text(pair: Pair, tab: str) -> TextTab:
    """The difference that a tab shows. Up to 0.3 s: for a worker."""
    return TextTab(tab.lower(), text_diff(*_texts_of(pair, tab)))


def paint_text(tab: TextTab, width: int) -> TabText:
    """The difference one below the other, or side by side where there is room; its text as a unified
    difference.
    """
    diff = tab.diff
    told = list(unified(diff, None))
    text = "\n".join(sign + " " + _plain(pieces) for sign, pieces in told)
    if not diff.lines:
        return TabText([[(f"Neither step has an {tab.name}.", "muted")]], "")
    if diff.equal:
        lines = [[("The same on both sides.", "muted")], *_one_below(diff, None)]
    else:
        lines = _side_by_side(diff, width) if width >= SIDE_BY_SIDE else _one_below(diff)
    notes: list[Paint] = []
    if diff.left_out:
        said = f"{diff.left_out:,} more characters were not compared; o in the trace opens them."
        notes.append([(said, "warning")])
    return TabText([*notes, *lines], text)


def _plain(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _one_below(diff: TextDiff, context: int | None = 3) -> list[Paint]:
    return [
        [(f"{sign} ", _SIGN.get(sign, "muted")), *_pieces(pieces, _SIGN.get(sign, ""))]
        for sign, pieces in unified(diff, context)
    ]


_SIGN = {"-": "error", "+": "ok"}
_NOTHING: Paint = []


def _pieces(pieces: Iterable[Piece], changed: str) -> Paint:
    return [
        (clean(piece.text.expandtabs(4)), changed if piece.changed and changed else "text")
        for piece in pieces
    ] or [("", "")]


def _side_by_side(diff: TextDiff, width: int) -> list[Paint]:
    half = (width - 3) // 2
    lines: list[Paint] = []
    for line in diff.lines:
        ours = _half(line.left, "-" if line.op != "equal" else " ", half)
        theirs = _half(line.right, "+" if line.op != "equal" else " ", half)
        for one, other in zip_longest(ours, theirs, fillvalue=_NOTHING):
            gap = " " * (half - paint_width(one))
            lines.append([*one, (gap, ""), (" │ ", "muted"), *other])
    return lines


def _half(pieces: list[Piece] | None, sign: str, cells: int) -> list[Paint]:
    if pieces is None:
        return [[("╌", "muted")]]
    style = _SIGN.get(sign, "")
    wrapped = wrap_paint(_pieces(pieces, style), cells - 2)
    return [[(f"{sign if n == 0 else ' '} ", style or "muted"), *part]
            for n, part in enumerate(wrapped)]  # fmt: skip


# Numbers


def numbers(pair: Pair) -> TabText:
    """Times, tokens and cost of both steps."""
    facts = [
        Told(name, *(_fact(item, name) for item in (pair.left, pair.right)))
        for name in ("status", "model", "span")
    ]
    return _table([*pair_told(pair), *facts])


def _fact(item: Item | None, name: str) -> str:
    span = item.span if item else None
    if span is None:
        return "-"
    if name == "status":
        return error_text(span) or (span.status if span.state == "closed" else span.state)
    return (span.model or "-") if name == "model" else span.span_id


def whole(diff: TraceDiff) -> TabText:
    """The comparison in sentences, and the sums."""
    table = _table(totals_told(diff.totals))
    said: list[Paint] = [[(clean(f"• {sentence}."), "text")] for sentence in diff.summary]
    if diff.approximate:
        note = "Very long: partners were looked for near where a step stands in the other trace."
        said.append([(note, "warning")])
    text = "\n".join([f"{sentence}." for sentence in diff.summary] + [table.text])
    return TabText([*said, [("", "")], *table.lines], text)


def _table(rows: list[Told]) -> TabText:
    told = [Told("", "A", "B", "B - A"), *rows]
    lines: list[Paint] = []
    for at, (name, one, other, delta, ratio) in enumerate(told):
        style = "title" if at == 0 else "text"
        long = max(len(one), len(other)) > 16
        cells = (one + "  " + other) if long else fit(one, 18) + fit(other, 18)
        lines.append([(fit(name, 12), "key"), (clean(cells), style),
                      (fit(delta, 12), "strong"), (ratio, "muted")])  # fmt: skip
    return TabText(lines, "\n".join("\t".join(row).rstrip() for row in told))
