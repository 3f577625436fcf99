"""Which attribute fills which field of a span record: data, newest name first.

Sources: our own names; OpenTelemetry's semantic conventions for generative AI
(`gen_ai.*`, https://opentelemetry.io/docs/specs/semconv/gen-ai/) and for sessions and users.
"""

from __future__ import annotations

from typing import get_args

from jollyscope.model.records import StepType

__all__ = [
    "COST",
    "COUNTS",
    "FIELDS",
    "INPUT",
    "OPERATION",
    "OUTPUT",
    "STEP_OF_OPERATION",
    "STEP_TYPE",
    "STEP_TYPES",
    "SUMMING_OPERATIONS",
    "TEXTS",
]

STEP_TYPE = "jollyscope.step.type"
INPUT = "jollyscope.input"
OUTPUT = "jollyscope.output"
COST = "jollyscope.cost_usd"
OPERATION = "gen_ai.operation.name"

STEP_TYPES: frozenset[str] = frozenset(get_args(StepType))

TEXTS: dict[str, tuple[str, ...]] = {
    "session_id": ("session.id",),
    "user_id": ("user.id",),
    "conversation_id": ("gen_ai.conversation.id",),
    "tool_name": ("gen_ai.tool.name",),
    "tool_call_id": ("gen_ai.tool.call.id",),
    "model": ("gen_ai.response.model", "gen_ai.request.model"),
    "provider": ("gen_ai.provider.name", "gen_ai.system"),
}
"""Text fields. Where a span carries several of the names, the first one listed wins."""

COUNTS: dict[str, tuple[str, ...]] = {
    "input_tokens": ("gen_ai.usage.input_tokens",),
    "output_tokens": ("gen_ai.usage.output_tokens",),
    "cached_tokens": ("gen_ai.usage.cache_read.input_tokens",),
    "reasoning_tokens": ("gen_ai.usage.reasoning.output_tokens",),
}
"""Tokens of the span's own model call."""

FIELDS: dict[str, tuple[str, int]] = {
    name: (field, rank)
    for table in (TEXTS, COUNTS)
    for field, names in table.items()
    for rank, name in enumerate(names)
}
"""Attribute name -> (record field, rank among the names of that field; 0 wins)."""

STEP_OF_OPERATION: dict[str, StepType] = {
    "chat": "think",
    "text_completion": "think",
    "generate_content": "think",
    "execute_tool": "act",
}
"""`gen_ai.operation.name` -> step; `invoke_agent` depends on where the span stands in the trace."""

SUMMING_OPERATIONS: frozenset[str] = frozenset({"invoke_agent", "create_agent", "invoke_workflow"})
"""Operations whose token attributes repeat the sums of their children's."""
