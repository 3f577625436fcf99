"""Sums by the values of one column, made while rows pass."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

__all__ = ["Groups", "Tally"]


class Tally:
    """What the rows of one value add up to. Durations are kept, 8 bytes each, for exact quantiles."""

    __slots__ = ("cost", "count", "durations", "failed", "input_tokens", "output_tokens")

    def __init__(self) -> None:
        self.count = self.failed = 0
        self.input_tokens = self.output_tokens = 0
        self.cost: float = 0.0
        self.durations = array("d")

    def add(self, other: Tally) -> None:
        """Take another's rows in."""
        self.count += other.count
        self.failed += other.failed
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.cost += other.cost
        self.durations.extend(other.durations)

    def mean(self) -> float | None:
        """Of the durations, in ms; None where none is known."""
        return sum(self.durations) / len(self.durations) if self.durations else None

    def quantiles(self, *shares: float) -> list[float | None]:
        """The least duration that so large a share of all does not exceed, for each share."""
        if not self.durations:
            return [None] * len(shares)
        ordered = sorted(self.durations)
        last = len(ordered) - 1
        return [
            ordered[min(last, max(0, -int(-share * len(ordered) // 1) - 1))] for share in shares
        ]


class Groups:
    """Tallies by value. Values that differ in case alone are one, as in a pivot table, under the
    spelling that came first.
    """

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self._by_spelling: dict[str | None, Tally] = {}
        self._tallies: dict[str, Tally] = {}

    def add(self, values: Sequence[str | None], numbers: Iterable[tuple[Any, ...]]) -> None:
        """Rows: their values, and failed, duration, tokens in and out, and cost of each."""
        for value in set(values) - self._by_spelling.keys():
            key = (value or "").casefold()
            self._by_spelling[value] = self._tallies.setdefault(key, Tally())
            self.names.setdefault(key, value or "")
        of = self._by_spelling
        for value, (failed, duration, tokens_in, tokens_out, cost) in zip(
            values, numbers, strict=True
        ):
            tally = of[value]
            tally.count += 1
            if failed:
                tally.failed += 1
            if duration is not None and isfinite(duration):
                tally.durations.append(duration)
            if tokens_in:
                tally.input_tokens += tokens_in
            if tokens_out:
                tally.output_tokens += tokens_out
            if cost and isfinite(cost):
                tally.cost += cost

    def items(self) -> list[tuple[str, Tally]]:
        """Values and tallies by value; that of no value is empty and last."""
        ordered = sorted(self._tallies, key=lambda key: (not key, key))
        return [(self.names[key], self._tallies[key]) for key in ordered]

    def total(self) -> Tally:
        """All rows."""
        whole = Tally()
        for tally in self._tallies.values():
            whole.add(tally)
        return whole
