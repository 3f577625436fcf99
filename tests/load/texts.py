"""What agents, their models and tools say: prose of one or two kilobytes a step, a third of it Chinese,
Japanese or Korean, with emoji; made from a seed.
"""

from __future__ import annotations

import json
import random
from typing import NamedTuple

from tests.bench.corpus import PROSE, SYSTEM

__all__ = ["Call", "Texts"]

CJK = (
    "请帮我查一下明天从上海到北京的高铁，最好是上午出发，二等座就可以了。如果没有合适的车次，也可以考虑飞机，"
    "但是价格不要超过一千二百元。我需要在下午三点以前到达国贸附近，路上还要留出吃午饭的时间。🚄 "
    "先看一下天气，如果下大雨就改到后天；酒店要离会场近，早餐要有豆浆和油条，发票抬头照旧。"
    "東京の会議室を午後二時から四時まで予約してください。参加者は六人で、プロジェクターが必要です。"
    "議事録は英語と日本語の両方で、前回の決定事項も一緒にまとめておいてください。📝 "
    "내일 회의 자료를 다시 정리해서 팀 전체에 보내 주세요. 표와 그래프는 최신 수치로 바꿔 주세요. "
    "检索到三条结果：第一条与问题最相关，给出了完整的步骤；第二条已经过期；第三条只有标题没有正文。"
    "综合来看，最可能的原因是缓存没有失效，建议先清空缓存再试一次，并把日志级别调到调试。👍 "
)
OPENING = "Please"
"""How every question begins, so that it is known again on a screen."""


class Call(NamedTuple):
    """A tool's arguments and what it returns."""

    arguments: dict[str, object]
    result: str


class Texts:
    """The words of one agent."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._said: list[dict[str, str]] = []

    def question(self) -> str:
        """What the user asks; the conversation begins anew."""
        asked = f"{OPENING}: {self._some(150, 500)}"
        self._said = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": asked}]
        return asked

    def prompt(self) -> list[dict[str, str]]:
        """What a model is given: the system's words and the newest of the conversation."""
        return self._said[:1] + self._said[-2:]

    def thought(self) -> str:
        """What a model says to it."""
        return self._heard("assistant", self._some(200, 600))

    def call(self) -> Call:
        """A call of a tool."""
        arguments: dict[str, object] = {"query": self._some(40, 160), "limit": 20}
        hits = [{"title": self._some(20, 60), "text": self._some(200, 400)} for _ in range(3)]
        return Call(arguments, self._heard("tool", json.dumps(hits, ensure_ascii=False)))

    def answer(self) -> str:
        """The last words."""
        return self._some(400, 1200)

    def _heard(self, role: str, text: str) -> str:
        self._said.append({"role": role, "content": text})
        return text

    def _some(self, low: int, high: int) -> str:
        length = self._chance.randint(low, high)
        if self._chance.random() < 0.3:
            at = self._chance.randrange(len(CJK))
            # A character of these takes three bytes.
            return (CJK[at:] + CJK * (length // len(CJK) + 1))[: max(length // 2, 8)]
        at = self._chance.randrange(len(PROSE) - length)
        return PROSE[at : at + length]
