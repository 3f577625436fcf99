"""Which attribute fills which field of a span record, for every dialect, in one order.

A span may mix dialects, so each field has one list: its first attribute whose value fits wins. To
teach JollyScope a new attribute, add a row where it belongs in that order, and run `python -m
tests.library.make_convention_docs`; nothing else has to change. What a span *is* stands in
`kinds.py`, how values are read in `rules.py`, where the dialects are written down in `dialects.py`.
"""

from __future__ import annotations

from typing import NamedTuple

from jollyscope.semconv.rules import RULES, Rule, of_tool_message, within
from jollyscope.semconv.usage import DOLLARS_OF, TOKENS_OF

__all__ = [
    "CALL_ID",
    "CALL_NAME",
    "COST",
    "FIELD_ROWS",
    "INPUT",
    "MESSAGES",
    "OPERATION",
    "OUTPUT",
    "STEP_TYPE",
    "Row",
]

STEP_TYPE = "jollyscope.step.type"
INPUT = "jollyscope.input"
OUTPUT = "jollyscope.output"
COST = "jollyscope.cost_usd"
OPERATION = "gen_ai.operation.name"
CALL_NAME = "gen_ai.tool.name"
CALL_ID = "gen_ai.tool.call.id"

MESSAGES = "(messages)"
"""In place of an attribute's name: the chat messages that the span carries, in whatever dialect."""


class Row(NamedTuple):
    """One attribute for one field."""

    name: str
    dialect: str
    rule: Rule = RULES["text"]
    only: str = ""
    """Counts only on spans of this kind (`kinds.py`), or on a `root`."""


_COUNT, _DOLLARS = RULES["count"], RULES["dollars"]
_BODY, _GIVEN, _FILLED = RULES["body"], RULES["given"], RULES["filled"]
_RESULT = RULES["result"]  # that a tool returned nothing is a result
_ID, _PROVIDER, _ERROR = (RULES[n] for n in ("id", "provider", "error"))
_THREAD = within(_ID, "thread_id")

_TEXTS: dict[str, tuple[Row, ...]] = {
    "session_id": (
        Row("session.id", "otel"),
        Row("langfuse.session.id", "langfuse"),
        Row("gcp.vertex.agent.session_id", "adk"),
        Row("traceloop.association.properties.session_id", "openllmetry"),
        Row("traceloop.association.properties.chat_id", "openllmetry"),
        Row("ai.telemetry.metadata.sessionId", "ai-sdk"),
        Row("ai.settings.context.sessionId", "ai-sdk"),
        Row("langsmith.trace.session_id", "langsmith"),
        Row("langsmith.metadata.session_id", "langsmith"),
        Row("langfuse.observation.metadata.langfuse_session_id", "langfuse"),
        Row("langfuse.trace.metadata.langfuse_session_id", "langfuse"),
    ),
    "conversation_id": (
        Row("gen_ai.conversation.id", "otel", _ID),
        Row("gen_ai.thread.id", "azure", _ID),
        Row("traceloop.association.properties.conversation_id", "openllmetry"),
        Row("traceloop.association.properties.thread_id", "openllmetry"),
        Row("langsmith.metadata.thread_id", "langsmith"),
        Row("langfuse.observation.metadata.thread_id", "langfuse"),
        Row("langfuse.trace.metadata.thread_id", "langfuse"),
        Row("metadata", "openinference", _THREAD),
        Row("langfuse.observation.metadata", "langfuse", _THREAD),
        Row("langfuse.trace.metadata", "langfuse", _THREAD),
    ),
    "user_id": (
        Row("user.id", "otel"),
        Row("enduser.id", "otel"),
        Row("langfuse.user.id", "langfuse"),
        Row("traceloop.association.properties.user_id", "openllmetry"),
        Row("ai.telemetry.metadata.userId", "ai-sdk"),
        Row("ai.settings.context.userId", "ai-sdk"),
        Row("langsmith.metadata.user_id", "langsmith"),
        Row("langfuse.observation.metadata.langfuse_user_id", "langfuse"),
        Row("langfuse.trace.metadata.langfuse_user_id", "langfuse"),
        Row("kagent.user_id", "kagent"),
        Row("llm.user", "openllmetry"),
    ),
    "model": (
        Row("gen_ai.response.model", "otel"),
        Row("ai.response.model", "ai-sdk"),
        Row("llm.response.model_name", "openinference"),
        Row("llm.response.model", "openllmetry"),
        Row("gen_ai.request.model", "otel"),
        Row("llm.model_name", "openinference"),
        Row("llm.request.model_name", "openinference"),
        Row("embedding.model_name", "openinference"),
        Row("reranker.model_name", "openinference"),
        Row("ai.model.id", "ai-sdk"),
        Row("llm.request.model", "openllmetry"),
        Row("langfuse.observation.model.name", "langfuse"),
        Row("model_name", "pydantic-ai", only="agent"),
    ),
    "provider": (
        Row("gen_ai.provider.name", "otel", _PROVIDER),
        Row("gen_ai.system", "otel", _PROVIDER),
        Row("llm.provider", "openinference", _PROVIDER),
        Row("llm.system", "openinference", _PROVIDER),
        Row("ai.model.provider", "ai-sdk", _PROVIDER),
        Row("langfuse.observation.metadata.ls_provider", "langfuse", _PROVIDER),
        Row("langsmith.metadata.ls_provider", "langsmith", _PROVIDER),
        # A framework's name is better than none.
        Row("gen_ai.provider.name", "otel"),
        Row("gen_ai.system", "otel"),
    ),
    "tool_name": (
        Row("gen_ai.tool.name", "otel", _ID),
        Row("ai.toolCall.name", "ai-sdk"),
        Row("tool.name", "openinference"),
        Row("tool_call.function.name", "openinference"),
        Row("traceloop.entity.name", "openllmetry", only="tool"),
        Row("langfuse.observation.output", "langfuse", of_tool_message(_ID, "name"), "tool"),
    ),
    "tool_call_id": (
        Row("gen_ai.tool.call.id", "otel", _ID),
        Row("ai.toolCall.id", "ai-sdk", _ID),
        Row("tool_call.id", "openinference", _ID),
        Row("tool.id", "openinference", _ID),
        Row(
            "langfuse.observation.output", "langfuse", of_tool_message(_ID, "tool_call_id"), "tool"
        ),
    ),
    "error_type": (
        Row("error.type", "otel", _ERROR),
        Row("exception.type", "otel", _ERROR),
        Row("error.type", "otel"),
    ),
    "error_message": (
        Row("exception.message", "otel"),
        Row("error.message", "otel"),
        Row("langfuse.observation.status_message", "langfuse"),
    ),
    "stack_trace": (Row("exception.stacktrace", "otel"),),
}

_BODIES: dict[str, tuple[Row, ...]] = {
    "input": (
        Row(INPUT, "jollyscope"),
        Row("gen_ai.tool.call.arguments", "otel", _BODY),
        Row("ai.toolCall.args", "ai-sdk", _BODY),
        Row("gcp.vertex.agent.tool_call_args", "adk", _GIVEN),
        Row("tool_arguments", "pydantic-ai", _BODY),
        Row("mcp.request.argument", "openllmetry", _BODY),
        Row("gen_ai.retrieval.query.text", "otel", _BODY),
        Row("gen_ai.memory.query.text", "otel", _BODY),
        Row(MESSAGES, "otel"),
        Row("prompt", "pydantic-ai", _BODY, only="agent"),
        Row("gcp.vertex.agent.llm_request", "adk", _FILLED),
        Row("gcp.vertex.agent.data", "adk", _FILLED),
        Row("ai.prompt.messages", "ai-sdk", _BODY),
        Row("ai.prompt", "ai-sdk", _BODY),
        Row("ai.value", "ai-sdk", _BODY),
        Row("ai.values", "ai-sdk", _BODY),
        Row("gen_ai.prompt", "otel", _BODY),
        Row("input.value", "openinference", _BODY),
        Row("tool_call.function.arguments", "openinference", _BODY),
        Row("tool.parameters", "openinference", _BODY, only="tool"),
        Row("traceloop.entity.input", "openllmetry", _BODY),
        Row("crewai.task.description", "openllmetry", _BODY),
        Row("langfuse.observation.input", "langfuse", _BODY),
        Row("langfuse.trace.input", "langfuse", _BODY, only="root"),
    ),
    "output": (
        Row(OUTPUT, "jollyscope"),
        Row("gen_ai.tool.call.result", "otel", _RESULT),
        Row("ai.toolCall.result", "ai-sdk", _RESULT),
        Row("gcp.vertex.agent.tool_response", "adk", _GIVEN),
        Row("tool_response", "pydantic-ai", _RESULT),
        Row("mcp.response.value", "openllmetry", _RESULT),
        Row("final_result", "pydantic-ai", _BODY),
        Row("gen_ai.retrieval.documents", "otel", _BODY),
        Row("gen_ai.memory.records", "otel", _BODY),
        Row(MESSAGES, "otel"),
        Row("gcp.vertex.agent.llm_response", "adk", _FILLED),
        Row("ai.response.text", "ai-sdk", _BODY),
        Row("ai.response.object", "ai-sdk", _BODY),
        Row("ai.response.toolCalls", "ai-sdk", _BODY),
        Row("ai.result.text", "ai-sdk", _BODY),
        Row("ai.result.object", "ai-sdk", _BODY),
        Row("ai.result.toolCalls", "ai-sdk", _BODY),
        Row("gen_ai.completion", "otel", _BODY),
        Row("output.value", "openinference", _BODY),
        Row("traceloop.entity.output", "openllmetry", _BODY),
        Row("crewai.crew.result", "openllmetry", _BODY),
        Row("langfuse.observation.output", "langfuse", of_tool_message(_BODY, "content"), "tool"),
        Row("langfuse.observation.output", "langfuse", _BODY),
        Row("langfuse.trace.output", "langfuse", _BODY, only="root"),
    ),
}

_COUNTS: dict[str, tuple[Row, ...]] = {
    "input_tokens": (
        Row("gen_ai.usage.input_tokens", "otel", _COUNT),
        Row("gen_ai.usage.prompt_tokens", "otel", _COUNT),
        Row("llm.token_count.prompt", "openinference", _COUNT),
        Row("ai.usage.inputTokens", "ai-sdk", _COUNT),
        Row("ai.usage.promptTokens", "ai-sdk", _COUNT),
        Row("ai.usage.tokens", "ai-sdk", _COUNT),
        Row("llm.usage.prompt_tokens", "openllmetry", _COUNT),
        Row("langfuse.observation.usage_details", "langfuse", TOKENS_OF["input_tokens"]),
        Row("gcp.vertex.agent.llm_response", "adk", TOKENS_OF["input_tokens"]),
    ),
    "output_tokens": (
        Row("gen_ai.usage.output_tokens", "otel", _COUNT),
        Row("gen_ai.usage.completion_tokens", "otel", _COUNT),
        Row("llm.token_count.completion", "openinference", _COUNT),
        Row("ai.usage.outputTokens", "ai-sdk", _COUNT),
        Row("ai.usage.completionTokens", "ai-sdk", _COUNT),
        Row("llm.usage.completion_tokens", "openllmetry", _COUNT),
        Row("langfuse.observation.usage_details", "langfuse", TOKENS_OF["output_tokens"]),
        Row("gcp.vertex.agent.llm_response", "adk", TOKENS_OF["output_tokens"]),
    ),
    "cached_tokens": (
        Row("gen_ai.usage.cache_read.input_tokens", "otel", _COUNT),
        Row("gen_ai.usage.cache_read_input_tokens", "openllmetry", _COUNT),
        Row("gen_ai.usage.details.cache_read_tokens", "pydantic-ai", _COUNT),
        Row("gen_ai.usage.details.cached_tokens", "pydantic-ai", _COUNT),
        Row("llm.token_count.prompt_details.cache_read", "openinference", _COUNT),
        Row("ai.usage.cachedInputTokens", "ai-sdk", _COUNT),
        Row("ai.usage.inputTokenDetails.cacheReadTokens", "ai-sdk", _COUNT),
        Row("langfuse.observation.usage_details", "langfuse", TOKENS_OF["cached_tokens"]),
        Row("gcp.vertex.agent.llm_response", "adk", TOKENS_OF["cached_tokens"]),
    ),
    "reasoning_tokens": (
        Row("gen_ai.usage.reasoning.output_tokens", "otel", _COUNT),
        Row("gen_ai.usage.reasoning_tokens", "openllmetry", _COUNT),
        Row("gen_ai.usage.details.reasoning_tokens", "pydantic-ai", _COUNT),
        Row("gen_ai.usage.experimental.reasoning_tokens", "adk", _COUNT),
        Row("llm.token_count.completion_details.reasoning", "openinference", _COUNT),
        Row("ai.usage.reasoningTokens", "ai-sdk", _COUNT),
        Row("ai.usage.outputTokenDetails.reasoningTokens", "ai-sdk", _COUNT),
        Row("langfuse.observation.usage_details", "langfuse", TOKENS_OF["reasoning_tokens"]),
        Row("gcp.vertex.agent.llm_response", "adk", TOKENS_OF["reasoning_tokens"]),
    ),
    # The next two are no fields of the record; they tell how to count and to bill the others.
    "cache_write_tokens": (
        Row("gen_ai.usage.cache_creation.input_tokens", "otel", _COUNT),
        Row("gen_ai.usage.cache_creation_input_tokens", "openllmetry", _COUNT),
        Row("gen_ai.usage.cache_write_input_tokens", "openllmetry", _COUNT),
        Row("gen_ai.usage.details.cache_write_tokens", "pydantic-ai", _COUNT),
        Row("llm.token_count.prompt_details.cache_write", "openinference", _COUNT),
        Row("ai.usage.inputTokenDetails.cacheWriteTokens", "ai-sdk", _COUNT),
        Row("langfuse.observation.usage_details", "langfuse", TOKENS_OF["cache_write_tokens"]),
    ),
    "total_tokens": (
        Row("gen_ai.usage.total_tokens", "openllmetry", _COUNT),
        Row("llm.usage.total_tokens", "openllmetry", _COUNT),
        Row("llm.token_count.total", "openinference", _COUNT),
        Row("ai.usage.totalTokens", "ai-sdk", _COUNT),
        Row("langfuse.observation.usage_details", "langfuse", TOKENS_OF["total_tokens"]),
        Row("gcp.vertex.agent.llm_response", "adk", TOKENS_OF["total_tokens"]),
    ),
}

_COSTS: dict[str, tuple[Row, ...]] = {
    "cost_usd": (
        Row(COST, "jollyscope", _DOLLARS),
        Row("gen_ai.usage.cost", "langfuse", _DOLLARS),
        Row("operation.cost", "pydantic-ai", _DOLLARS),
        Row("llm.cost.total", "openinference", _DOLLARS),
        Row("langfuse.observation.cost_details", "langfuse", DOLLARS_OF),
    ),
    # No fields of the record either: their sum is the cost where no total is told.
    "prompt_usd": (Row("llm.cost.prompt", "openinference", _DOLLARS),),
    "completion_usd": (Row("llm.cost.completion", "openinference", _DOLLARS),),
}

FIELD_ROWS: dict[str, tuple[Row, ...]] = {**_TEXTS, **_BODIES, **_COUNTS, **_COSTS}
"""Field -> its attributes in order of precedence."""
