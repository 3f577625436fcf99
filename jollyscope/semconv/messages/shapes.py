"""Requests, responses and lists of messages, in any provider's shape, as normalised messages.

Nothing here knows attributes: a value comes in, messages come out, none where it holds none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from jollyscope.model.messages import Message, Part
from jollyscope.semconv.messages.blocks import block_kind, parts_of
from jollyscope.semconv.messages.chat import is_definition, is_message, message_of
from jollyscope.semconv.messages.langchain import unwrapped
from jollyscope.semconv.messages.loose import is_item, loose
from jollyscope.semconv.messages.media import clean
from jollyscope.semconv.messages.readers import text_part
from jollyscope.semconv.messages.reading import as_dict, as_list, first, parsed, read, shown, word

__all__ = ["messages_in", "messages_of", "said", "system_message"]

Json = dict[str, Any]

_DEEPEST = 8
"""Wrappers and lists unwrapped around a message."""


def messages_of(value: Any) -> list[Message]:
    """The chat messages that `value` holds: a list of them, an object that wraps one, one message.

    `value` is a raw attribute value or text. Only what is surely chat counts: plain text, or an
    object that merely has a `role`, gives none. Never raises; linear.
    """
    return messages_in(value)


def messages_in(value: Any, role: str = "user", *, declared: bool = False) -> list[Message]:
    """As `messages_of`. `role` is of messages that name none.

    `declared`: the place is one for messages, so that any role counts, loose content blocks are a
    message's, and plain text is one too.
    """
    whole = read(value)
    made = _Reading(role, declared).of(whole, 0)
    if made or not declared or not whole:
        return made
    return said(value if isinstance(value, str) else shown(clean(whole)), role)


def system_message(value: Any) -> list[Message]:
    """System instructions (text, content blocks, or an object with `parts`) as one message."""
    parts = parts_of(value if not isinstance(value, str) else parsed_blocks(value))
    return [Message(role="system", parts=parts)] if parts else []


def parsed_blocks(text: str) -> Any:
    """`text`, or the content blocks that it spells as JSON, all of them known."""
    if not text.startswith("["):
        return text
    value = parsed(text)
    items = as_list(value)
    return items if items and all(_known(item) for item in items) else text


def _known(item: Any) -> bool:
    block = as_dict(item)
    return block is not None and block_kind(block) is not None


def said(text: Any, role: str) -> list[Message]:
    """One message of plain text; none where there is no text."""
    part = text_part(text)
    return [Message(role=role, parts=[part])] if part else []


def _opened(value: Any) -> Any:
    """A member of a decoded value, decoded once more where it is JSON text itself."""
    return parsed(value) if isinstance(value, str) else value


class _Reading(msgspec.Struct):
    """How one value is read: what it is taken for where it does not say."""

    role: str
    declared: bool

    def of(self, value: Any, depth: int) -> list[Message]:
        if depth > _DEEPEST:
            return []
        items = as_list(value)
        if items is not None:
            return self.listed(items, depth)
        item = as_dict(value)
        if item is None:
            return said(value, self.role) if self.declared and isinstance(value, str) else []
        if is_message(item) or (self.declared and _named_role(item)):
            return message_of(item, self.role)
        for names, reader in _WRAPPERS:
            if any(name in item for name in names):
                made = reader(self, item, depth)
                if made:
                    return made
        if self.declared and block_kind(item) is None and ("parts" in item or "content" in item):
            return message_of(item, self.role)
        return loose([item], self.role, self.declared)

    def listed(self, items: list[Any], depth: int) -> list[Message]:
        """A list of messages, of lists of them, of Responses' items, or of loose blocks."""
        made: list[Message] = []
        blocks: list[Json] = []
        for entry in items:
            item = as_dict(parsed(entry) if isinstance(entry, str) else entry)
            if item is not None and is_item(item):
                blocks.append(item)
                continue
            if item is not None and is_definition(item):
                continue
            found = self.of(entry if item is None else item, depth + 1)
            if not found and entry:
                if not self.declared and not ((made or blocks) and _is_typed(item)):
                    return []
                found = self.unknown(entry)
            made += loose(blocks, self.role, self.declared)
            blocks = []
            made += found
        return made + loose(blocks, self.role, self.declared)

    def unknown(self, entry: Any) -> list[Message]:
        """An entry among messages that is in no known shape, whole."""
        parts = parts_of(entry)
        return [Message(role=self.role, parts=parts)] if parts else []


def _is_typed(item: Json | None) -> bool:
    # Providers add kinds of items: a new one among known ones is no reason to drop them all.
    return item is not None and isinstance(item.get("type"), str)


def _named_role(item: Json) -> bool:
    return isinstance(unwrapped(item).get("role"), str)


Wrapper = Callable[[_Reading, Json, int], list[Message]]


def _choices(reading: _Reading, item: Json, depth: int) -> list[Message]:
    """OpenAI's `choices` and Gemini's `candidates`: one message each."""
    made: list[Message] = []
    for entry in as_list(first(item, "choices", "candidates")) or []:
        choice = as_dict(entry) or {}
        reason = word(first(choice, "finish_reason", "finishReason"))
        message = as_dict(first(choice, "message", "content", "delta"))
        if message is not None:
            made += message_of(message, "assistant", reason)
        elif isinstance(choice.get("text"), str):
            part = text_part(choice["text"])
            parts: list[Part] = [part] if part else []
            made.append(Message(role="assistant", parts=parts, finish_reason=reason))
    return made


def _request(reading: _Reading, item: Json, depth: int) -> list[Message]:
    """A request or a state: messages, and system instructions beside them."""
    value = first(item, "messages", "contents")
    inner = _Reading("user", reading.declared or as_list(item.get("contents")) is not None)
    messages = inner.of(_opened(value), depth + 1)
    if isinstance(item.get("contents"), str):
        messages = said(item["contents"], "user")
    return with_system(_instructions(item), messages) if messages else []


def _instructions(item: Json) -> list[Message]:
    names = ("system", "system_instruction", "systemInstruction", "instructions", "systemPrompt")
    value = first(item, *names)
    if value is None:
        value = first(as_dict(item.get("config")) or {}, *names)
    return system_message(value)


def with_system(system: list[Message], messages: list[Message]) -> list[Message]:
    """`system` before `messages`, unless they begin with the same words already."""
    if system and messages and messages[0].role == "system" and messages[0].text == system[0].text:
        return messages
    return system + messages


def _response(reading: _Reading, item: Json, depth: int) -> list[Message]:
    """A response: OpenAI's Responses (`output` a list), Bedrock's (`output.message`)."""
    output = first(item, "output", "outputs")
    items = as_list(output)
    made = _Reading("assistant", items is not None and item.get("object") == "response").of(
        _opened(output), depth + 1
    )
    reason = word(first(item, "stopReason", "stop_reason", "finish_reason"))
    return _finished(made, reason)


def _finished(messages: list[Message], reason: str | None) -> list[Message]:
    if not reason or not messages or messages[-1].finish_reason:
        return messages
    return [*messages[:-1], msgspec.structs.replace(messages[-1], finish_reason=reason)]


def _asked(reading: _Reading, item: Json, depth: int) -> list[Message]:
    """A Responses request (`input`, `instructions`), or a wrapper of that name."""
    value = first(item, "input", "inputs")
    if isinstance(value, str) and "instructions" in item:
        messages = said(value, "user")
    else:
        messages = _Reading("user", reading.declared and isinstance(value, list)).of(
            _opened(value), depth + 1
        )
    return with_system(_instructions(item), messages) if messages else []


def _one(reading: _Reading, item: Json, depth: int) -> list[Message]:
    """One message in a wrapper: Gemini's and ADK's `content`, Ollama's and Bedrock's `message`."""
    inner = as_dict(first(item, "content", "message", "new_message", "newMessage"))
    if inner is None or not (is_message(inner) or "parts" in inner):
        return []
    reason = word(first(item, "finish_reason", "finishReason", "stopReason", "done_reason"))
    return message_of(inner, reading.role, reason)


def _generations(reading: _Reading, item: Json, depth: int) -> list[Message]:
    """LangChain's `LLMResult`: a list of generations for every prompt."""
    made: list[Message] = []
    for row in as_list(item["generations"]) or []:
        for entry in as_list(row) or [row]:
            generation = as_dict(entry) or {}
            about = as_dict(generation.get("generation_info")) or {}
            reason = word(first(about, "finish_reason", "finishReason", "stop_reason"))
            message = as_dict(generation.get("message"))
            if message is not None:
                made += message_of(message, "assistant", reason)
            elif isinstance(generation.get("text"), str):
                made += _finished(said(generation["text"], "assistant"), reason)
    return made


def _prompted(reading: _Reading, item: Json, depth: int) -> list[Message]:
    """Plain prompts: Vercel's `{system, prompt}`, a completion's `prompt`, LangChain's `prompts`."""
    if not reading.declared:
        return []
    value = first(item, "prompt", "prompts")
    texts = as_list(value)
    if texts is not None and all(isinstance(text, str) for text in texts):
        messages = [message for text in texts for message in said(text, "user")]
    else:
        messages = _Reading("user", declared=True).of(_opened(value), depth + 1)
    return with_system(_instructions(item), messages)


def _inside(*names: str) -> Wrapper:
    """The first of the named members that holds messages."""

    def wrapper(reading: _Reading, item: Json, depth: int) -> list[Message]:
        for name in names:
            if name in item:
                made = _Reading(reading.role, declared=False).of(_opened(item[name]), depth + 1)
                if made:
                    return made
        return []

    return wrapper


_WRAPPERS: tuple[tuple[tuple[str, ...], Wrapper], ...] = (
    (("choices", "candidates"), _choices),
    (("messages", "contents"), _request),
    (("generations",), _generations),
    (("output", "outputs"), _response),
    (("input", "inputs"), _asked),
    (("content", "message", "new_message", "newMessage"), _one),
    (("prompt", "prompts"), _prompted),
    (("response", "request", "kwargs", "args", "update", "data", "body"), _inside(
        "response", "request", "kwargs", "args", "update", "data", "body")),
)  # fmt: skip
"""Members that say an object wraps messages, and how. The first that yields some counts."""
