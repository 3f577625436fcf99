"""A text as its pattern: the words of its frame, and `*` for what fills a slot."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from jollyscope.analysis.queries.words import Word, words

__all__ = ["Part", "cut"]


class Part(NamedTuple):
    """A stretch of a text, and the words of the frame in it; none of what is between them."""

    text: str
    names: tuple[str, ...] = ()


def cut(text: str, frame: Collection[str]) -> list[Part]:
    """The parts of a text. Pairs of characters that overlap are one; between the words of the frame is `*`
    where other words are, and else what is there.
    """
    every = list(words(text))
    others = [word for word in every if word.name not in frame]
    found: list[Part] = []
    at = 0
    for word in every:
        if word.name not in frame:
            continue
        if word.start < at:
            before = found.pop()
            found.append(Part(before.text + text[at : word.end], (*before.names, word.name)))
        else:
            written = word.name if word.name[0] == "<" else text[word.start : word.end]
            found += [Part(_gap(text, at, word.start, others)), Part(written, (word.name,))]
        at = word.end
    return [*found, Part(_gap(text, at, len(text), others))]


def _gap(text: str, start: int, end: int, others: list[Word]) -> str:
    within = [word for word in others if word.start < end and word.end > start]
    if within:
        first, last = max(start, within[0].start), min(end, within[-1].end)
        gap = f"{text[start:first]}*{text[last:end]}"
    else:
        gap = text[start:end]
    return re.sub(r"\s+", " ", gap)
