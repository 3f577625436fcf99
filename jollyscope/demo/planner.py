"""The offline planner: decides the next step from the messages so far, by rules.

It holds no state between decisions. Each time it reads the question and every observation out of
the messages, lets the skill replay them, and so arrives at the step that comes next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from jollyscope.demo.chat import Call, Decision, Message, Usage
from jollyscope.demo.latency import Latency
from jollyscope.demo.plan import Ask, Question
from jollyscope.demo.reading import is_chinese, subject_of
from jollyscope.demo.skills import plan_for
from jollyscope.demo.tools.base import Tool
from jollyscope.demo.tools.places import places_in

__all__ = ["OfflinePlanner", "count_tokens"]

TOKENS_A_SECOND = 700
"""Simulated speed of writing; with `FIRST_TOKEN` a thought takes 30 to 300 ms."""
FIRST_TOKEN, LONGEST = 0.03, 0.3


class OfflinePlanner:
    """A planner that needs no network and no model."""

    model = "offline-planner"
    provider = "jollyscope"

    def __init__(self, latency: Latency | None = None) -> None:
        self.latency = latency or Latency()

    async def decide(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Decision:
        """The next calls, or the answer."""
        decision = _next_step(messages, frozenset(tool.name for tool in tools))
        written = count_tokens(f"{decision} {decision.answer or ''}")
        await self.latency.exactly(min(LONGEST, FIRST_TOKEN + written / TOKENS_A_SECOND))
        read = sum(count_tokens(_text(message)) for message in messages)
        return msgspec.structs.replace(decision, usage=Usage(read, written))


def _next_step(messages: Sequence[Message], tools: frozenset[str]) -> Decision:
    asked = [at for at, message in enumerate(messages) if message["role"] == "user"]
    question = resolved([messages[at]["content"] for at in asked])
    rounds = _observations(messages[asked[-1] + 1 :])
    plan = plan_for(Question(question, tools))
    try:
        step = next(plan)
        for results in rounds:
            step = plan.send(results)
    except StopIteration as done:
        thought = "现在可以回答了。" if is_chinese(question) else "I can answer now."
        return Decision(thought, answer=done.value)
    number = sum(map(len, rounds))
    calls = [_call(ask, number + at) for at, ask in enumerate(step.calls, start=1)]
    return Decision(step.thought, calls)


def _call(ask: Ask, number: int) -> Call:
    return Call(f"call_{number}", ask.tool, {ask.argument: ask.value})


def _observations(messages: Sequence[Message]) -> list[list[str]]:
    """What the tools told, a list for each round of calls."""
    rounds: list[list[str]] = []
    for message in messages:
        if message["role"] == "assistant":
            rounds.append([])
        else:
            rounds[-1].append(message["content"])
    return rounds


def resolved(questions: Sequence[str]) -> str:
    """The last question, complete in itself: `it` and `what about …` filled from those before."""
    question = questions[0]
    for follow_up in questions[1:]:
        subject = next(iter(places_in(question)), "") or subject_of(question)
        short = re.fullmatch(
            r"(?i)(?:and|what about|how about)(?: in| the)? (.+?)\?*|那么?(.+?)呢[？?]?",
            follow_up.strip(),
        )
        if short and subject in question:
            question = question.replace(subject, short[1] or short[2])
        else:
            question = re.sub(
                r"(?i)\b(?:it|that|there)\b(?!\s+(?:take|be)\b)|它|那里|那儿",
                lambda _, subject=subject: subject,
                follow_up,
                count=1,
            )
    return question


_PIECES = re.compile(r"[A-Za-z]{1,6}|\d{1,3}|\S")


def count_tokens(text: str) -> int:
    """Pieces of up to six letters or three digits, every other character by itself.

    About what a byte-pair tokenizer makes of English and Chinese.
    """
    return len(_PIECES.findall(text))


def _text(message: Message) -> str:
    return f"{message['role']} {message['content'] or ''} {message.get('tool_calls') or ''}"
