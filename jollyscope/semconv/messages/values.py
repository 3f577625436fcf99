"""Plain input and output values (`input.value`, `langfuse.observation.input`, …).

Any shape may be in them. Where they hold chat messages, those are taken; text is a message only on
a model call, where it can be nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jollyscope.model.messages import Conversation, Message
from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages.shapes import messages_in

__all__ = ["PAIRS", "is_model_call", "pair"]

PAIRS: tuple[tuple[str, str], ...] = (
    ("input.value", "output.value"),
    ("langfuse.observation.input", "langfuse.observation.output"),
    ("traceloop.entity.input", "traceloop.entity.output"),
    ("langfuse.trace.input", "langfuse.trace.output"),
)
"""OpenInference's, Langfuse's (https://langfuse.com/integrations/native/opentelemetry) and
OpenLLMetry's attributes for what went into a span and what came out."""

_KINDS: dict[str, frozenset[str]] = {
    "openinference.span.kind": frozenset({"llm"}),
    "langfuse.observation.type": frozenset({"generation"}),
    "gen_ai.operation.name": frozenset({"chat", "text_completion", "generate_content"}),
    "llm.request.type": frozenset({"chat", "completion"}),
}
"""Attributes that say what a span is, and their words for a model call."""


def is_model_call(attributes: Mapping[str, Any]) -> bool:
    """Whether the attributes say that the span is one call of a model; the first that says counts."""
    for name, words in _KINDS.items():
        value = attributes.get(name)
        if isinstance(value, str) and value:
            return value.lower() in words
    return "gen_ai.request.model" in attributes or "llm.model_name" in attributes


def pair(
    input_name: str, output_name: str
) -> Callable[[Mapping[str, Any], Sequence[SpanEvent]], Conversation]:
    """A reader of one pair of such attributes."""

    def reader(attributes: Mapping[str, Any], events: Sequence[SpanEvent]) -> Conversation:
        surely = is_model_call(attributes)
        return Conversation(
            input=_side(attributes.get(input_name), "user", surely),
            output=_side(attributes.get(output_name), "assistant", surely),
        )

    return reader


def _side(raw: Any, role: str, surely: bool) -> list[Message]:
    messages = messages_in(raw, role)
    return messages or (messages_in(raw, role, declared=True) if surely else [])
