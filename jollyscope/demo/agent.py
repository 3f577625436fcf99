"""A ReAct agent in one loop: think, act, observe, until there is an answer.

Everything that JollyScope needs is in the `with jollyscope.…` lines; without them this is the
agent, unchanged.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import jollyscope
from jollyscope.demo.chat import Call, Decision, Message, Planner
from jollyscope.demo.tools import Tool, ToolError

__all__ = ["Agent"]

INSTRUCTIONS = (
    "Answer the user's question in the user's language. Use the tools for facts, files, times, "
    "weather and every calculation; call several at once where they do not depend on each other."
)
BACKOFF = 0.06
"""Seconds before the second attempt; twice as long before each further one."""


class Agent:
    """Answers questions with a planner that decides and tools that it may use."""

    def __init__(
        self,
        planner: Planner,
        tools: Sequence[Tool],
        *,
        name: str = "assistant",
        max_steps: int = 8,
        max_repeats: int = 4,
    ) -> None:
        self.planner = planner
        self.tools = {tool.name: tool for tool in tools}
        self.name = name
        self.max_steps = max_steps
        self.max_repeats = max_repeats
        self.trace_id = ""
        """The trace of the latest question, there even if the run failed."""

    async def answer(self, question: str, history: Sequence[Message] = ()) -> str:
        """The answer to a question. `history` is the conversation before it.

        Raises what a tool raised when it is broken, and `PlannerError`.
        """
        with jollyscope.run(self.name, input=question) as run:
            self.trace_id = run.trace_id
            answer = await self.loop(
                [
                    {"role": "system", "content": INSTRUCTIONS},
                    *history,
                    {"role": "user", "content": question},
                ]
            )
            with jollyscope.respond() as step:
                step.output(answer)
            run.output(answer)
            return answer

    async def loop(self, messages: list[Message]) -> str:
        """Think, act, observe: until the planner answers, repeats itself or takes too long."""
        called: Counter[str] = Counter()
        stopped = f"No answer after {self.max_steps} steps."
        for _ in range(self.max_steps):
            decision = await self.think(messages)
            if decision.answer is not None:
                return decision.answer

            called.update(decision.asks())
            again, times = called.most_common(1)[0]
            if times > self.max_repeats:
                stopped = f"{again} was called {self.max_repeats} times and told nothing new."
                break

            results = await self.act_all(decision.calls)
            messages.append(decision.message())
            for call, result in zip(decision.calls, results, strict=True):
                jollyscope.observe_now(result, name=call.tool)
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})

        jollyscope.observe_now(stopped, name="loop guard")
        return f"I could not find out, and stopped myself. {stopped}"

    async def think(self, messages: list[Message]) -> Decision:
        """Let the planner decide what to do next."""
        planner = self.planner
        with jollyscope.think(
            "plan", model=planner.model, provider=planner.provider, input=list(messages)
        ) as step:
            decision = await planner.decide(messages, list(self.tools.values()))
            step.output(str(decision))
            step.usage(
                input_tokens=decision.usage.input_tokens,
                output_tokens=decision.usage.output_tokens,
                cached_tokens=decision.usage.cached_tokens,
                reasoning_tokens=decision.usage.reasoning_tokens,
            )
            return decision

    async def act_all(self, calls: Sequence[Call]) -> list[str]:
        """Make all the calls at once; when one breaks, let the others end first."""
        outcomes = await asyncio.gather(*map(self.act, calls), return_exceptions=True)
        results: list[str] = []
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
            results.append(outcome)
        return results

    async def act(self, call: Call) -> str:
        """Call a tool, again if it times out. What it refuses to do is told to the planner."""
        tool = self.tools.get(call.tool)
        attempts = tool.attempts if tool else 1
        for attempt in range(1, attempts + 1):
            try:
                with jollyscope.act(call.tool, input=call.arguments, call_id=call.id) as step:
                    if attempt > 1:
                        step.attribute("retry.attempt", attempt)
                    if tool is None:
                        raise ToolError(f"There is no tool {call.tool}.")
                    result = await tool(call.arguments)
                    step.output(result)
                    return result
            except ToolError as error:
                return f"error: {error}"
            except TimeoutError:
                if attempt == attempts:
                    raise
                await asyncio.sleep(BACKOFF * 2 ** (attempt - 1))
        raise AssertionError("a tool is tried at least once")

    def as_tool(self, description: str) -> Tool:
        """This agent as a tool of another one: its runs nest in the other's."""
        return Tool(
            name=self.name,
            description=description,
            parameters={"question": "What to find out."},
            function=self.answer,
        )
