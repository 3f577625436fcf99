"""OpenTelemetry's generative AI conventions: messages as attributes, and as events.

Newest: `gen_ai.system_instructions`, `gen_ai.input.messages`, `gen_ai.output.messages`, on the span
or on the event `gen_ai.client.inference.operation.details`. Before 1.37: one event a message
(`gen_ai.user.message`, …, `gen_ai.choice`). Before 1.28: `gen_ai.content.prompt` and
`gen_ai.content.completion`, and attributes of the same content.
https://opentelemetry.io/docs/specs/semconv/gen-ai/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jollyscope.model.messages import Conversation, Message
from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages.chat import message_of
from jollyscope.semconv.messages.reading import as_dict, first, parsed, plain, read, word
from jollyscope.semconv.messages.shapes import (
    messages_in,
    parsed_blocks,
    system_message,
    with_system,
)

__all__ = [
    "CHOICE",
    "CONTENT",
    "DETAILS",
    "ROLE_OF_EVENT",
    "from_attributes",
    "from_content",
    "from_details",
    "from_events",
    "from_message_events",
]

Attributes = Mapping[str, Any]
Events = Sequence[SpanEvent]

SYSTEM = "gen_ai.system_instructions"
INPUT = "gen_ai.input.messages"
OUTPUT = "gen_ai.output.messages"
DETAILS = "gen_ai.client.inference.operation.details"
CHOICE = "gen_ai.choice"
CONTENT = ("gen_ai.content.prompt", "gen_ai.content.completion")
ROLE_OF_EVENT = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}

_BODIES = ("gen_ai.event.content", "event_body", "body")


def from_attributes(attributes: Attributes, events: Events) -> Conversation:
    """The newest: three attributes, structured or as JSON text."""
    system = system_message(read(attributes.get(SYSTEM)))
    messages = messages_in(attributes.get(INPUT), "user", declared=True)
    output = messages_in(attributes.get(OUTPUT), "assistant", declared=True)
    return Conversation(input=with_system(system, messages), output=output)


def from_details(attributes: Attributes, events: Events) -> Conversation:
    """The same attributes on the one event of the operation."""
    for event in events:
        if event.name == DETAILS:
            return from_attributes(event.attributes, ())
    return Conversation()


def from_events(attributes: Attributes, events: Events) -> Conversation:
    """One event a message; what it says in its attributes or in a body kept as one of them."""
    return from_message_events((event.name, _body(event.attributes)) for event in events)


def from_message_events(events: Iterable[tuple[str, dict[str, Any]]]) -> Conversation:
    """Names and bodies of per-message events: choices are the output, the rest the input."""
    messages: list[Message] = []
    output: list[Message] = []
    for name, body in events:
        role = ROLE_OF_EVENT.get(name)
        if role is not None:
            messages += message_of(_message(body, role), role)
        elif name == CHOICE:
            output += _choice(body)
    return Conversation(input=messages, output=output)


def from_content(attributes: Attributes, events: Events) -> Conversation:
    """The oldest: whole prompt and completion, on two events or on the span."""
    found = dict(attributes)
    for event in events:
        if event.name in CONTENT:
            found |= event.attributes
    return Conversation(
        input=messages_in(found.get("gen_ai.prompt"), "user", declared=True),
        output=messages_in(found.get("gen_ai.completion"), "assistant", declared=True),
    )


def _body(attributes: Attributes) -> dict[str, Any]:
    # A text that looks like JSON stays the text it is; what else is there are structures.
    made = {
        name: plain(value) if name in ("content", "message") else read(value)
        for name, value in attributes.items()
        if name not in _BODIES
    }
    for name in _BODIES:
        made |= as_dict(read(attributes.get(name))) or {}
    return made


def _message(body: dict[str, Any], role: str) -> dict[str, Any]:
    content = body.get("content")
    made = {**body, "role": word(body.get("role")) or role}
    if isinstance(content, str):
        made["content"] = parsed_blocks(content)
    if role == "tool":
        # The tool call's id is plain `id` here.
        made["tool_call_id"] = first(body, "id", "tool_call_id")
    return made


def _choice(body: dict[str, Any]) -> list[Message]:
    message = first(body, "message", "content")
    inner = as_dict(parsed(message) if isinstance(message, str) else message) or {}
    if any(name in inner for name in ("content", "tool_calls", "parts")):
        inner = {"tool_calls": body.get("tool_calls"), **inner}
    else:
        inner = {**body, "content": message}
    return message_of(_message(inner, "assistant"), "assistant", word(body.get("finish_reason")))
