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

from jollyscope.model.messages import Part
from jollyscope.semconv.messages.media import clean, media_part, scrubbed
from jollyscope.semconv.messages.reading import (
    as_dict,
    as_list,
    first,
    identifier,
    parsed,
    shown,
    word,
)

__all__ = [
    "block_kind",
    "call_part",
    "is_block",
    "parts_of",
    "result_of",
    "result_part",
    "text_part",
]

Block = dict[str, Any]
Reader = Callable[[Block], Part | None]

_CALL_IDS = ("call_id", "tool_call_id", "toolCallId", "tool_use_id", "toolUseId", "id")
_RESULTS = ("response", "result", "output", "content", "results", "outputs", "tools")
_DETAILS = frozenset({"id", "type", "status", "call_id", "name", "server_label", "caller"})


def parts_of(content: Any, depth: int = 0) -> list[Part]:
    """The parts of a message's content: text, one block, or a list of them. Empty text is left out."""
    if depth > 4:
        return []
    items = as_list(content)
    if items is not None:
        return [part for item in items for part in parts_of(item, depth + 1)]
    block = as_dict(content)
    if block is None:
        made = text_part(content)
    elif isinstance(block.get("parts"), list) and "type" not in block:
        return parts_of(block["parts"], depth + 1)
    else:
        made = _part(block)
    return [] if made is None else [made]


def text_part(value: Any) -> Part | None:
    """A part of plain text; None where there is none."""
    if isinstance(value, bytes):
        return media_part("bytes", None, value)
    text = scrubbed(shown(value))
    return Part(kind="text", text=text) if text else None


def block_kind(block: Block) -> str | None:
    """`text`, `reasoning`, `call`, `result` or `media`; None where it is no block that we know."""
    kind = _kind_by_type(block.get("type"))
    return kind or next((kind for name, kind, _ in _BY_MEMBER if name in block), None)


def is_block(value: Any) -> bool:
    """Whether `value` is a block that says in `type` what it is."""
    block = as_dict(value)
    return block is not None and _kind_by_type(block.get("type")) is not None


def call_part(block: Block) -> Part:
    """A tool call, whatever its members are called."""
    function = as_dict(block.get("function")) or {}
    name = first(block, "name", "toolName", "tool_name") or function.get("name")
    arguments = first(block, "arguments", "input", "args", "parameters")
    if arguments is None:
        arguments = first(function, "arguments", "parameters")
    kind = block.get("type")
    if name is None and arguments is None and isinstance(kind, str):
        # OpenAI's own tools (`web_search_call`, …) carry what they did in members of their own.
        name = kind.removesuffix("_call")
        arguments = {key: value for key, value in block.items() if key not in _DETAILS}
    if arguments is None:
        arguments = block.get(str(kind))  # OTel's `server_tool_call`
    return Part(
        kind="tool_call",
        id=identifier(first(block, *_CALL_IDS)),
        name=word(name),
        arguments=_arguments(arguments),
    )


def result_part(block: Block) -> Part:
    """What a tool gave back, whatever its members are called."""
    result = first(block, *_RESULTS)
    if result is None:
        result = block.get(str(block.get("type")))  # OTel's `server_tool_call_response`
    if block.get("type") == "tool-result":
        value = as_dict(result)
        if value is not None and "value" in value and "type" in value:
            result = value["value"]  # Vercel's `output`, from version 5 on
    return Part(
        kind="tool_result",
        id=identifier(first(block, *_CALL_IDS)),
        name=word(first(block, "name", "toolName", "tool_name")),
        result=result_of(result),
    )


def result_of(value: Any) -> Any:
    """A tool's result as text where it is text, or a list of text blocks; else as JSON values."""
    items = as_list(value)
    if not items:
        return clean(value)
    blocks = [as_dict(item) for item in items]
    if len(blocks) == 1 and blocks[0] is not None and set(blocks[0]) == {"json"}:
        return clean(blocks[0]["json"])  # Bedrock
    texts = [
        block["text"]
        for block in blocks
        if block is not None
        and isinstance(block.get("text"), str)
        and (set(block) == {"text"} or _kind_by_type(block.get("type")) == "text")
    ]
    if len(texts) == len(items):
        return scrubbed("\n".join(texts))
    return [_shown_block(item) for item in items]


def _shown_block(item: Any) -> Any:
    block = as_dict(item)
    if block is None or block_kind(block) != "media":
        return clean(item)
    part = _part(block)
    return clean(item) if part is None else f"[{part.text}]"


def _arguments(value: Any) -> Any:
    return clean(parsed(value) if isinstance(value, str) else value)


def _part(block: Block) -> Part | None:
    kind = _kind_by_type(block.get("type"))
    if kind is not None:
        return _READERS[kind](block)
    for name, _, reader in _BY_MEMBER:
        if name in block:
            return reader(block)
    return None if not block or "cachePoint" in block else _other(block)


def _text(block: Block) -> Part | None:
    value = first(block, "text", "content", "refusal", "value")
    inner = as_dict(value)  # `{"text": {"value": …}}`, as in OpenAI's Assistants
    return text_part(first(inner, "value", "text") if inner else value)


def _reasoning(block: Block) -> Part | None:
    value = first(block, "thinking", "text", "reasoning", "reasoningText", "reasoning_text")
    if not value:
        value = first(block, "content", "summary")
    inner = as_dict(value)
    if inner is not None:
        value = first(inner, "text", "content", "reasoningText")
    texts = as_list(value)
    if texts is not None:
        value = "\n".join(part.text for part in parts_of(texts))
    text = scrubbed(shown(value))
    # Encrypted or redacted: there is nothing to read.
    return Part(kind="reasoning", text=text) if text else None


def _media(block: Block) -> Part | None:
    kind = str(block.get("type"))
    label = next((word for word in ("image", "audio", "video") if word in kind), "file")
    modality = word(block.get("modality"))
    return _media_of(block, modality or label)


def _media_of(block: Block, label: str) -> Part:
    """Media that lies in `block` itself or in the member of it that holds the source."""
    inner: Block = {}
    for name in ("source", "image_url", "input_audio", "file", label, "video_url", "audio_url"):
        value = block.get(name)
        if isinstance(value, dict):
            inner = {**inner, **value, "name": None}
            source = as_dict(inner.get("source"))
            inner = {**inner, **source} if source else inner
        elif isinstance(value, (str, bytes)):
            inner.setdefault("url", value)
    whole = {**block, **{key: value for key, value in inner.items() if value is not None}}
    media_type = word(first(whole, "mime_type", "media_type", "mimeType", "mediaType"))
    form = word(whole.get("format"))
    if media_type is None and form is not None:
        media_type = form if "/" in form else f"{label}/{form}" if label != "file" else form
    source = first(whole, "url", "uri", "data", "file_data", "bytes", "blob", "base64")
    if source is None:
        source = first(whole, "content", "file_url", "fileUri", "file_uri")
    name = word(first(whole, "filename", "file_name", "title"))
    part = media_part(label, media_type, source, name=name)
    file_id = identifier(first(whole, "file_id", "fileId"))
    if source is None and file_id:
        return Part(kind="media", text=part.text, media_type=part.media_type, uri=file_id)
    return part


def _transcribed(block: Block) -> Part | None:
    # The spoken words say more than the sound's size.
    audio = as_dict(block.get("audio")) or {}
    transcript = word(first(audio, "transcript", "audio.transcript"))
    return text_part(transcript) if transcript else _media(block)


def _other(block: Block) -> Part | None:
    return Part(kind="other", text=shown(clean(block)), name=word(block.get("type")))


_READERS: dict[str, Reader] = {
    "text": _text,
    "reasoning": _reasoning,
    "call": call_part,
    "result": result_part,
    "media": _media,
    "audio": _transcribed,
}

_TYPES: dict[str, tuple[str, ...]] = {
    "text": ("text", "input_text", "output_text", "summary_text", "refusal", "text-delta"),
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
        "image", "image_url", "input_image", "image-url", "input_audio", "audio_url", "audio-url",
        "video", "video_url", "video-url", "file", "input_file", "document", "document-url",
        "binary", "blob", "uri", "media", "output_image", "output_audio", "image_file",
    ),
    "audio": ("audio",),
}  # fmt: skip

_KINDS = {name: kind for kind, names in _TYPES.items() for name in names}


def _kind_by_type(type_: Any) -> str | None:
    return _KINDS.get(type_) if isinstance(type_, str) else None


def _gemini_text(block: Block) -> Part | None:
    return _reasoning(block) if block.get("thought") is True else _text(block)


def _inner(name: str, reader: Callable[[Block], Part | None]) -> Reader:
    def read(block: Block) -> Part | None:
        inner = as_dict(block.get(name))
        return None if inner is None else reader(inner)

    return read


def _gemini_response(block: Block) -> Part:
    part = result_part(block)
    result = as_dict(part.result)
    if result is not None and len(result) == 1:
        # The API's own wrapping of results that are no objects.
        result = first(result, "result", "output")
    return part if result is None else _with_result(part, result)


def _with_result(part: Part, result: Any) -> Part:
    return Part(kind="tool_result", id=part.id, name=part.name, result=result)


def _executable(block: Block) -> Part:
    return Part(kind="tool_call", name="code_execution", arguments=clean(block))


def _executed(block: Block) -> Part:
    return Part(kind="tool_result", name="code_execution", result=clean(block))


def _media_named(name: str, label: str) -> Reader:
    return _inner(name, lambda inner: _media_of(inner, label))


def _gemini_media(name: str) -> Reader:
    def read(inner: Block) -> Part:
        kind = str(first(inner, "mime_type", "mimeType") or "").partition("/")[0]
        return _media_of(inner, kind if kind in ("image", "audio", "video") else "file")

    return _inner(name, read)


_BY_MEMBER: tuple[tuple[str, str, Reader], ...] = (
    ("functionCall", "call", _inner("functionCall", call_part)),
    ("function_call", "call", _inner("function_call", call_part)),
    ("functionResponse", "result", _inner("functionResponse", _gemini_response)),
    ("function_response", "result", _inner("function_response", _gemini_response)),
    ("inlineData", "media", _gemini_media("inlineData")),
    ("inline_data", "media", _gemini_media("inline_data")),
    ("fileData", "media", _gemini_media("fileData")),
    ("file_data", "media", _gemini_media("file_data")),
    ("executableCode", "call", _inner("executableCode", _executable)),
    ("executable_code", "call", _inner("executable_code", _executable)),
    ("codeExecutionResult", "result", _inner("codeExecutionResult", _executed)),
    ("code_execution_result", "result", _inner("code_execution_result", _executed)),
    ("toolUse", "call", _inner("toolUse", call_part)),
    ("toolResult", "result", _inner("toolResult", result_part)),
    ("reasoningContent", "reasoning", _inner("reasoningContent", _reasoning)),
    ("image", "media", _media_named("image", "image")),
    ("video", "media", _media_named("video", "video")),
    ("document", "media", _media_named("document", "file")),
    ("toolName", "call", call_part),
    ("text", "text", _gemini_text),
)
"""Shapes told by the one member they have: member, kind, reader. The first that is there counts."""
