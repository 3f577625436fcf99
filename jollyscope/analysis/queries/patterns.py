"""Patterns: frames that are much alike, together, and which of them a text is of."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from jollyscope.analysis.queries.frames import Frame, Frames, names_of
from jollyscope.analysis.queries.templates import cut
from jollyscope.analysis.queries.words import head

__all__ = ["Pattern", "Patterns"]

ALIKE = 0.5
"""Frames are of one pattern where the words that both have weigh half of those that either has."""
LEAST, SHARE = 5, 0.01
"""Texts of the sample that make a pattern, in number and of all."""
OWN, LIFT = 0.5, 5.0
"""A pattern has a word of its own (of the texts with it, so many are of the pattern), or its words are
together so many times as often as chance would put them: `the` and `of` alone make none.
"""
SURE = 0.9
"""A part of the template that so many of its texts have finds them."""


class Pattern(NamedTuple):
    """A pattern of texts: a `template` like `weather in * tomorrow`, the words that mark it (those that are
    the most its own first), an `example`, and words that nearly every text of it has.
    """

    template: str
    marks: tuple[str, ...]
    example: str
    finders: tuple[str, ...]


class Patterns:
    """The patterns of a sample of texts, those of the most texts first. The same texts in any order have
    the same patterns. Near linear in the texts; frames that share no word are not compared.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        whole = Counter(map(head, texts))
        named = {text: names_of(text) for text in whole}
        sample: Counter[Frame] = Counter()
        for text, number in whole.items():
            sample[named[text]] += number
        self._frames = Frames(sample)
        self._leaders: list[Frame] = []
        self._leading: defaultdict[str, list[int]] = defaultdict(list)
        self._joined: dict[Frame, int | None] = {}
        self._gather(sample)
        self._number(whole, named)

    def of(self, text: str) -> int | None:
        """Which pattern a text is of, as its place in `found`; None for none."""
        leader = self._leader(self._frames.frame(names_of(text)))
        return None if leader is None else self._places.get(leader)

    def _weight(self, name: str) -> float:
        return math.log1p(self._frames.texts / self._frames.counts[name])

    def _gather(self, sample: Counter[Frame]) -> None:
        """Frames in the order of how many texts have them; each joins the one before that it is most like,
        or leads those that come (leader clustering; Hartigan, Clustering Algorithms, 1975).
        """
        frames: Counter[Frame] = Counter()
        for names, number in sample.items():
            frames[self._frames.frame(names)] += number
        for frame in sorted(frames, key=lambda one: (-frames[one], one)):
            if frame and self._leader(frame) is None:
                self._joined[frame] = len(self._leaders)
                for name in frame:
                    self._leading[name].append(len(self._leaders))
                self._leaders.append(frame)

    def _leader(self, frame: Frame) -> int | None:
        if frame not in self._joined:
            self._joined[frame] = self._nearest(frame)
        return self._joined[frame]

    def _nearest(self, frame: Frame) -> int | None:
        """The leader that is most like a frame, by the weighted Jaccard coefficient of their words; a
        word weighs the more the fewer texts have it.
        """
        shared: defaultdict[int, float] = defaultdict(float)
        for name in frame:
            weight = self._weight(name)
            for leader in self._leading[name]:
                shared[leader] += weight
        mine = sum(map(self._weight, frame))
        best: tuple[float, int] | None = None
        for leader, both in shared.items():
            either = mine + sum(map(self._weight, self._leaders[leader])) - both
            if both >= ALIKE * either and (best is None or (both / either, -leader) > best):
                best = both / either, -leader
        return None if best is None else -best[1]

    def _number(self, whole: Counter[str], named: dict[str, Frame]) -> None:
        """Find out which leaders have texts enough, and words of their own."""
        members: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for text, number in whole.items():
            leader = self._leader(self._frames.frame(named[text]))
            if leader is not None:
                members[leader][text] = number
        least = max(LEAST, SHARE * self._frames.texts)
        made = [
            (texts.total(), leader, pattern)
            for leader, texts in members.items()
            if texts.total() >= least
            and (pattern := self._pattern(self._leaders[leader], texts, named)) is not None
        ]
        made.sort(key=lambda one: (-one[0], one[1]))
        self._places = {leader: place for place, (_, leader, _) in enumerate(made)}
        self.found = [pattern for _, _, pattern in made]

    def _pattern(
        self, frame: Frame, texts: Counter[str], named: dict[str, Frame]
    ) -> Pattern | None:
        held: Counter[str] = Counter()
        for text, number in texts.items():
            for name in named[text]:
                held[name] += number
        own = {name: held[name] / self._frames.counts[name] for name in frame}
        chance = math.prod(self._frames.counts[name] / self._frames.texts for name in frame)
        if max(own.values()) < OWN and texts.total() < LIFT * chance * self._frames.texts:
            return None
        # The commonest of those that have most of the frame, and of these the shortest.
        example = min(texts, key=lambda t: (-sum(n in own for n in named[t]), -texts[t], len(t), t))
        parts = cut(example, frame)
        marks = sorted(
            {(-max(own[name] for name in part.names), part.text) for part in parts if part.names}
        )
        sure = SURE * texts.total()
        finders = {
            part.text
            for part in parts
            if part.names and all(held[name] >= sure and name[0] != "<" for name in part.names)
        }
        return Pattern(
            template="".join(part.text for part in parts).strip(),
            marks=tuple(text for _, text in marks),
            example=example,
            finders=tuple(text for _, text in marks if text in finders),
        )
