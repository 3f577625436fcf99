"""Chat messages in one form, whatever convention a span carried them in.

The roles and kinds of part follow OpenTelemetry's semantic conventions for generative AI
(`gen_ai.input.messages`, https://opentelemetry.io/docs/specs/semconv/gen-ai/).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

__all__ = ["Conversation", "Message", "Part", "PartKind"]

PartKind = Literal["text", "reasoning", "tool_call", "tool_result", "media", "other"]


class Part(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """One piece of a message."""

    kind: PartKind
    text: str = ""
    """What it says. Of a tool call: empty. Of media: a placeholder such as `image/png, 12 kB`."""
    id: str | None = None
    """The tool call's id, in a call and in its result."""
    name: str | None = None
    """The tool's name."""
    arguments: Any = None
    """Of a tool call: its arguments as JSON values where they are an object or an array, else the text
    as it came. Media in it as placeholders, here and in `result`."""
    result: Any = None
    """Of a tool result: as JSON values or text, as it came."""
    media_type: str | None = None
    """Of media: MIME type, or `image`, `audio`, `file` where no more is known."""
    uri: str | None = None
    """Of media: where it lies, when it is not inline. Never a `data:` URI."""


class Message(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """What one party said in one turn."""

    role: str
    """`system`, `user`, `assistant` or `tool`; another dialect's word only where none of these fits.
    A `tool` message holds one result."""
    parts: list[Part] = []
    name: str | None = None
    """Of the participant, where given."""
    finish_reason: str | None = None

    @property
    def text(self) -> str:
        """The plain text of the message, without reasoning and tools."""
        return "\n".join(part.text for part in self.parts if part.kind == "text")


class Conversation(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True):
    """What went into a model call, system instructions first, and what came out."""

    input: list[Message] = []
    output: list[Message] = []

    def __bool__(self) -> bool:
        return bool(self.input or self.output)
