"""Two texts line by line, and within changed lines word by word.

`difflib` (Ratcliff and Obershelp's matching) on lines, then on the words of lines that stand in each
other's place; characters of scripts without blanks are words of their own. JSON is compared as JSON:
indented, keys in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal, NamedTuple

import msgspec

from jollyscope.analysis.diff_items import canonical
from jollyscope.analysis.diff_words import CJK

__all__ = ["LARGEST", "Line", "Piece", "TextDiff", "text_diff", "unified"]

LARGEST = 32_768
"""Characters of either text that are compared; what lies behind is left out, and said to be."""

MOST_LINES = 1_500
"""Lines between equal beginnings and ends that are still matched one by one: 0.1 s at worst."""

MOST_WORDS = 400
"""Words of a line, above which a changed line counts as changed whole."""

ALIKE = 0.3
"""Lines that share fewer words than this are another line, not a changed one."""

_TOKEN = re.compile(rf"[{CJK}]|[^\W{CJK}]+|\s+|[^\w\s]")

Op = Literal["equal", "removed", "added", "changed"]


class Piece(NamedTuple):
    """A part of a line, and whether the other side lacks it."""

    text: str
    changed: bool


class Line(NamedTuple):
    """A row of the difference: a line of each side, or of one (None on the other). Numbers from 1."""

    op: Op
    left: list[Piece] | None
    right: list[Piece] | None
    left_number: int | None
    right_number: int | None


class TextDiff(NamedTuple):
    """All lines of both texts. `left_out`: how many characters were not compared. `json`: compared as
    JSON, laid out anew."""

    lines: list[Line]
    left_out: int
    json: bool

    @property
    def equal(self) -> bool:
        """Whether the compared parts say the same."""
        return all(line.op == "equal" for line in self.lines)


def text_diff(left: str | None, right: str | None) -> TextDiff:
    """How `right` differs from `left`; None is no text at all."""
    ours, theirs = _laid_out(left), _laid_out(right)
    as_json = bool(ours or theirs) and None not in (
        ours if left else "",
        theirs if right else "",
    )
    one = (ours if as_json else left) or ""
    other = (theirs if as_json else right) or ""
    left_out = max(0, len(one) - LARGEST) + max(0, len(other) - LARGEST)
    lines = list(_lines(_split(one[:LARGEST]), _split(other[:LARGEST])))
    return TextDiff(lines, left_out, as_json)


def _laid_out(text: str | None) -> str | None:
    """JSON with two blanks a level and its keys in order; None where it is none."""
    if not text or text[0] not in "{[":
        return None
    plain = canonical(text)
    if plain is None or plain[:1] not in (b"{", b"["):
        return None
    try:
        return msgspec.json.format(plain, indent=2).decode()
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _split(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n") if text else []


def _lines(left: list[str], right: list[str]) -> Iterator[Line]:
    i = j = 0
    for op, i_end, j_end in _matched(left, right):
        if op == "equal":
            for text in left[i:i_end]:
                i, j = i + 1, j + 1
                yield Line("equal", [Piece(text, False)], [Piece(text, False)], i, j)
        else:
            yield from _block(left[i:i_end], right[j:j_end], i, j)
            i, j = i_end, j_end


def _matched(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Stretches that are equal or not, each with where it ends in both."""
    same = 0
    while same < min(len(left), len(right)) and left[same] == right[same]:
        same += 1
    end, end_right = len(left), len(right)
    while end > same and end_right > same and left[end - 1] == right[end_right - 1]:
        end, end_right = end - 1, end_right - 1
    if same:
        yield "equal", same, same
    if max(end, end_right) - same > MOST_LINES:
        yield "replace", end, end_right
    else:
        matcher = SequenceMatcher(None, left[same:end], right[same:end_right], autojunk=False)
        for op, _, i_end, _, j_end in matcher.get_opcodes():
            yield op, same + i_end, same + j_end
    if end < len(left):
        yield "equal", len(left), len(right)


def _block(left: Sequence[str], right: Sequence[str], i: int, j: int) -> Iterator[Line]:
    """Lines in each other's place: a changed line beside what it became, else one below the other."""
    added: list[Line] = []
    for at, (one, other) in enumerate(zip_longest(left, right)):
        pieces = _words(one, other) if one is not None and other is not None else None
        if pieces:
            yield from added
            added = []
            yield Line("changed", *pieces, i + at + 1, j + at + 1)
            continue
        if one is not None:
            yield Line("removed", [Piece(one, True)], None, i + at + 1, None)
        if other is not None:
            added.append(Line("added", None, [Piece(other, True)], None, j + at + 1))
    yield from added


def _words(left: str, right: str) -> tuple[list[Piece], list[Piece]] | None:
    """A line and what it became, in pieces; None where they have too little in common."""
    ours: list[str] = _TOKEN.findall(left)
    theirs: list[str] = _TOKEN.findall(right)
    if not ours or not theirs or max(len(ours), len(theirs)) > MOST_WORDS:
        return None
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    if matcher.quick_ratio() < ALIKE or matcher.ratio() < ALIKE:
        return None
    one: list[Piece] = []
    other: list[Piece] = []
    for op, i, i_end, j, j_end in matcher.get_opcodes():
        _put(one, "".join(ours[i:i_end]), op != "equal")
        _put(other, "".join(theirs[j:j_end]), op != "equal")
    return one, other


def _put(pieces: list[Piece], text: str, changed: bool) -> None:
    if text:
        pieces.append(Piece(text, changed))


def unified(diff: TextDiff, context: int | None = 3) -> Iterator[tuple[str, list[Piece]]]:
    """Lines one below the other with their sign (`-`, `+`, ` `), the removed before the added of each
    changed stretch; equal lines further than `context` from a change as one line with the sign `…`.
    """
    waiting: list[list[Piece]] = []
    for number, line in enumerate(diff.lines):
        if line.op == "equal":
            yield from _flush(waiting)
            if context is None or _near(diff.lines, number, context):
                yield " ", line.left or []
            elif number == 0 or _near(diff.lines, number - 1, context):
                count = _run(diff.lines, number, context)
                yield "…", [Piece(f"{count:,} equal line{'' if count == 1 else 's'}", False)]
            continue
        if line.left is not None:
            yield "-", line.left
        if line.right is not None:
            waiting.append(line.right)
    yield from _flush(waiting)


def _flush(waiting: list[list[Piece]]) -> Iterator[tuple[str, list[Piece]]]:
    for pieces in waiting:
        yield "+", pieces
    waiting.clear()


def _near(lines: Sequence[Line], at: int, context: int) -> bool:
    around = lines[max(0, at - context) : at + context + 1]
    return any(line.op != "equal" for line in around)


def _run(lines: Sequence[Line], at: int, context: int) -> int:
    end = at
    while end < len(lines) and not _near(lines, end, context):
        end += 1
    return end - at
