"""OpenLLMetry (Traceloop): messages flattened under `gen_ai.prompt.N`, earlier `llm.prompts.N`.

https://www.traceloop.com/docs/openllmetry/contributing/semantic-conventions
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jollyscope.model.messages import Conversation, Message
from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages.chat import message_of
from jollyscope.semconv.messages.flat import branch
from jollyscope.semconv.messages.reading import as_dict, plain
from jollyscope.semconv.messages.shapes import parsed_blocks

__all__ = ["INPUTS", "OUTPUTS", "from_attributes"]

INPUTS = ("gen_ai.prompt.", "llm.prompts.")
OUTPUTS = ("gen_ai.completion.", "llm.completions.")


def from_attributes(attributes: Mapping[str, Any], events: Sequence[SpanEvent]) -> Conversation:
    """Messages by index; content may be text or content blocks as JSON text."""
    return Conversation(
        input=_messages(attributes, INPUTS, "user"),
        output=_messages(attributes, OUTPUTS, "assistant"),
    )


def _messages(attributes: Mapping[str, Any], prefixes: tuple[str, ...], role: str) -> list[Message]:
    for prefix in prefixes:
        made: list[Message] = []
        for entry in branch(attributes, prefix):
            item = as_dict(plain(entry))
            if item is not None and ("role" in item or "content" in item or "tool_calls" in item):
                content = item.get("content")
                if isinstance(content, str) and item.get("role") != "tool":
                    item = {**item, "content": parsed_blocks(content)}
                made += message_of(item, role)
        if made:
            return made
    return []
