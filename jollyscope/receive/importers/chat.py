"""Chat messages of many writers as OpenTelemetry's (`gen_ai.input.messages`): a role and parts.

Understood: OpenAI's chat and responses items, Anthropic's content blocks, ShareGPT's `from` and `value`.
"""

from __future__ import annotations

from typing import Any

from jollyscope.receive.importers.runs import Call
from jollyscope.receive.importers.values import as_json, items, mapping, parsed, text

__all__ = ["ROLES", "calls_of", "is_message", "message_of", "results_of", "role_of", "said"]

ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "bot": "assistant",
    "chatgpt": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "function_call": "assistant",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
    "tool_response": "tool",
    "ipython": "tool",
}
"""Writers' words -> the four roles."""

_ITEMS = {"function_call": "assistant", "function_call_output": "tool", "reasoning": "assistant"}
"""Items of OpenAI's responses API that carry no role."""


def is_message(value: Any) -> bool:
    """Whether this is one message of a conversation."""
    found = mapping(value)
    if isinstance(found.get("from"), str) and "value" in found:
        return True
    if isinstance(found.get("role"), str):
        return bool(found.keys() & {"content", "tool_calls", "function_call", "parts", "text"})
    return str(found.get("type")) in _ITEMS and ("call_id" in found or "summary" in found)


def role_of(message: dict[str, Any]) -> str:
    """`system`, `user`, `assistant` or `tool`; the writer's own word where it is none of the known."""
    word = text(message.get("role")) or text(message.get("from"))
    word = (word or _ITEMS.get(str(message.get("type")), "user")).lower()
    return ROLES.get(word, word)


def _content(message: dict[str, Any]) -> Any:
    for key in ("content", "value", "parts", "text", "summary"):
        if message.get(key) is not None:
            return message[key]
    return None


def message_of(message: dict[str, Any]) -> dict[str, Any]:
    """The message as OpenTelemetry writes it."""
    role = role_of(message)
    made: dict[str, Any] = {"role": role, "parts": _parts(message, role)}
    if role == "assistant":
        reason = text(message.get("finish_reason"))
        made["finish_reason"] = reason or ("tool_call" if calls_of(message) else "stop")
    if text(message.get("name")) and role not in ("tool", "assistant"):
        made["name"] = message["name"]
    return made


def _parts(message: dict[str, Any], role: str) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    thought = text(message.get("reasoning_content")) or text(message.get("reasoning"))
    if thought:
        made.append({"type": "reasoning", "content": thought})
    results = results_of(message) if role in ("tool", "user") else []
    if role == "tool":
        made += [_result(key, result) for key, result in results]
    elif message.get("type") == "reasoning":
        made.append({"type": "reasoning", "content": said(message)})
    elif text(message.get("from")) != "function_call":
        made += _pieces(_content(message))
    made += [_result(key, result) for key, result in results if role != "tool"]
    made += [
        {"type": "tool_call", "id": call.id, "name": call.name, "arguments": parsed(call.arguments)}
        for call in (calls_of(message) if role == "assistant" else [])
    ]
    return made


def _result(key: str | None, result: str) -> dict[str, Any]:
    return {"type": "tool_call_response", "id": key, "response": result}


def _pieces(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [{"type": "text", "content": content}] if content else []
    made: list[dict[str, Any]] = []
    for block in items(content) or ([content] if content else []):
        found = mapping(block)
        kind = str(found.get("type", "text"))
        if isinstance(block, str):
            made.append({"type": "text", "content": block})
        elif kind in ("text", "input_text", "output_text", "refusal", "summary_text"):
            made.append({"type": "text", "content": _words(found)})
        elif kind in ("thinking", "reasoning"):
            made.append({"type": "reasoning", "content": _words(found)})
        elif kind not in ("tool_use", "tool_result", "tool_call"):
            made.append(_media(kind, found))
    return made


def _words(block: dict[str, Any]) -> str:
    for key in ("text", "thinking", "content", "reasoning", "refusal"):
        if isinstance(block.get(key), str):
            return block[key]
    return ""


def _media(kind: str, block: dict[str, Any]) -> dict[str, Any]:
    """An image, sound or file: where it lies, or what it holds."""
    modality = next((word for word in ("image", "audio", "video") if word in kind), "file")
    inner = block.get(kind) or block.get("source") or block.get("image_url")
    uri = mapping(inner).get("url", inner if isinstance(inner, str) else None)
    if isinstance(uri, str) and uri.startswith("data:"):
        head, _, data = uri.partition(",")
        mime = head[5:].split(";")[0]
        return {"type": "blob", "modality": modality, "mime_type": mime, "content": data}
    if isinstance(uri, str):
        return {"type": "uri", "modality": modality, "uri": uri}
    data = mapping(inner).get("data")
    if isinstance(data, str):
        mime = mapping(inner).get("media_type") or mapping(inner).get("format")
        return {"type": "blob", "modality": modality, "mime_type": mime, "content": data}
    return {"type": kind, **{key: value for key, value in block.items() if key != "type"}}


def said(message: dict[str, Any]) -> str:
    """The plain text of a message."""
    pieces = _pieces(_content(message))
    return "\n".join(str(p["content"]) for p in pieces if p["type"] == "text" and p.get("content"))


def calls_of(message: dict[str, Any]) -> list[Call]:
    """The tool calls that a message of the model asks for."""
    made: list[Call] = []
    for given in map(mapping, items(message.get("tool_calls"))):
        inner = mapping(given.get("function")) or given
        made.append(_call(inner, given.get("id")))
    old = mapping(message.get("function_call"))
    if old and not made:
        made.append(_call(old, None))
    if message.get("type") == "function_call":
        made.append(_call(message, message.get("call_id")))
    if text(message.get("from")) == "function_call":
        made.append(_call(mapping(parsed(message.get("value"))), None))
    made += [
        _call({**block, "arguments": block.get("input")}, block.get("id"))
        for block in map(mapping, items(message.get("content")))
        if block.get("type") == "tool_use"
    ]
    return made


def _call(found: dict[str, Any], key: Any) -> Call:
    return Call(text(found.get("name")) or "tool", text(key), found.get("arguments"))


def results_of(message: dict[str, Any]) -> list[tuple[str | None, str]]:
    """What tools returned, as a message says it: the id of the call, where it names one, and the text."""
    if role_of(message) == "tool":
        key = message.get("tool_call_id") or message.get("call_id")
        if key is None and items(message.get("tool_call_ids")):
            key = message["tool_call_ids"][0]
        body = message.get("output") if "output" in message else _content(message)
        return [(text(key), said({"content": body}) if items(body) else as_json(body or ""))]
    return [
        (text(block.get("tool_use_id")), said(block) or as_json(block.get("content") or ""))
        for block in map(mapping, items(message.get("content")))
        if block.get("type") == "tool_result"
    ]
