"""Google ADK: the whole request and response of a model call, in Gemini's shape, as JSON text.

https://github.com/google/adk-python (`telemetry`); https://ai.google.dev/api/generate-content
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jollyscope.model.messages import Conversation
from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages.shapes import messages_in

__all__ = ["REQUEST", "RESPONSE", "from_attributes"]

REQUEST = "gcp.vertex.agent.llm_request"
RESPONSE = "gcp.vertex.agent.llm_response"


def from_attributes(attributes: Mapping[str, Any], events: Sequence[SpanEvent]) -> Conversation:
    """A tool's span carries both as `{}`: that is no conversation."""
    return Conversation(
        input=messages_in(attributes.get(REQUEST), "user"),
        output=messages_in(attributes.get(RESPONSE), "assistant"),
    )
