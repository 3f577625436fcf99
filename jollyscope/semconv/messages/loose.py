"""Content blocks that stand by themselves, outside any message.

So are the items of OpenAI's Responses (`function_call`, `function_call_output`, `reasoning`, beside
`message`), Vercel's lists of tool calls, and content logged without its message.
"""

from __future__ import annotations

from typing import Any

import msgspec

from jollyscope.model.messages import Message
from jollyscope.semconv.messages.blocks import block_kind, is_block, parts_of
from jollyscope.semconv.messages.chat import is_message, message_of, settled

__all__ = ["is_item", "loose"]

Json = dict[str, Any]

_ROLES = {"call": "assistant", "reasoning": "assistant", "result": "tool"}


def loose(blocks: list[Json], role: str, declared: bool) -> list[Message]:
    """Calls and thoughts as the assistant's, results as a tool's, the rest as `role`'s.

    What the assistant did in a row is one message. Text and media alone are a message only where
    the place is `declared` to hold messages: tools return such lists too.
    """
    if not blocks or not (declared or any(_speaks(block) for block in blocks)):
        return []
    made: list[Message] = []
    for block in blocks:
        if block.get("type") == "message":
            _join(made, message_of(block, role))
            continue
        kind = block_kind(block)
        parts = parts_of(block) if kind else []
        if parts:
            _join(made, [Message(role=_ROLES.get(str(kind), role), parts=parts)])
    return [message for joined in made for message in settled(joined)]


def is_item(item: Json) -> bool:
    """An item of OpenAI's Responses, or a block outside any message."""
    if item.get("type") == "message" and "role" in item:
        return True
    return "role" not in item and (is_block(item) or "toolCallId" in item)


def _speaks(block: Json) -> bool:
    """Whether a loose block can only be a chat's."""
    if block.get("type") == "message":
        return is_message(block)
    return block_kind(block) in ("call", "reasoning", "result")


def _join(made: list[Message], more: list[Message]) -> None:
    """Append, taking what the assistant did in one turn as one message."""
    for message in more:
        last = made[-1] if made else None
        if last is not None and last.role == message.role == "assistant":
            last.parts.extend(message.parts)
            reason = message.finish_reason or last.finish_reason
            made[-1] = msgspec.structs.replace(last, finish_reason=reason)
        else:
            made.append(message)
