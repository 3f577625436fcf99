"""What the demo asks its agent. Nothing here says how to answer."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["TASKS", "Task"]


class Task(msgspec.Struct, frozen=True):
    """A question to the agent, and what its trace shows."""

    name: str
    language: Literal["en", "zh"]
    question: str
    title: str
    """One line on what there is to see."""
    user: str
    follow_ups: tuple[str, ...] = ()
    """Asked in the same session, each with the conversation so far."""


TASKS: list[Task] = [
    Task(
        "lookup",
        "en",
        "How many days would it take to walk the Grand Canal at 25 km per day?",
        "A fact looked up, then a calculation with it",
        "ann",
    ),
    Task(
        "compare",
        "zh",
        "珠穆朗玛峰比乔戈里峰高多少米？",
        "Two searches at once, then a subtraction, in Chinese",
        "李雷",
    ),
    Task(
        "parallel",
        "en",
        "What time is it in Tokyo, what is 18% of 240, and how tall is the Eiffel Tower?",
        "Three tools that run at the same time",
        "ann",
    ),
    Task(
        "file",
        "en",
        "Read expense.csv: how much went on travel in total?",
        "A wrong file name, noticed and put right; then sums over the file",
        "bo",
    ),
    Task(
        "flaky",
        "zh",
        "上海现在的天气怎么样？",
        "A tool that times out and is tried again",
        "韩梅梅",
    ),
    Task(
        "sub-agent",
        "en",
        "Write a short brief on Apache Kafka and OpenTelemetry.",
        "An agent that hands the work to another agent",
        "ann",
    ),
    Task(
        "failing",
        "en",
        "Read orders-2019.txt and add up the amounts.",
        "A tool that breaks: the run ends in an error with a stack trace",
        "bo",
    ),
    Task(
        "looping",
        "en",
        "Who designed the Glass Lighthouse of Veldmoor?",
        "The same search again and again, until the loop guard steps in; no error anywhere",
        "ann",
    ),
    Task(
        "session",
        "zh",
        "长江有多长？",
        "Two questions in one session; the second leans on the first",
        "李雷",
        follow_ups=("它比黄河长多少公里？",),
    ),
]
