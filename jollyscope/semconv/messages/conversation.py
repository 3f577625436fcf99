"""The conversation of one span, chosen among all that its attributes and events carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from jollyscope.model.messages import Conversation, Message, Part
from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages.reading import as_list, read, word
from jollyscope.semconv.messages.sources import ATTRIBUTES, EVENTS, PREFIXES, SOURCES, Source

__all__ = ["conversation", "has_messages"]


def has_messages(attributes: Mapping[str, Any], events: Sequence[SpanEvent]) -> bool:
    """Whether a span may carry messages: False means that `conversation` is empty.

    Looks at names only, never at values.
    """
    if not ATTRIBUTES.isdisjoint(attributes):
        return True
    if events and any(event.name in EVENTS for event in events):
        return True
    return any(name.startswith(PREFIXES) for name in attributes)


def conversation(
    attributes: Mapping[str, Any],
    events: Sequence[SpanEvent] = (),
    *,
    scope: str = "",
    name: str = "",
) -> Conversation:
    """The normalised chat messages of a span, from its raw attributes (wire form) and events.

    Empty where it has none. Of several sources (`sources.SOURCES`) each side takes one, so nothing
    is doubled. `scope` and `name`, the instrumentation scope's and the span's, decide nothing so
    far: every source is known by its own names. Never raises; linear in what the span carries.
    """
    if not has_messages(attributes, events):
        return Conversation()
    made: dict[str, list[Message]] = {"input": [], "output": []}
    present = [source for source in SOURCES if _present(source, attributes, events)]
    for _, tier in groupby(present, key=lambda source: source.tier):
        open_sides = [side for side, messages in made.items() if not _told(messages)]
        if not open_sides:
            break
        found = [source.read(attributes, events) for source in tier]
        for side in open_sides:
            made[side] = _richest([made[side], *(getattr(one, side) for one in found)])
    output = _finished(made["output"], attributes)
    names: dict[str, str] = {}
    return Conversation(input=_named(made["input"], names), output=_named(output, names))


def _present(source: Source, attributes: Mapping[str, Any], events: Sequence[SpanEvent]) -> bool:
    return (
        any(name in attributes for name in source.attributes)
        or any(event.name in source.events for event in events)
        or (bool(source.prefixes) and any(name.startswith(source.prefixes) for name in attributes))
    )


def _told(messages: list[Message]) -> bool:
    """Whether a side is found: system instructions alone are part of one."""
    return any(message.role != "system" for message in messages)


def _richest(candidates: list[list[Message]]) -> list[Message]:
    # `max` takes the first of equals: the order of the table.
    return max(candidates, key=_richness)


def _richness(messages: list[Message]) -> int:
    """How much a list of messages says: parts, and what is known of each."""
    return sum(
        bool(message.finish_reason) + sum(map(_known, message.parts)) for message in messages
    )


def _known(part: Part) -> int:
    told = (part.id, part.name, part.media_type, part.uri)
    return 1 + sum(map(bool, told)) + (part.arguments is not None) + (part.result is not None)


def _finished(output: list[Message], attributes: Mapping[str, Any]) -> list[Message]:
    """`output` with the span's finish reasons where the messages name none."""
    if not output or any(message.finish_reason for message in output):
        return output
    value = read(attributes.get("gen_ai.response.finish_reasons"))
    reasons = [value] if isinstance(value, str) else as_list(value) or []
    if len(reasons) == 1:
        return [*output[:-1], _ended(output[-1], reasons[0])]
    if len(reasons) != len(output):
        return output
    return [_ended(message, reason) for message, reason in zip(output, reasons, strict=True)]


def _ended(message: Message, reason: Any) -> Message:
    return msgspec.structs.replace(message, finish_reason=word(reason))


def _named(messages: list[Message], names: dict[str, str]) -> list[Message]:
    """Tool results with the name of the call that they answer. `names`: by id, filled here."""
    return [_named_message(message, names) for message in messages]


def _named_message(message: Message, names: dict[str, str]) -> Message:
    missing = False
    for part in message.parts:
        if part.kind == "tool_call" and part.id and part.name:
            names[part.id] = part.name
        missing = missing or (part.kind == "tool_result" and not part.name and part.id in names)
    if not missing:
        return message
    return msgspec.structs.replace(
        message, parts=[_named_part(part, names) for part in message.parts]
    )


def _named_part(part: Part, names: dict[str, str]) -> Part:
    if part.kind != "tool_result" or part.name or not part.id:
        return part
    return msgspec.structs.replace(part, name=names.get(part.id))
