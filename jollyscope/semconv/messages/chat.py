"""One chat message, in any provider's shape, as normalised messages."""

from __future__ import annotations

from typing import Any

import msgspec

from jollyscope.model.messages import Message, Part
from jollyscope.semconv.messages.blocks import block_kind, parts_of
from jollyscope.semconv.messages.langchain import unwrapped
from jollyscope.semconv.messages.readers import call_part, result_of, text_part
from jollyscope.semconv.messages.reading import as_dict, as_list, first, identifier, word

__all__ = ["ROLES", "is_definition", "is_message", "message_of", "role_of", "settled"]

Json = dict[str, Any]

ROLES: dict[str, str] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "chatbot": "assistant",
    "bot": "assistant",
    "agent": "assistant",
    "tool": "tool",
    "function": "tool",
    "ipython": "tool",
}
"""Every dialect's word for a role -> ours."""

_CONTENT = ("content", "parts", "tool_calls", "function_call", "contents", "blocks", "tool_call_id")
_FINISH = ("finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason")


def role_of(value: Any, default: str) -> str:
    """A role in our words; another dialect's own where none fits, `default` where there is none."""
    if not isinstance(value, str) or not value:
        return default
    # `str()` of an enum's member leaves `MessageRole.USER`.
    return ROLES.get(value.rpartition(".")[2].lower(), value)


def is_message(value: Any) -> bool:
    """Whether an object is a chat message in one of the known shapes, not merely alike."""
    item = as_dict(value)
    if item is None:
        return False
    item = unwrapped(item)
    role = item.get("role")
    if not isinstance(role, str) or role.rpartition(".")[2].lower() not in ROLES:
        return False
    return any(name in item for name in _CONTENT)


def is_definition(item: Json) -> bool:
    """Whether a "message" is a tool's definition: Langfuse lists those after a call's messages."""
    content = as_dict(item.get("content"))
    if content is None or item.get("role") != "tool" or content.get("type") != "function":
        return False
    return isinstance(content.get("function"), dict) and _call_id(item) is None


def message_of(item: Json, default: str, finish_reason: str | None = None) -> list[Message]:
    """The message `item` as one or more: a tool message of ours holds one result.

    `default` is the role where it names none.
    """
    item = unwrapped(item)
    role = role_of(item.get("role"), default)
    parts = _tool_parts(item) if role == "tool" else _said(item)
    reason = finish_reason or word(first(item, *_FINISH)) or _langchain_finish(item)
    name = word(item.get("name")) if role != "tool" else None
    return settled(Message(role=role, parts=parts, name=name, finish_reason=reason))


def settled(message: Message) -> list[Message]:
    """`message` with each tool result in a message of its own, in order.

    Providers differ: one tool message a result, or several results in a user's message. A result
    in the assistant's own message (a tool that the provider ran) stays where it is.
    """
    results = sum(part.kind == "tool_result" for part in message.parts)
    if message.role == "assistant" or not results:
        return [message]
    made: list[Message] = []
    for part in message.parts:
        if part.kind == "tool_result":
            made.append(Message(role="tool", parts=[part]))
        elif made and made[-1].role != "tool":
            made[-1].parts.append(part)
        else:
            role = "user" if message.role == "tool" else message.role
            made.append(msgspec.structs.replace(message, role=role, parts=[part]))
    return made


def _tool_parts(item: Json) -> list[Part]:
    if "parts" in item and "content" not in item:
        return parts_of(item["parts"])
    content = first(item, "content", "contents")
    blocks = as_list(content) or []
    if any(block_kind(as_dict(block) or {}) == "result" for block in blocks):
        return parts_of(blocks)
    if content is None and not _call_id(item) and not word(item.get("name")):
        return []
    return [
        Part(
            kind="tool_result",
            id=_call_id(item),
            name=word(first(item, "name", "tool_name")),
            result=result_of("" if content is None else content),
        )
    ]


def _call_id(item: Json) -> str | None:
    return identifier(first(item, "tool_call_id", "toolCallId", "tool_use_id"))


def _said(item: Json) -> list[Part]:
    parts: list[Part] = []
    thought = first(item, "reasoning_content", "reasoning", "thinking")
    if isinstance(thought, str) and thought:
        parts.append(Part(kind="reasoning", text=thought))
    for name in ("parts", "content", "contents", "blocks"):
        if item.get(name) is not None:
            parts += parts_of(item[name])
            break
    parts += _extras(item)
    seen = {part.id for part in parts if part.kind == "tool_call"}
    unnamed = any(part.kind == "tool_call" and part.id is None for part in parts)
    for call in _calls(item):
        # LangChain repeats as `tool_calls` what Anthropic's content blocks say already.
        if call.id not in seen and not unnamed:
            parts.append(call)
    return parts


def _extras(item: Json) -> list[Part]:
    refusal = text_part(item.get("refusal")) if isinstance(item.get("refusal"), str) else None
    audio = as_dict(item.get("audio"))
    spoken = parts_of({"type": "audio", "audio": audio}) if audio else []
    pictures = as_list(item.get("images")) or []
    return [
        *([refusal] if refusal else []),
        *spoken,
        *(part for image in pictures for part in parts_of(_picture(image))),
    ]


def _picture(image: Any) -> Json:
    # Ollama lists bare base64; OpenRouter lists blocks.
    return as_dict(image) or {"type": "image", "image": image}


def _calls(item: Json) -> list[Part]:
    made: list[Part] = []
    for name in ("tool_calls", "toolCalls", "invalid_tool_calls"):
        for call in as_list(item.get(name)) or []:
            block = as_dict(call)
            if block is not None:
                made.append(call_part(block))
    function = as_dict(item.get("function_call"))
    if function and not made:
        made.append(call_part(function))
    return made


def _langchain_finish(item: Json) -> str | None:
    about = as_dict(item.get("response_metadata")) or {}
    return word(first(about, *_FINISH))
