"""Sums by key in bounded memory: what analyses of many runs keep."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from heapq import heappush, heappushpop
from typing import Generic, TypeVar

__all__ = ["MOST", "Tally", "Worst"]

MOST = 10_000
"""Keys that are told apart; names that hold ids would else make one a run."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Tally(Generic[K, V]):
    """What is kept by key, for the first `most` keys that come; `left_out` counts what came with
    others and is not kept.
    """

    def __init__(self, make: Callable[[], V], most: int = MOST) -> None:
        self._make, self._most = make, most
        self._held: dict[K, V] = {}
        self.left_out = 0

    def of(self, key: K) -> V | None:
        """What is kept of a key, fresh for a new one; None where there is no room for it."""
        held = self._held.get(key)
        if held is None:
            if len(self._held) >= self._most:
                self.left_out += 1
                return None
            held = self._held[key] = self._make()
        return held

    def items(self) -> Iterator[tuple[K, V]]:
        """Every key and what is kept of it, in the order in which they came."""
        yield from self._held.items()

    def __len__(self) -> int:
        return len(self._held)


class Worst:
    """The few places with the greatest numbers; of equals that with the least trace id."""

    def __init__(self, most: int = 3) -> None:
        self._most = most
        self._held: list[tuple[float, _Late, str]] = []

    def add(self, number: float, trace_id: str, span_id: str = "") -> None:
        """One place."""
        entry = (number, _Late(trace_id), span_id)
        if len(self._held) < self._most:
            heappush(self._held, entry)
        else:
            heappushpop(self._held, entry)

    def traces(self) -> list[str]:
        """Their traces, the greatest first, each once."""
        return list(dict.fromkeys(str(t) for _, t, _ in sorted(self._held, reverse=True)))

    def spans(self) -> list[str]:
        """Their spans, the greatest first."""
        return [span for _, _, span in sorted(self._held, reverse=True) if span]


class _Late(str):
    """Text whose order is turned round."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)

    def __gt__(self, other: str) -> bool:
        return str.__lt__(self, other)
