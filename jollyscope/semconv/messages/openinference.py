"""OpenInference: messages flattened into attributes.

https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from jollyscope.model.messages import Conversation, Message
from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages.chat import message_of
from jollyscope.semconv.messages.flat import branch, unflattened
from jollyscope.semconv.messages.reading import as_dict, as_list, first, plain, read
from jollyscope.semconv.messages.shapes import said

__all__ = ["CHOICES", "INPUT", "OUTPUT", "PROMPTS", "from_attributes"]

Json = dict[str, Any]

INPUT = "llm.input_messages"
OUTPUT = "llm.output_messages"
PROMPTS = "llm.prompts"
CHOICES = "llm.choices"


def from_attributes(attributes: Mapping[str, Any], events: Sequence[SpanEvent]) -> Conversation:
    """Chat messages, else a completion's prompts and choices."""
    return Conversation(
        input=_messages(attributes, INPUT, "user") or _texts(attributes, PROMPTS, "prompt", "user"),
        output=_messages(attributes, OUTPUT, "assistant")
        or _texts(attributes, CHOICES, "completion", "assistant"),
    )


def _messages(attributes: Mapping[str, Any], name: str, role: str) -> list[Message]:
    made: list[Message] = []
    for entry in _entries(attributes, name):
        item = as_dict(entry)
        if item is not None:
            made += message_of(_chat(as_dict(item.get("message")) or item), role)
    return made


def _entries(attributes: Mapping[str, Any], name: str) -> list[Any]:
    found = branch(attributes, name + ".")
    # Phoenix exports the lists whole, with dotted or nested names inside.
    return found or [_nested(item) for item in as_list(read(attributes.get(name))) or []]


def _nested(item: Any) -> Any:
    members = as_dict(item)
    if members is None:
        return item
    pairs = [(name, _nested_value(value)) for name, value in members.items()]
    return unflattened(pairs) if any("." in name for name in members) else dict(pairs)


def _nested_value(value: Any) -> Any:
    items = as_list(value)
    return [_nested(item) for item in items] if items is not None else value


def _chat(message: Json) -> Json:
    """The convention's message as a chat message."""
    made: Json = {name: plain(value) for name, value in message.items()}
    contents = [_content(item) for item in as_list(message.get("contents")) or []]
    if contents:
        made["contents"] = contents
        made.pop("content", None)
    calls = [_call(item) for item in as_list(message.get("tool_calls")) or []]
    made["tool_calls"] = calls
    if message.get("function_call_name"):
        made["function_call"] = {
            "name": message["function_call_name"],
            "arguments": message.get("function_call_arguments_json"),
        }
    return made


def _call(item: Any) -> Json:
    members = as_dict(item) or {}
    return cast(Json, plain(as_dict(members.get("tool_call")) or members))


def _content(item: Any) -> Json:
    members = as_dict(item) or {}
    content: Json = plain(as_dict(members.get("message_content")) or members)
    for label in ("image", "audio", "video"):
        # `image.image.url` flattened: the type's own object, its members named after it again.
        inner = as_dict(content.get(label))
        if inner is not None:
            content[label] = as_dict(inner.get(label)) or inner
            content.setdefault("type", label)
    if content.get("type") == "tool_use":
        call = _call(content)
        return {**call, "type": "tool_use"}
    return content


def _texts(attributes: Mapping[str, Any], name: str, wrapper: str, role: str) -> list[Message]:
    made: list[Message] = []
    entries = branch(attributes, name + ".") or as_list(read(attributes.get(name))) or []
    for entry in entries:
        item = as_dict(_nested(entry))
        if item is None:
            made += said(plain(entry), role)
        elif "content" not in item:  # else OpenLLMetry's older messages
            inner = as_dict(item.get(wrapper)) or item
            made += said(plain(first(inner, "text")), role)
    return made
