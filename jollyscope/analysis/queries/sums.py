"""How runs went: counts and distributions in bounded memory, the same in whatever order runs come."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from jollyscope.analysis.tally import Worst

__all__ = ["Asked", "Sketch", "Sums", "ranked"]

Number = TypeVar("Number", int, float)
_GROWTH = math.log(1.01 / 0.99)


class Sketch:
    """Quantiles of numbers that are not negative, to 1 %: DDSketch (Masson, Rim and Lee, VLDB 2019), which
    counts them by their logarithm. From a nanosecond to a day it has 1,600 counts.
    """

    def __init__(self) -> None:
        self._counts: Counter[int | None] = Counter()

    def add(self, value: float) -> None:
        """One number."""
        self._counts[math.ceil(math.log(value) / _GROWTH) if value > 0 else None] += 1

    def quantile(self, share: float) -> float | None:
        """The number that `share` (0 to 1) of them stay within; None of none."""
        if not self._counts:
            return None
        values = {
            0.0 if at is None else math.exp((at - 0.5) * _GROWTH): n
            for at, n in self._counts.items()
        }
        return ranked(values, share)


def ranked(counts: Mapping[Number, int], share: float) -> Number:
    """The value at `share` of all, by the nearest rank. Raises `ValueError` for none."""
    left = max(1, math.ceil(share * sum(counts.values()) - 1e-9))
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    raise ValueError("a quantile is of one value or more")


class Asked(NamedTuple):
    """One ended run and what it was asked, as the store has it."""

    trace_id: str
    input: str | None
    failed: bool
    steps: int
    ms: float
    tokens: int | None
    usd: float | None


class Sums:
    """What runs of one pattern add up to. Money is kept in whole 10⁻⁹ $, so that it adds up alike in any
    order.
    """

    def __init__(self) -> None:
        self.runs = self.failed = self.tokens = self._nano = 0
        self.told_tokens = self.told_usd = 0
        """Runs that tell their tokens, and their cost."""
        self.steps: Counter[int] = Counter()
        self.ms = Sketch()
        self.examples = Worst()

    def add(self, run: Asked) -> None:
        """Take in one run."""
        self.runs += 1
        self.failed += run.failed
        self.steps[run.steps] += 1
        self.ms.add(run.ms)
        self.examples.add(run.failed, run.trace_id)
        if run.tokens is not None:
            self.told_tokens += 1
            self.tokens += run.tokens
        if run.usd is not None:
            self.told_usd += 1
            self._nano += round(run.usd * 1e9)

    @property
    def succeeded(self) -> int:
        """Runs that neither failed nor broke off."""
        return self.runs - self.failed

    @property
    def usd(self) -> float | None:
        """What the runs cost in all; None where none tells."""
        return self._nano / 1e9 if self.told_usd else None
