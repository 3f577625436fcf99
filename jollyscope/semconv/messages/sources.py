"""Which attributes and events carry messages, and which are believed first: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from jollyscope.model.messages import Conversation
from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages import (
    adk,
    openinference,
    openllmetry,
    otel,
    pydantic_ai,
    values,
    vercel,
)

__all__ = ["ATTRIBUTES", "EVENTS", "PREFIXES", "SOURCES", "Source"]

Reader = Callable[[Mapping[str, Any], Sequence[SpanEvent]], Conversation]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One way to carry messages."""

    name: str
    tier: int
    """A tier is read only for the side (input, output) that the tiers before it left empty."""
    read: Reader
    attributes: tuple[str, ...] = ()
    """Names, any of which means that this source may be there."""
    prefixes: tuple[str, ...] = ()
    """Beginnings of names, likewise."""
    events: tuple[str, ...] = ()
    """Names of span events, likewise."""


SOURCES: tuple[Source, ...] = (
    Source(
        name="OpenTelemetry attributes", tier=1, read=otel.from_attributes,
        attributes=(otel.SYSTEM, otel.INPUT, otel.OUTPUT),
    ),
    Source(
        name="OpenTelemetry operation event", tier=1, read=otel.from_details,
        events=(otel.DETAILS,),
    ),
    Source(
        name="OpenTelemetry message events", tier=1, read=otel.from_events,
        events=(*otel.ROLE_OF_EVENT, otel.CHOICE),
    ),
    Source(
        name="Pydantic AI listed events", tier=1, read=pydantic_ai.from_listed_events,
        attributes=(pydantic_ai.EVENTS, pydantic_ai.ALL_EVENTS),
    ),
    Source(
        name="OpenInference", tier=1, read=openinference.from_attributes,
        attributes=(
            openinference.INPUT, openinference.OUTPUT, openinference.PROMPTS, openinference.CHOICES,
        ),
        prefixes=(
            openinference.INPUT + ".", openinference.OUTPUT + ".", openinference.PROMPTS + ".",
            openinference.CHOICES + ".",
        ),
    ),
    Source(
        name="OpenLLMetry", tier=1, read=openllmetry.from_attributes,
        prefixes=(*openllmetry.INPUTS, *openllmetry.OUTPUTS),
    ),
    Source(
        name="Google ADK", tier=1, read=adk.from_attributes,
        attributes=(adk.REQUEST, adk.RESPONSE),
    ),
    Source(
        name="Vercel AI SDK", tier=1, read=vercel.from_attributes,
        attributes=("ai.prompt.messages", "ai.prompt"), prefixes=vercel.PREFIXES,
    ),
    Source(
        name="OpenTelemetry prompt and completion", tier=2, read=otel.from_content,
        attributes=("gen_ai.prompt", "gen_ai.completion"), events=otel.CONTENT,
    ),
    Source(
        name="Pydantic AI history", tier=2, read=pydantic_ai.from_history,
        attributes=(pydantic_ai.ALL_MESSAGES,),
    ),
    *(
        Source(name=names[0], tier=3 + place, read=values.pair(*names), attributes=names)
        for place, names in enumerate(values.PAIRS)
    ),
)  # fmt: skip
"""In order of precedence. Within a tier the richest counts for each side, of equals the first."""

ATTRIBUTES = frozenset(name for source in SOURCES for name in source.attributes)
PREFIXES = tuple(dict.fromkeys(prefix for source in SOURCES for prefix in source.prefixes))
EVENTS = frozenset(name for source in SOURCES for name in source.events)
