"""The places that the clock and the weather know by name."""

from __future__ import annotations

import re

import msgspec

__all__ = ["PLACES", "Place", "find_place", "places_in"]


class Place(msgspec.Struct, frozen=True):
    """A city: its English and Chinese names, its time zone, and its (invented) weather."""

    name: str
    chinese: str
    zone: str
    sky: str
    celsius: int


PLACES = [
    Place("Beijing", "北京", "Asia/Shanghai", "clear", 4),
    Place("Shanghai", "上海", "Asia/Shanghai", "light rain", 12),
    Place("Guangzhou", "广州", "Asia/Shanghai", "cloudy", 21),
    Place("Hong Kong", "香港", "Asia/Hong_Kong", "cloudy", 22),
    Place("Taipei", "台北", "Asia/Taipei", "light rain", 20),
    Place("Singapore", "新加坡", "Asia/Singapore", "thunderstorms", 29),
    Place("Tokyo", "东京", "Asia/Tokyo", "clear", 11),
    Place("Seoul", "首尔", "Asia/Seoul", "clear", 3),
    Place("Mumbai", "孟买", "Asia/Kolkata", "hazy", 30),
    Place("Dubai", "迪拜", "Asia/Dubai", "clear", 27),
    Place("Moscow", "莫斯科", "Europe/Moscow", "snow", -5),
    Place("Cairo", "开罗", "Africa/Cairo", "clear", 23),
    Place("Nairobi", "内罗毕", "Africa/Nairobi", "cloudy", 24),
    Place("Berlin", "柏林", "Europe/Berlin", "fog", 5),
    Place("Paris", "巴黎", "Europe/Paris", "light rain", 9),
    Place("Lisbon", "里斯本", "Europe/Lisbon", "clear", 16),
    Place("London", "伦敦", "Europe/London", "light rain", 8),
    Place("New York", "纽约", "America/New_York", "windy", 7),
    Place("Chicago", "芝加哥", "America/Chicago", "snow", -1),
    Place("San Francisco", "旧金山", "America/Los_Angeles", "fog", 14),
    Place("Mexico City", "墨西哥城", "America/Mexico_City", "clear", 22),
    Place("Sao Paulo", "圣保罗", "America/Sao_Paulo", "thunderstorms", 26),
    Place("Sydney", "悉尼", "Australia/Sydney", "clear", 24),
]


def find_place(name: str) -> Place | None:
    """The place of that English or Chinese name."""
    wanted = name.strip().casefold()
    return next((p for p in PLACES if wanted in (p.name.casefold(), p.chinese)), None)


def places_in(text: str) -> list[str]:
    """Names of known places in a text, as written there and in that order."""
    return _NAMES.findall(text)


_NAMES = re.compile("|".join(rf"\b{p.name}\b|{p.chinese}" for p in PLACES), flags=re.IGNORECASE)
