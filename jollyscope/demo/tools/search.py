"""Full-text search over the shipped passages: BM25, with pairs of characters for Chinese.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from importlib import resources
from itertools import pairwise

import msgspec

__all__ = ["Hit", "Index", "Passage", "shipped_passages", "terms"]

K1, B = 1.4, 0.6
"""BM25's usual constants, `B` a little low because the passages are of like length."""
TITLE_WEIGHT = 3
ENOUGH = 0.4
"""A hit must carry this part of the query's weight: else a common word would always find."""
UNSEEN_PAIR = 0.5
"""Two characters that no passage has side by side are as likely a seam between words as a word."""

_WORDS = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")


class Passage(msgspec.Struct, frozen=True):
    """A short text about one thing."""

    id: str
    language: str
    title: str
    text: str


class Hit(msgspec.Struct, frozen=True):
    """A passage found, and how well it fits."""

    title: str
    text: str
    score: float


def shipped_passages() -> list[Passage]:
    """The passages that come with the demo."""
    lines = resources.files("jollyscope.demo.corpus").joinpath("passages.jsonl").read_bytes()
    return [msgspec.json.decode(line, type=Passage) for line in lines.splitlines()]


def terms(text: str) -> list[str]:
    """What is indexed: words without their plural s, and every two neighbouring characters."""
    found: list[str] = []
    for word in _WORDS.findall(text.lower()):
        if word[0] >= "\u3400":
            found += [word] if len(word) == 1 else [a + b for a, b in pairwise(word)]
        else:
            found.append(word[:-1] if len(word) > 3 and word.endswith("s") else word)
    return found


class Index:
    """Passages, counted once."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self.passages = list(passages)
        self._counts = [Counter(terms(p.title) * TITLE_WEIGHT + terms(p.text)) for p in passages]
        self._lengths = [counts.total() for counts in self._counts]
        self._mean = sum(self._lengths) / max(1, len(self._lengths))
        self._spread = Counter(term for counts in self._counts for term in counts)

    def search(self, query: str, limit: int = 3) -> list[Hit]:
        """The best passages, best first; none when nothing fits well enough."""
        wanted = set(terms(query))
        enough = ENOUGH * sum(map(self._weight, wanted))
        hits: list[Hit] = []
        for passage, counts, length in zip(self.passages, self._counts, self._lengths, strict=True):
            shared = [term for term in wanted if term in counts]
            if not shared or sum(map(self._weight, shared)) < enough:
                continue
            norm = K1 * (1 - B + B * length / self._mean)
            score = sum(
                self._weight(term) * counts[term] * (K1 + 1) / (counts[term] + norm)
                for term in shared
            )
            hits.append(Hit(passage.title, passage.text, round(score, 3)))
        hits.sort(key=lambda hit: (-hit.score, hit.title))
        return hits[:limit]

    def _weight(self, term: str) -> float:
        """Rare terms tell more (inverse document frequency)."""
        spread = self._spread[term]
        weight = math.log(1 + (len(self.passages) - spread + 0.5) / (spread + 0.5))
        return weight if spread or term[0] < "\u3400" else UNSEEN_PAIR * weight
