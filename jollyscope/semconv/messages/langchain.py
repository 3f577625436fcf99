"""LangChain's dumps of messages as chat messages.

Three forms: the object itself (`{"type": "human", "content": …}`), the same under `data`
(`messages_to_dict`), and the constructor's arguments (`{"lc": 1, "type": "constructor", "id":
[…, "HumanMessage"], "kwargs": {…}}`, `langchain_core.load.dumpd`).
"""

from __future__ import annotations

from typing import Any

from jollyscope.semconv.messages.reading import as_dict, as_list

__all__ = ["unwrapped"]

Json = dict[str, Any]

_TYPES = {
    "human": "user",
    "user": "user",
    "ai": "assistant",
    "assistant": "assistant",
    "system": "system",
    "tool": "tool",
    "function": "tool",
    "developer": "system",
}
"""`type` of a message, its class's name without `Message` -> role."""

_ADDED = ("tool_calls", "function_call", "reasoning_content", "audio", "refusal")


def unwrapped(item: Json) -> Json:
    """A LangChain message as a chat message with `role`; anything else as it is."""
    if "additional_kwargs" not in item and "role" in item:
        return item
    kwargs = as_dict(item.get("kwargs"))
    type_: Any = item.get("type")
    if kwargs is not None and ("lc" in item or type_ == "constructor"):
        path = as_list(item.get("id")) or [None]
        item, type_ = kwargs, kwargs.get("type") or path[-1]
    data = as_dict(item.get("data"))
    if data is not None and "content" in data and _role(type_):
        item = data
    if "content" not in item:
        return item
    role = item.get("role") or _role(type_)
    return item if role is None else _plain(item, role)


def _role(type_: Any) -> str | None:
    if not isinstance(type_, str):
        return None
    return _TYPES.get(type_.removesuffix("Chunk").removesuffix("Message").lower())


def _plain(item: Json, role: str) -> Json:
    made = {**item, "role": role}
    made.pop("id", None)  # of the message, not of a call
    added = as_dict(item.get("additional_kwargs")) or {}
    for name in _ADDED:
        if added.get(name) and not made.get(name):
            made[name] = added[name]
    if made.get("tool_calls"):
        made.pop("function_call", None)
    return made
