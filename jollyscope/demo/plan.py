"""Plans: what a skill asks for, how plans run side by side, and the steps that several skills take.

A plan is a generator: it yields the calls that it needs next and is sent what was observed, as
text; what it returns is its answer. So a skill reads like the plan it is, every branch depends on
observations, and the planner can replay it from the messages alone.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from typing import NamedTuple, TypeVar

import msgspec

from jollyscope.demo.reading import (
    Measure,
    Quantity,
    is_chinese,
    quantity_in,
    sentences,
)
from jollyscope.demo.tools.search import Hit, terms

__all__ = [
    "Ask",
    "Plan",
    "Question",
    "Step",
    "calculate",
    "fact",
    "lead",
    "look_at_clocks",
    "search",
    "together",
    "unless_error",
]

T = TypeVar("T")


class Ask(NamedTuple):
    """A call that a skill wants made."""

    tool: str
    argument: str
    value: str


class Step(NamedTuple):
    """Calls to make side by side, and why."""

    thought: str
    calls: list[Ask]


Plan = Generator[Step, list[str], T]


class Question(NamedTuple):
    """What is asked, and the tools there are."""

    text: str
    tools: frozenset[str]

    def says(self, pattern: str) -> re.Match[str] | None:
        """Search for a pattern, whatever its case."""
        return re.search(pattern, self.text, re.IGNORECASE)

    def tell(self, english: str, chinese: str) -> str:
        """In the question's language."""
        return chinese if is_chinese(self.text) else english


def together(plans: Iterable[Plan[T]]) -> Plan[list[T]]:
    """Several plans side by side: in each round, the calls of all of them at once."""
    waiting = dict(enumerate(plans))
    answers: dict[int, T] = {}
    steps: dict[int, Step] = {}
    observed: dict[int, list[str]] = {}
    while True:
        for number, plan in list(waiting.items()):
            try:
                steps[number] = plan.send(observed[number]) if observed else next(plan)
            except StopIteration as done:
                answers[number] = done.value
                del waiting[number]
        if not waiting:
            return [answers[number] for number in sorted(answers)]
        results = yield Step(
            " ".join(dict.fromkeys(steps[number].thought for number in waiting)),
            [call for number in waiting for call in steps[number].calls],
        )
        for number in waiting:
            count = len(steps[number].calls)
            observed[number], results = results[:count], results[count:]


def search(question: Question, query: str) -> Plan[list[Hit]]:
    """Search once; no hits when the search fails."""
    [found] = yield Step(
        question.tell(f"I look for “{query}”.", f"查一下“{query}”。"),
        [Ask("search", "query", query)],
    )
    return [] if found.startswith("error:") else msgspec.json.decode(found, type=list[Hit])


def fact(question: Question, subject: str, measure: Measure) -> Plan[Quantity | None]:
    """A measure of something, from the first passage that has it and is about that thing."""
    for query in (f"{subject} {question.tell(measure.name, measure.chinese)}", subject):
        hits = yield from search(question, query)
        wanted = set(terms(subject))
        for hit in hits:
            if wanted & set(terms(f"{hit.title} {hit.text}")) and (
                quantity := quantity_in(hit.text, measure)
            ):
                return quantity
    return None


def lead(question: Question, topic: str) -> Plan[str]:
    """The first two sentences on a topic."""
    hits = yield from search(question, topic)
    if not hits:
        return question.tell(f"{topic}: nothing found.", f"{topic}：没有查到。")
    joint = question.tell(" ", "")
    return f"{hits[0].title}: {joint.join(sentences(hits[0].text)[:2])}"


def calculate(question: Question, expression: str, why: str = "") -> Plan[str]:
    """The value of an expression, or why there is none."""
    thought = question.tell(f"Now the arithmetic: {expression}.", f"现在计算：{expression}。")
    [result] = yield Step(f"{why} {thought}".strip(), [Ask("calculator", "expression", expression)])
    return unless_error(result)


def look_at_clocks(question: Question, places: list[str]) -> Plan[list[str]]:
    """What the clocks of some places say."""
    return (
        yield Step(
            question.tell(
                f"I look at the clock in {', '.join(places)}.", f"看一下{'、'.join(places)}的时间。"
            ),
            [Ask("clock", "place", place) for place in places],
        )
    )


def unless_error(text: str) -> str:
    """The text, or the bare reason when it is an error."""
    return text.removeprefix("error:").strip()
