"""Pydantic AI beside the conventions: whole histories on the agent's span, events as an attribute.

`pydantic_ai.all_messages` (instrumentation version 2 and later) holds OpenTelemetry's messages,
`all_messages_events` and a model request's `events` (version 1) hold bodies of per-message events.
https://ai.pydantic.dev/logfire/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jollyscope.model.messages import Conversation, Message
from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages.otel import from_message_events
from jollyscope.semconv.messages.reading import as_dict, as_list, read
from jollyscope.semconv.messages.shapes import messages_in, system_message, with_system

__all__ = ["ALL_EVENTS", "ALL_MESSAGES", "EVENTS", "from_history", "from_listed_events"]

ALL_MESSAGES = "pydantic_ai.all_messages"
ALL_EVENTS = "all_messages_events"
EVENTS = "events"


def from_history(attributes: Mapping[str, Any], events: Sequence[SpanEvent]) -> Conversation:
    """The run's messages: what the assistant said last is the output."""
    messages = messages_in(attributes.get(ALL_MESSAGES), "user", declared=True)
    if not messages:
        return Conversation()
    system = system_message(read(attributes.get("gen_ai.system_instructions")))
    return _split(with_system(system, messages))


def from_listed_events(attributes: Mapping[str, Any], events: Sequence[SpanEvent]) -> Conversation:
    """Per-message events listed in an attribute, each naming itself in `event.name`."""
    for name in (EVENTS, ALL_EVENTS):
        bodies = [as_dict(item) for item in as_list(read(attributes.get(name))) or []]
        named = [(str(body.get("event.name")), body) for body in bodies if body is not None]
        made = from_message_events(named)
        if made:
            return made if made.output else _split(made.input)
    return Conversation()


def _split(messages: list[Message]) -> Conversation:
    # Results may follow it: an output tool's, where the answer is a tool call.
    last = next((at for at in range(len(messages) - 1, -1, -1) if messages[at].role != "tool"), 0)
    if not messages or messages[last].role != "assistant":
        return Conversation(input=messages)
    return Conversation(input=messages[:last], output=messages[last:])
