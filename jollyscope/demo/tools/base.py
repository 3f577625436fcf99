"""What a tool is: a name, a description, text parameters, and an async function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

__all__ = ["Tool", "ToolError"]


class ToolError(Exception):
    """The tool cannot do what it was asked, and says why.

    The planner is told and may try something else. Any other exception is an outage or a bug in
    the tool and ends the run.
    """


class Tool(msgspec.Struct, frozen=True):
    """A tool and what a planner has to know to call it."""

    name: str
    description: str
    parameters: Mapping[str, str]
    """Name and description of each parameter. All are text and all are required."""
    function: Callable[..., Awaitable[str]]
    attempts: int = 1
    """How often the agent tries in all when the tool times out."""

    async def __call__(self, arguments: Mapping[str, Any]) -> str:
        """Call the function. Raises `ToolError` on arguments that do not fit."""
        if set(arguments) != set(self.parameters):
            raise ToolError(f"{self.name} takes {', '.join(self.parameters)}.")
        for name, value in arguments.items():
            if not isinstance(value, str):
                raise ToolError(f"{name} must be text, not {value!r}.")
        return await self.function(**arguments)

    def schema(self) -> dict[str, Any]:
        """The tool as the chat completions API wants it described."""
        properties = {
            name: {"type": "string", "description": text} for name, text in self.parameters.items()
        }
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": {
                    "type": "object",
                    "properties": properties,
                    "required": list(properties),
                },
            },
        }
