"""What people might ask of an agent, by pattern, with slots filled at random; and what is like nothing."""

from __future__ import annotations

import random

CITIES = ("Paris", "Rome", "Berlin", "Oslo", "Madrid", "Vienna", "London", "Tokyo", "Cairo", "Lima")
DAYS = ("today", "tomorrow", "on Friday", "next week")
PLACES = ("北京", "上海", "广州", "深圳", "杭州", "成都", "武汉", "西安", "南京", "重庆")
TIMES = ("今天", "明天", "月底", "周末", "周一", "下周")
TEMPLATES: dict[str, tuple[str, ...]] = {
    "weather": ("What is the weather in {city} {day}?", "what's the weather in {city} {day}"),
    "flight": ("Book a flight from {city} to {city2} on 2026-{n:02d}-{m:02d}",),
    "refund": ("Refund order #{n}{m}", "refund order {m}{n} please"),
    "天气": ("查一下{place}{time}的天气",),
    "翻译": ("把“{word} {word2}”翻译成英文",),
    "article": ("Summarise this article: {text}",),
}
_SYLLABLES = ("ka", "lo", "mi", "ren", "ta", "vos", "pel", "dri", "un", "sha", "gor", "nim")
_COMMON = ("the", "of", "to", "and", "a", "in", "is", "you", "it", "for")
_SIGNS = "一是不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能"


def asked(kind: str, chance: random.Random) -> str:
    """One input of a pattern."""

    def word() -> str:
        return "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 4)))

    return chance.choice(TEMPLATES[kind]).format(
        city=chance.choice(CITIES),
        city2=chance.choice(CITIES),
        day=chance.choice(DAYS),
        place=chance.choice(PLACES),
        time=chance.choice(TIMES),
        n=chance.randint(1, 12),
        m=chance.randint(10, 28),
        word=word(),
        word2=word(),
        text=" ".join(word() for _ in range(30)),
    )


def noise(chance: random.Random) -> str:
    """What is like nothing else, but for the words that are everywhere."""
    if chance.random() < 0.3:
        return "".join(chance.choice(_SIGNS) for _ in range(chance.randint(6, 20)))
    words = (
        chance.choice(_COMMON)
        if chance.random() < 0.4
        else "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(2, 4)))
        for _ in range(chance.randint(6, 15))
    )
    return " ".join(words)


def inputs(count: int, seed: int = 1) -> list[tuple[str, str]]:
    """Pattern and input, one in eight of them noise."""
    chance = random.Random(seed)
    kinds = [*TEMPLATES, "weather", "noise"]
    drawn = (chance.choice(kinds) for _ in range(count))
    return [(kind, noise(chance) if kind == "noise" else asked(kind, chance)) for kind in drawn]
