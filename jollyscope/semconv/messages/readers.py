"""What the blocks of all providers have in common: text, thoughts, calls, results, media.

A member's meaning is the same wherever it stands; only its name differs. The names are gathered
here, and `blocks` says which block is of which kind.
"""

from __future__ import annotations

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
    "Block",
    "call_part",
    "media_of",
    "other_part",
    "read_media",
    "read_reasoning",
    "read_text",
    "result_of",
    "result_part",
    "text_part",
]

Block = dict[str, Any]

TEXT_TYPES = ("text", "input_text", "output_text", "summary_text", "refusal", "text-delta")

_CALL_IDS = ("call_id", "tool_call_id", "toolCallId", "tool_use_id", "toolUseId", "id")
_NAMES = ("name", "toolName", "tool_name")
_RESULTS = ("response", "result", "output", "content", "results", "outputs", "tools")
_SOURCES = ("url", "uri", "data", "file_data", "bytes", "blob", "base64", "content", "file_url",
            "fileUri", "file_uri")  # fmt: skip
_HOLDERS = ("source", "image_url", "input_audio", "file", "video_url", "audio_url", "image_file")
_MEDIA_TYPES = ("mime_type", "media_type", "mimeType", "mediaType")
_NO_ARGUMENTS = frozenset({"id", "type", "status", "call_id", "name", "server_label", "caller"})


def text_part(value: Any) -> Part | None:
    """A part of plain text; None where there is none."""
    if isinstance(value, bytes):
        return media_part("bytes", None, value)
    text = scrubbed(shown(value))
    return Part(kind="text", text=text) if text else None


def other_part(block: Block) -> Part | None:
    """A block of a kind that we do not know: its text where it has some, else all of it as JSON."""
    if set(block) == {"type"}:
        return None  # a marker, such as Vercel's `step-start`
    text = word(first(block, "content", "text")) or shown(clean(block))
    return Part(kind="other", text=scrubbed(text), name=word(block.get("type")))


def read_text(block: Block) -> Part | None:
    """Plain text; also what a model refused with."""
    value = first(block, "text", "content", "refusal", "value")
    inner = as_dict(value)  # `{"text": {"value": …}}`, as in OpenAI's Assistants
    return text_part(first(inner, "value", "text") if inner else value)


def read_reasoning(block: Block) -> Part | None:
    """A thought; None where it is encrypted or redacted, since there is nothing to read."""
    value = first(block, "thinking", "text", "reasoning", "reasoningText", "reasoning_text")
    if not value:
        value = first(block, "content", "summary")
    inner = as_dict(value)
    if inner is not None:
        value = first(inner, "text", "content")
    pieces = as_list(value)
    if pieces is not None:
        value = "\n".join(text for piece in pieces if (text := _piece(piece)))
    text = scrubbed(shown(value))
    return Part(kind="reasoning", text=text) if text else None


def _piece(value: Any) -> str | None:
    block = as_dict(value)
    return word(value) if block is None else word(first(block, "text", "content"))


def call_part(block: Block) -> Part:
    """A tool call, whatever its members are called."""
    function = as_dict(block.get("function")) or {}
    name = first(block, *_NAMES) or function.get("name")
    arguments = first(block, "arguments", "input", "args", "parameters")
    if arguments is None:
        arguments = first(function, "arguments", "parameters")
    kind = str(block.get("type"))
    if name is None and arguments is None:
        # OpenAI's own tools (`web_search_call`, …) say what they did in members of their own.
        name = kind.removesuffix("_call")
        arguments = {key: value for key, value in block.items() if key not in _NO_ARGUMENTS}
    if arguments is None:
        arguments = block.get(kind)  # OpenTelemetry's `server_tool_call`
    return Part(
        kind="tool_call",
        id=identifier(first(block, *_CALL_IDS)),
        name=word(name),
        arguments=clean(parsed(arguments) if isinstance(arguments, str) else arguments),
    )


def result_part(block: Block) -> Part:
    """What a tool gave back, whatever its members are called."""
    result = first(block, *_RESULTS)
    if result is None:
        result = block.get(str(block.get("type")))  # OpenTelemetry's `server_tool_call_response`
    if block.get("type") == "tool-result":
        value = as_dict(result)
        if value is not None and "value" in value and "type" in value:
            result = value["value"]  # Vercel's `output`, from version 5 on
    return Part(
        kind="tool_result",
        id=identifier(first(block, *_CALL_IDS)),
        name=word(first(block, *_NAMES)),
        result=result_of(result),
    )


def result_of(value: Any) -> Any:
    """A tool's result as text where it is text, or a list of text blocks; else as JSON values."""
    items = as_list(value)
    if not items:
        return clean(value)
    texts = [_plain_text(item) for item in items]
    if None not in texts:
        return scrubbed("\n".join(text for text in texts if text is not None))
    only = as_dict(items[0])
    if len(items) == 1 and only is not None and set(only) == {"json"}:
        return clean(only["json"])  # Bedrock
    return clean(items)


def _plain_text(value: Any) -> str | None:
    block = as_dict(value)
    if block is None or not isinstance(block.get("text"), str):
        return None
    return block["text"] if len(block) == 1 or block.get("type") in TEXT_TYPES else None


def read_media(block: Block) -> Part | None:
    """A picture, sound, film or file. Of sound the transcript where there is one: the words."""
    spoken = as_dict(block.get("audio"))
    if spoken and word(spoken.get("transcript")):
        return text_part(spoken["transcript"])
    kind = str(block.get("type"))
    label = next((label for label in ("image", "audio", "video") if label in kind), "file")
    return media_of(block, word(block.get("modality")) or label)


def media_of(block: Block, label: str) -> Part:
    """Media whose source lies in `block` itself, or in a member that holds it."""
    whole = {**block, **_held(block, label)}
    media_type = word(first(whole, *_MEDIA_TYPES))
    form = word(whole.get("format"))
    if media_type is None and form is not None:
        media_type = form if "/" in form or label == "file" else f"{label}/{form}"
    source = first(whole, *_SOURCES)
    name = word(first(whole, "filename", "file_name", "title"))
    part = media_part(label, media_type, source, name=name)
    file_id = identifier(first(whole, "file_id", "fileId"))
    if source is not None or file_id is None:
        return part
    return Part(kind="media", text=part.text, media_type=part.media_type, uri=file_id)


def _held(block: Block, label: str) -> Block:
    held: Block = {}
    for name in (*_HOLDERS, label):
        value = block.get(name)
        inner = as_dict(value)
        if inner is not None:
            held |= {key: item for key, item in inner.items() if item is not None}
            held |= as_dict(inner.get("source")) or {}  # Bedrock: `image.source.bytes`
        elif isinstance(value, (str, bytes)):
            held.setdefault("url", value)
    return held
