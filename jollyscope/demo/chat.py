"""What the agent and its planner tell each other: chat messages one way, decisions the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from jollyscope.demo.tools.base import Tool

__all__ = ["Call", "Decision", "Message", "Planner", "PlannerError", "Usage"]

Message = dict[str, Any]
"""A message of OpenAI's chat completions API: `role`, `content`, `tool_calls`, `tool_call_id`."""


class PlannerError(Exception):
    """The planner cannot decide: its endpoint is away or answers nonsense."""


class Call(msgspec.Struct, frozen=True):
    """A tool to call."""

    id: str
    tool: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{self.tool}({arguments})"


class Usage(msgspec.Struct, frozen=True):
    """Tokens that a decision took; None where unknown."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class Decision(msgspec.Struct, frozen=True):
    """What to do next: call tools, side by side, or give the answer."""

    thought: str
    calls: Sequence[Call] = ()
    answer: str | None = None
    """Set if and only if there are no calls."""
    usage: Usage = Usage()

    def asks(self) -> list[str]:
        """The calls as text, so that the same call made again can be told."""
        return [str(call) for call in self.calls]

    def __str__(self) -> str:
        lines = [self.thought or self.answer or "", *(f"→ {call}" for call in self.asks())]
        return "\n".join(line for line in lines if line)

    def message(self) -> Message:
        """The decision as the assistant's message."""
        calls = [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": call.tool,
                    "arguments": msgspec.json.encode(call.arguments).decode(),
                },
            }
            for call in self.calls
        ]
        return {"role": "assistant", "content": self.thought or None, "tool_calls": calls}


class Planner(Protocol):
    """Decides the next step from the messages so far."""

    @property
    def model(self) -> str: ...

    @property
    def provider(self) -> str: ...

    async def decide(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Decision:
        """Raises `PlannerError`."""
        ...
