"""The one text that a step's input or output comes down to, out of messages or JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from jollyscope.model.messages import Conversation, Message, Part
from jollyscope.semconv.rules import as_text, decoded

__all__ = ["answer", "arguments", "question", "result", "text_within", "user_text"]

ASKED: tuple[str, ...] = (
    "messages",
    "prompt",
    "query",
    "question",
    "user_input",
    "user_message",
    "user_prompt",
    "human_input",
    "message",
    "task",
    "goal",
    "request",
    "text",
    "content",
    "input",
    "inputs",
    "kwargs",
    "args",
)
"""Keys of a JSON object under which programs put what the user asked, likeliest first."""

ANSWERED: tuple[str, ...] = (
    "messages",
    "raw",
    "final_output",
    "final_answer",
    "answer",
    "response",
    "output",
    "outputs",
    "result",
    "completion",
    "generated_text",
    "message",
    "text",
    "content",
)
"""Likewise for what the program answered."""

_DEEPEST = 5
_VOICES = {
    **dict.fromkeys(("user", "human"), ASKED),
    **dict.fromkeys(("assistant", "ai"), ANSWERED),
    **dict.fromkeys(("system", "tool", "developer"), ()),
}
"""Roles of LangChain's short form of messages, `[["user", "hi"]]`, and whose words they are."""


def question(conversation: Conversation) -> str | None:
    """What is new in a model call: the last message that is neither the model's nor the system's."""
    return _last(conversation.input, without=("assistant", "system", "developer"))


def user_text(conversation: Conversation) -> str | None:
    """What the user said last, else what is new."""
    users = [message for message in conversation.input if message.role == "user"]
    return _last(users, without=()) or question(conversation)


def answer(conversation: Conversation) -> str | None:
    """What the model said; for an answer of tool calls alone, a line a call."""
    turn: list[Message] = []
    # A graph's output is its whole history: only what comes after the last other voice is new.
    for message in reversed(conversation.output):
        if message.role != "assistant":
            break
        turn.insert(0, message)
    parts = [part for message in turn or conversation.output[-1:] for part in message.parts]
    return (
        _lines(part.text for part in parts if part.kind == "text")
        or _lines(_call(part) for part in parts if part.kind == "tool_call")
        or _lines(_shown(part) for part in parts if part.kind != "tool_call")
    )


def arguments(conversation: Conversation) -> str | None:
    """A tool's arguments, where they come as a message."""
    parts = [part for message in conversation.input for part in message.parts]
    for part in parts:
        if part.kind == "tool_call":
            return as_text(part.arguments)
    return _lines(map(_shown, parts))


def result(conversation: Conversation) -> str | None:
    """A tool's result, where it comes as a message."""
    parts = [part for message in conversation.output for part in message.parts]
    results = [part for part in parts if part.kind == "tool_result"]
    return _lines(map(_shown, results or parts))


def text_within(value: str, keys: tuple[str, ...]) -> str | None:
    """The text under the likeliest of `keys` in a JSON object's text, or that a JSON string is; None
    where there is none."""
    held = decoded(value)
    return None if held == value else _found(held, keys, 0)


def _found(value: Any, keys: tuple[str, ...], depth: int) -> str | None:
    if isinstance(value, str):
        return value or None
    if depth == _DEEPEST:
        return None
    if isinstance(value, list):
        items = cast(list[Any], value)
        pairs = [pair for item in items if (pair := _pair(item))]
        if items and len(pairs) == len(items):
            return next((text for role, text in reversed(pairs) if _VOICES[role] is keys), None)
        return _found(items[0], keys, depth + 1) if len(items) == 1 else None
    if isinstance(value, dict):
        held = cast(dict[str, Any], value)
        for key in keys:
            text = _found(held.get(key), keys, depth + 1)
            if text is not None:
                return text
    return None


def _pair(value: Any) -> tuple[str, str] | None:
    item = cast(list[Any], value) if isinstance(value, list) else []
    if len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], str):
        return (item[0], item[1]) if item[0] in _VOICES else None
    return None


def _last(messages: list[Message], without: tuple[str, ...]) -> str | None:
    for message in reversed(messages):
        if message.role not in without:
            text = _lines(_shown(part) for part in message.parts if part.kind != "reasoning")
            if text:
                return text
    return None


def _shown(part: Part) -> str:
    if part.kind == "tool_call":
        return _call(part)
    if part.kind == "tool_result" and part.result is not None:
        return as_text(part.result) or ""
    return part.text


def _call(part: Part) -> str:
    return f"{part.name or 'tool'}({as_text(part.arguments) or ''})"


def _lines(texts: Iterable[str]) -> str | None:
    return "\n".join(text for text in texts if text) or None
