"""One block of a message's content, in any provider's shape, as a part.

The shapes: OpenTelemetry's message parts (https://opentelemetry.io/docs/specs/semconv/gen-ai/),
OpenAI's Chat Completions and Responses (https://platform.openai.com/docs/api-reference),
Anthropic's Messages (https://docs.anthropic.com/en/api/messages), Gemini's `Part`
(https://ai.google.dev/api/caching#Part), Bedrock's `ContentBlock`
(https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html), Vercel's
AI SDK (https://ai-sdk.dev/docs/reference/ai-sdk-core/model-message) and LangChain's content blocks.
Most say what they are in `type`; Gemini and Bedrock by the one member they have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from jollyscope.model.messages import Part
from jollyscope.semconv.messages.media import clean
from jollyscope.semconv.messages.readers import (
    TEXT_TYPES,
    Block,
    call_part,
    media_of,
    other_part,
    read_media,
    read_reasoning,
    read_text,
    result_part,
    text_part,
)
from jollyscope.semconv.messages.reading import as_dict, as_list, first

__all__ = ["block_kind", "is_block", "parts_of"]

Reader = Callable[[Block], Part | None]

_DEEPEST = 4
"""Lists in lists of blocks."""


def parts_of(content: Any, depth: int = 0) -> list[Part]:
    """The parts of a message's content: text, a block, or a list of them. Empty text is left out."""
    if depth > _DEEPEST:
        return []
    items = as_list(content)
    if items is not None:
        return [part for item in items for part in parts_of(item, depth + 1)]
    block = as_dict(content)
    if block is not None and isinstance(block.get("parts"), list) and "type" not in block:
        return parts_of(block["parts"], depth + 1)
    made = text_part(content) if block is None else _part(block)
    return [] if made is None else [made]


def block_kind(block: Block) -> str | None:
    """`text`, `reasoning`, `call`, `result` or `media`; None where it is no block that we know."""
    kind = _kind_by_type(block.get("type"))
    return kind or next((kind for name, kind, _ in _BY_MEMBER if name in block), None)


def is_block(value: Any) -> bool:
    """Whether `value` is a block that says in `type` what it is."""
    block = as_dict(value)
    return block is not None and _kind_by_type(block.get("type")) is not None


def _part(block: Block) -> Part | None:
    kind = _kind_by_type(block.get("type"))
    if kind is not None:
        return _READERS[kind](block)
    for name, _, reader in _BY_MEMBER:
        if name in block:
            return reader(block)
    return None if not block or "cachePoint" in block else other_part(block)


_READERS: dict[str, Reader] = {
    "text": read_text,
    "reasoning": read_reasoning,
    "call": call_part,
    "result": result_part,
    "media": read_media,
}

_TYPES: dict[str, tuple[str, ...]] = {
    "text": TEXT_TYPES,
    "reasoning": (
        "reasoning", "thinking", "redacted_thinking", "redacted-reasoning", "reasoning_content",
        "reasoning_text", "reasoning-text",
    ),
    "call": (
        "tool_call", "tool-call", "tool_use", "server_tool_use", "mcp_tool_use", "function_call",
        "server_tool_call", "custom_tool_call", "function", "mcp_call", "tool_call_chunk",
        "invalid_tool_call", "web_search_call", "file_search_call", "code_interpreter_call",
        "image_generation_call", "computer_call", "local_shell_call", "shell_call",
        "apply_patch_call",
    ),
    "result": (
        "tool_call_response", "tool-result", "tool_result", "tool-error", "function_call_output",
        "server_tool_call_response", "custom_tool_call_output", "mcp_tool_result",
        "web_search_tool_result", "web_fetch_tool_result", "code_execution_tool_result",
        "bash_code_execution_tool_result", "text_editor_code_execution_tool_result",
        "computer_call_output", "local_shell_call_output", "shell_call_output",
        "apply_patch_call_output", "tool_response", "server_tool_result",
    ),
    "media": (
        "image", "image_url", "input_image", "image-url", "audio", "input_audio", "audio_url",
        "audio-url", "video", "video_url", "video-url", "file", "input_file", "document",
        "document-url", "binary", "blob", "uri", "media", "output_image", "output_audio",
        "image_file",
    ),
}  # fmt: skip
"""Kind -> every dialect's `type` for it."""

_KINDS = {name: kind for kind, names in _TYPES.items() for name in names}


def _kind_by_type(type_: Any) -> str | None:
    return _KINDS.get(type_) if isinstance(type_, str) else None


def _inner(name: str, reader: Reader) -> Reader:
    def read(block: Block) -> Part | None:
        inner = as_dict(block.get(name))
        return None if inner is None else reader(inner)

    return read


def _gemini_text(block: Block) -> Part | None:
    return read_reasoning(block) if block.get("thought") is True else read_text(block)


def _gemini_response(block: Block) -> Part:
    part = result_part(block)
    wrapped = as_dict(part.result)
    if wrapped is None or len(wrapped) != 1:
        return part
    # The API's own wrapping of results that are no objects.
    value = first(wrapped, "result", "output")
    return part if value is None else msgspec.structs.replace(part, result=value)


def _gemini_media(block: Block) -> Part:
    label = str(first(block, "mime_type", "mimeType")).partition("/")[0]
    return media_of(block, label if label in ("image", "audio", "video") else "file")


def _executable(block: Block) -> Part:
    return Part(kind="tool_call", name="code_execution", arguments=clean(block))


def _executed(block: Block) -> Part:
    return Part(kind="tool_result", name="code_execution", result=clean(block))


def _picture(name: str, label: str) -> Reader:
    def read(block: Block) -> Part | None:
        inner = as_dict(block.get(name))
        return media_of(block if inner is None else inner, label)

    return read


_BY_MEMBER: tuple[tuple[str, str, Reader], ...] = (
    ("functionCall", "call", _inner("functionCall", call_part)),
    ("function_call", "call", _inner("function_call", call_part)),
    ("functionResponse", "result", _inner("functionResponse", _gemini_response)),
    ("function_response", "result", _inner("function_response", _gemini_response)),
    ("inlineData", "media", _inner("inlineData", _gemini_media)),
    ("inline_data", "media", _inner("inline_data", _gemini_media)),
    ("fileData", "media", _inner("fileData", _gemini_media)),
    ("file_data", "media", _inner("file_data", _gemini_media)),
    ("executableCode", "call", _inner("executableCode", _executable)),
    ("executable_code", "call", _inner("executable_code", _executable)),
    ("codeExecutionResult", "result", _inner("codeExecutionResult", _executed)),
    ("code_execution_result", "result", _inner("code_execution_result", _executed)),
    ("toolUse", "call", _inner("toolUse", call_part)),
    ("toolResult", "result", _inner("toolResult", result_part)),
    ("reasoningContent", "reasoning", _inner("reasoningContent", read_reasoning)),
    ("image", "media", _picture("image", "image")),
    ("audio", "media", _picture("audio", "audio")),
    ("video", "media", _picture("video", "video")),
    ("document", "media", _picture("document", "file")),
    ("toolName", "call", call_part),
    ("text", "text", _gemini_text),
)
"""Shapes told by the one member they have: member, kind, reader. The first that is there counts."""
