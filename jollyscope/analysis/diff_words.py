"""How alike two steps are, in a number that costs less than a microsecond."""

from __future__ import annotations

import re

from jollyscope.analysis.diff_items import Item

__all__ = ["CJK", "Likeness"]

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
"""Characters that are words of their own here: their scripts put no blanks between words."""

_WORD = re.compile(rf"[{CJK}]|[^\W{CJK}]+")
_BITS = 512
_HEAD, _TAIL = 300, 200

_LOOSE = frozenset({"user_input", "think", "observe", "response"})
"""A run has few of them, and their span's name says little about which is which."""

SAME_NAME, SAME_ROLE, TEXT, SAME_INPUT = 40, 25, 50, 10


class Likeness:
    """Scores pairs from 0 (never lined up) to 100. Texts count as sets of words: the Jaccard index,
    estimated over bits as in Broder, "On the resemblance and containment of documents" (1997). A word
    gets the next free bit when it is first met, so that equal traces are scored equally.
    """

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}

    def score(self, one: Item, other: Item) -> float:
        """How well the two go together."""
        if one.role != other.role:
            return 0
        ours, many = one.words or self._words(one)
        theirs, count = other.words or self._words(other)
        shared = (ours & theirs).bit_count()
        union = many + count - shared
        alike = shared / union if union else 1.0
        if one.name == other.name:
            base = SAME_NAME
        elif one.role in _LOOSE:
            base = SAME_ROLE
        else:
            # Another tool, or another operation: only if it was given much the same.
            return TEXT * alike if union and alike >= 0.5 else 0
        same = one.signature[2] is not None and one.signature[2] == other.signature[2]
        return base + TEXT * alike + (SAME_INPUT if same else 0)

    def _words(self, item: Item) -> tuple[int, int]:
        """What a step is about: its content from the beginning, and the end of its input, since a
        model's input begins with what was said in all calls before.
        """
        if item.role in _LOOSE and item.output is not None:
            text = f"{item.output[:_HEAD]} {(item.input or '')[-_TAIL:]}"
        else:
            text = (item.input if item.input is not None else item.output or "")[: _HEAD + _TAIL]
        bits, mask = self._bits, 0
        for word in set(_WORD.findall(text)):
            mask |= 1 << bits.setdefault(word, len(bits)) % _BITS
        item.words = mask, mask.bit_count()
        return item.words
