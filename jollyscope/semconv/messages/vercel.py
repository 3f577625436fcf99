"""Vercel's AI SDK: `ai.prompt.messages` of a provider's call, `ai.prompt` of the call around it.

https://ai-sdk.dev/docs/ai-sdk-core/telemetry
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jollyscope.model.messages import Conversation, Message, Part
from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages.blocks import parts_of
from jollyscope.semconv.messages.readers import call_part, text_part
from jollyscope.semconv.messages.reading import as_dict, as_list, read, shown, word
from jollyscope.semconv.messages.shapes import messages_in, parsed_blocks

__all__ = ["PREFIXES", "from_attributes"]

PREFIXES = ("ai.response.", "ai.result.")
"""Of the answer's attributes: from version 4 of the SDK on, and before."""


def from_attributes(attributes: Mapping[str, Any], events: Sequence[SpanEvent]) -> Conversation:
    """The answer is put together from its text, reasoning, tool calls, object and files."""
    messages = messages_in(attributes.get("ai.prompt.messages"), "user", declared=True)
    if not messages:
        messages = messages_in(attributes.get("ai.prompt"), "user", declared=True)
    for prefix in PREFIXES:
        parts = _answer(attributes, prefix)
        if parts:
            reason = attributes.get(prefix + "finishReason") or attributes.get("ai.finishReason")
            message = Message(role="assistant", parts=parts, finish_reason=word(reason))
            return Conversation(input=messages, output=[message])
    return Conversation(input=messages)


def _answer(attributes: Mapping[str, Any], prefix: str) -> list[Part]:
    parts = _reasoning(attributes.get(prefix + "reasoning"))
    for name in ("text", "object"):
        value = attributes.get(prefix + name)
        part = text_part(value if isinstance(value, str) else shown(read(value)))
        if part is not None:
            parts.append(part)
    calls = read(attributes.get(prefix + "toolCalls"))
    parts += [call_part(call) for item in as_list(calls) or [] if (call := as_dict(item))]
    for item in as_list(read(attributes.get(prefix + "files"))) or []:
        file = as_dict(item)
        if file is not None:
            parts += parts_of({**file, "type": "file"})
    return parts


def _reasoning(value: Any) -> list[Part]:
    # Text, or from version 5 on a list of reasoning parts.
    content = parsed_blocks(value) if isinstance(value, str) else read(value)
    items = as_list(content) or ([{"text": content}] if content else [])
    blocks = [block for item in items if (block := as_dict(item))]
    return [part for block in blocks for part in parts_of({**block, "type": "reasoning"})]
