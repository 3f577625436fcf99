"""A weather station that often does not answer in time. The readings are invented."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

from jollyscope.demo.latency import Latency
from jollyscope.demo.tools.base import ToolError
from jollyscope.demo.tools.places import Place, find_place

__all__ = ["Weather"]

CHINESE_SKIES = {
    "clear": "晴",
    "cloudy": "多云",
    "fog": "雾",
    "hazy": "霾",
    "light rain": "小雨",
    "snow": "雪",
    "thunderstorms": "雷阵雨",
    "windy": "大风",
}


class Weather:
    """Asks the station and waits for `timeout` seconds at most.

    Whether a station answers is drawn from `seed`, the city and the attempt, so the same calls
    time out in every run.
    """

    def __init__(self, latency: Latency, *, timeout: float = 0.25, seed: int = 1) -> None:
        self.latency = latency
        self.timeout = timeout
        self.seed = seed
        self._attempts: Counter[str] = Counter()

    async def __call__(self, city: str) -> str:
        """Such as `Lisbon: clear, 16 °C`. Raises `TimeoutError` when the station keeps silent."""
        place = find_place(city)
        if place is None:
            raise ToolError(f"There is no weather station in {city}.")
        try:
            async with asyncio.timeout(self.timeout):
                return await self._station(city, place)
        except TimeoutError:
            raise TimeoutError(
                f"The station in {city} did not answer within {self.timeout * 1000:.0f} ms."
            ) from None

    async def _station(self, city: str, place: Place) -> str:
        self._attempts[place.name] += 1
        attempt = self._attempts[place.name]
        if random.Random(f"{self.seed}/{place.name}/{attempt}").random() < 0.5:
            await asyncio.sleep(60)  # overloaded: whoever asked gives up long before
        await self.latency.between(0.05, 0.15, place.name)
        if city == place.chinese:
            return f"{city}：{CHINESE_SKIES[place.sky]}，{place.celsius} °C"
        return f"{place.name}: {place.sky}, {place.celsius} °C"
