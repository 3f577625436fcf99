"""The loop itself, with planners and tools made for the test."""

import asyncio
from collections.abc import Sequence

import pytest

from jollyscope.demo.agent import Agent
from jollyscope.demo.chat import Call, Decision, Message
from jollyscope.demo.tools import Tool, ToolError


class Scripted:
    """A planner that calls one tool again and again, then answers."""

    model = provider = "test"

    def __init__(self, *rounds: list[str], answer: str = "done") -> None:
        self.rounds = list(rounds)
        self.answer = answer
        self.seen: list[Message] = []

    async def decide(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Decision:
        self.seen = list(messages)
        if not self.rounds:
            return Decision("", answer=self.answer)
        names = self.rounds.pop(0)
        return Decision("", [Call(f"c{i}", name, {}) for i, name in enumerate(names)])


def tool(name: str, outcomes: list[str | Exception], attempts: int = 1) -> Tool:
    async def function() -> str:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return Tool(name, name, {}, function, attempts)


async def test_results_reach_the_planner_in_the_order_of_the_calls() -> None:
    async def slow() -> str:
        await asyncio.sleep(0.02)
        return "slow"

    planner = Scripted(["slow", "fast"])
    agent = Agent(planner, [Tool("slow", "", {}, slow), tool("fast", ["fast"])])
    assert await agent.answer("?", [{"role": "user", "content": "before"}]) == "done"
    assert [(m["role"], m["content"]) for m in planner.seen[1:]] == [
        ("user", "before"),
        ("user", "?"),
        ("assistant", None),
        ("tool", "slow"),
        ("tool", "fast"),
    ]


async def test_what_a_tool_refuses_is_told_to_the_planner() -> None:
    planner = Scripted(["picky"], ["nosuch"])
    await Agent(planner, [tool("picky", [ToolError("not that")])]).answer("?")
    told = [m["content"] for m in planner.seen if m["role"] == "tool"]
    assert told == ["error: not that", "error: There is no tool nosuch."]


async def test_a_broken_tool_ends_the_run_after_its_neighbours() -> None:
    ended: list[str] = []

    async def neighbour() -> str:
        await asyncio.sleep(0.02)
        ended.append("neighbour")
        return ""

    agent = Agent(
        Scripted(["broken", "neighbour"]),
        [tool("broken", [KeyError("bug")]), Tool("neighbour", "", {}, neighbour)],
    )
    with pytest.raises(KeyError):
        await agent.answer("?")
    assert ended == ["neighbour"]


async def test_timeouts_are_retried_and_then_end_the_run() -> None:
    late = TimeoutError("late")
    agent = Agent(Scripted(["t"]), [tool("t", [late, "there"], attempts=2)])
    assert await agent.answer("?") == "done"
    agent = Agent(Scripted(["t"]), [tool("t", [late, late, "never"], attempts=2)])
    with pytest.raises(TimeoutError):
        await agent.answer("?")


async def test_the_guards_end_loops() -> None:
    looping = Agent(Scripted(*[["t"]] * 20), [tool("t", ["same"] * 20)], max_repeats=3)
    assert "t() was called 3 times" in await looping.answer("?")
    long = Agent(Scripted(*[["t"]] * 20), [tool("t", ["same"] * 20)], max_steps=5, max_repeats=99)
    assert "No answer after 5 steps" in await long.answer("?")
