"""How inputs and outputs of two traces differ, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from jollyscope.analysis.diff_result import MARK, Pair, TraceDiff
from jollyscope.analysis.diff_text import Piece as Part
from jollyscope.analysis.diff_text import text_diff, unified
from jollyscope.model.steps import GLYPH
from jollyscope_cli.render.cells import clean, cut
from jollyscope_cli.render.diff import STYLE
from jollyscope_cli.render.trace import Piece
from jollyscope_tui.widgets.cells import wrap_paint

__all__ = ["texts"]

_STYLE = {"-": "red", "+": "green", "…": "dim", " ": "dim"}


def texts(diff: TraceDiff, width: int) -> Iterator[list[Piece]]:
    """A head a step whose texts differ, and below it the lines, folded to `width` cells. JSON is laid
    out with its keys in order. What the other trace lacks is shown whole.
    """
    for number, pair in enumerate(diff.pairs, 1):
        for name in ("input", "output"):
            one, other = (getattr(item, name) if item else None for item in (pair.left, pair.right))
            if pair.kind == "same" or (one is None and other is None):
                continue
            if name in pair.changes or pair.left is None or pair.right is None:
                yield []
                yield _head(number, pair, name, width)
                yield from _lines(one, other, width)


def _head(number: int, pair: Pair, name: str, width: int) -> list[Piece]:
    item = pair.shown
    told = cut(clean(f"{GLYPH[item.role]} {item.title}"), max(8, width - 24))
    return [(f"{MARK[pair.kind].strip() or '~'} ", STYLE[pair.kind]), (told, "head"),
            (f"  step {number:,} · {name}", "dim")]  # fmt: skip


def _lines(left: str | None, right: str | None, width: int) -> Iterator[list[Piece]]:
    found = text_diff(left, right)
    for sign, parts in unified(found):
        style = _STYLE[sign]
        pieces = [_piece(part, style) for part in parts] or [("", "")]
        for at, line in enumerate(wrap_paint(pieces, max(20, width - 4))):
            yield [(f"  {sign if at == 0 else ' '} ", style), *line]
    if found.left_out:
        yield [(f"    {found.left_out:,} more characters are not compared", "note")]


def _piece(part: Part, style: str) -> Piece:
    text = clean(part.text.expandtabs(4))
    return text, style if part.changed or style == "dim" else ""
