"""Simulated waiting, so that the demo's steps take uneven times as real ones do.

The offline planner and the tools do their work in well under a millisecond; a hosted model and
tools behind a network do not. What is waited here is the only thing in the demo that is made up.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter

__all__ = ["Latency"]


class Latency:
    """Waits drawn from `seed`, a key and how often that key came, so all runs of the demo are alike.

    `scale` multiplies every wait; 0 waits not at all, as tests want it.
    """

    def __init__(self, scale: float = 1.0, *, seed: int = 7) -> None:
        self.scale = scale
        self.seed = seed
        self._times: Counter[str] = Counter()

    async def between(self, low: float, high: float, key: str) -> None:
        """Wait between `low` and `high` seconds, as `key` decides."""
        self._times[key] += 1
        drawn = random.Random(f"{self.seed}/{key}/{self._times[key]}")
        await self.exactly(drawn.uniform(low, high))

    async def exactly(self, seconds: float) -> None:
        """Wait that many seconds."""
        await asyncio.sleep(self.scale * seconds)
