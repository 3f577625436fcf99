"""Which of a text's words are those of its pattern, and which fill a slot in it.

LogCluster (Vaarandi and Pihelgas, "LogCluster: A Data Clustering and Pattern Mining Algorithm for
Event Logs", CNSM 2015) finds the patterns of lines in two counts: words that are rare fill slots; of the
frequent ones those do that the others of the line do not call for. In `weather in Paris tomorrow` the
city calls for the weather, the weather for no city. All of it is counts, so that neither the order of the
texts nor a seed plays a part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations, islice

from jollyscope.analysis.queries.words import MOST, head, words

__all__ = ["Frame", "Frames", "names_of"]

Frame = tuple[str, ...]
"""Words that go together, each once, in the order of their characters."""

RARE, LEAST = 0.005, 3
"""Words that fewer texts have, of all and in number, fill slots."""
CALLED = 0.5
"""How surely the other words of a frame call for each of its words on average: LogCluster's word weight."""
BEGINNING, COVERED = 12, 0.25
"""Of so many words that a text begins with its frame has this share at least: a text that has `the` and `of`
in common with others is not like them.
"""


def names_of(text: str) -> Frame:
    """The first different words of a text."""
    return tuple(dict.fromkeys(islice((word.name for word in words(head(text))), 2 * MOST)))[:MOST]


class Frames:
    """What a sample of texts, as `names_of` gives them with how many there are of each, says of words."""

    def __init__(self, sample: Mapping[Frame, int]) -> None:
        self.texts = sum(sample.values())
        self.counts: Counter[str] = Counter()
        for names, number in sample.items():
            for name in names:
                self.counts[name] += number
        least = max(LEAST, RARE * self.texts)
        self.counts = Counter({name: n for name, n in self.counts.items() if n >= least})
        self._calls = self._called(sample)
        self._known: dict[Frame, Frame] = {}

    def _called(self, sample: Mapping[Frame, int]) -> dict[str, dict[str, float]]:
        """By word and another one, in which share of the first's texts the other one is."""
        together: Counter[tuple[str, str]] = Counter()
        for names, number in sample.items():
            pairs = combinations(self._frequent(names), 2)
            if number == 1:
                together.update(pairs)
            else:
                together.update(dict.fromkeys(pairs, number))
        found: dict[str, dict[str, float]] = {name: {} for name in self.counts}
        for (one, two), number in together.items():
            found[one][two] = number / self.counts[one]
            found[two][one] = number / self.counts[two]
        return found

    def _frequent(self, names: Iterable[str]) -> Frame:
        return tuple(sorted(name for name in names if name in self.counts))

    def frame(self, names: Frame) -> Frame:
        """The words of a text's pattern; none where it has too little in common with the others."""
        frequent = self._frequent(names)
        frame = self._known.get(frequent)
        if frame is None:
            frame = self._known[frequent] = self._kept(frequent)
        beginning = names[:BEGINNING]
        common = sum(name in frame for name in beginning)
        return frame if common and common >= COVERED * len(beginning) else ()

    def _kept(self, frequent: Frame) -> Frame:
        """What is left when the word that the others call for the least is taken out, until they call for
        all that are left: what filled a slot calls for words beside it that fill it as well.
        """
        left = list(frequent)
        called = {
            name: sum(self._calls[other].get(name, 0.0) for other in left if other != name)
            for name in left
        }
        while len(left) > 1:
            least = min(left, key=lambda name: (called[name], name))
            if called[least] >= CALLED * (len(left) - 1):
                break
            left.remove(least)
            for name in left:
                called[name] -= self._calls[least].get(name, 0.0)
        return tuple(left)
