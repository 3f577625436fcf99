"""A run's conversation as text: who said what, when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jollyscope.model import format as fmt
from jollyscope.query.dialogue import Line, Turn, lines_of
from jollyscope_cli.render.cells import clean
from jollyscope_cli.render.trace import Piece
from jollyscope_tui.widgets.cells import wrap

__all__ = ["lines"]

_ROLE_STYLE = {"user": "user_input", "assistant": "think", "tool": "observe", "system": "dim"}
_LINE_STYLE = {"text": "", "reasoning": "dim", "call": "act", "result": "observe", "media": "dim"}


def lines(turns: Iterable[Turn], began: int, width: int) -> Iterator[list[Piece]]:
    """A head a message, and below it what was said, indented and folded at blanks to `width` cells.
    `began`: Unix ns of the trace's start.
    """
    silent = True
    for turn in turns:
        silent = False
        yield []
        yield _head(turn, began)
        for line in lines_of(turn.message):
            yield from _body(line, width)
    if silent:
        yield []
        yield [("Nothing that was said is recorded in this trace.", "note")]


def _head(turn: Turn, began: int) -> list[Piece]:
    role = turn.message.role
    name = f" {clean(turn.message.name)}" if turn.message.name else ""
    model = f"  {clean(turn.span.model)}" if role == "assistant" and turn.span.model else ""
    at = fmt.duration(max(0, turn.time - began) / 1e6)
    return [(f"{clean(role)}{name}", _ROLE_STYLE.get(role, "head")), (f"{model}  +{at}", "dim")]


def _body(line: Line, width: int) -> Iterator[list[Piece]]:
    style = _LINE_STYLE[line.style]
    for number, text in enumerate(f"{line.head}{line.text}".replace("\r\n", "\n").split("\n")):
        for piece in wrap(clean(text.expandtabs(4)), max(20, width - 2 * (1 + (number > 0)))):
            yield [("  " if number == 0 or not line.head else "    ", ""), (piece, style)]
