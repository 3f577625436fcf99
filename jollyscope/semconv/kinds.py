"""What a span is, in every dialect, and which step of the ReAct loop that makes it.

Two stages, both data. First the span's *kind*: what its dialect calls it (a model call, a tool
call, an agent's run...). Then the step of that kind. To teach JollyScope a new word, add it to a
row of `KIND_ROWS`; to teach it a new dialect, add a row. `python -m
tests.library.make_convention_docs` puts it into the docs.
"""

from __future__ import annotations

import re
from typing import NamedTuple, get_args

from jollyscope.model.records import StepType
from jollyscope.semconv.rules import TOOL_MESSAGE, Rule

__all__ = [
    "BILLED_KINDS",
    "KIND_ROWS",
    "NAME_ROWS",
    "STEP_OF_KIND",
    "STEP_TYPES",
    "SUMMING_KINDS",
    "TOOL_SPAN_NAME",
    "KindRow",
    "NameRow",
]

STEP_TYPES: frozenset[str] = frozenset(get_args(StepType))


class KindRow(NamedTuple):
    """An attribute that says what its span is."""

    name: str
    dialect: str
    kinds: dict[str, str] | Rule
    """The attribute's value (or its first word), in lower case -> kind; `*` stands for every other
    text. Or a rule that gives the kind."""


_OPENINFERENCE = {
    "llm": "model",
    "tool": "tool",
    "agent": "agent",
    "chain": "agent",
    "embedding": "embedding",
    "retriever": "retriever",
    "reranker": "reranker",
    "guardrail": "guardrail",
    "evaluator": "evaluator",
    "prompt": "prompt",
}

_AI_SDK = {
    "ai.generatetext": "agent",
    "ai.streamtext": "agent",
    "ai.generateobject": "agent",
    "ai.streamobject": "agent",
    "ai.generatetext.dogenerate": "model",
    "ai.streamtext.dostream": "model",
    "ai.generateobject.dogenerate": "model",
    "ai.streamobject.dostream": "model",
    "ai.toolcall": "tool",
    "ai.embed": "group",
    "ai.embedmany": "group",
    "ai.embed.doembed": "embedding",
    "ai.embedmany.doembed": "embedding",
    "ai.rerank": "group",
    "ai.rerank.dorerank": "reranker",
}
"""The AI SDK's operations; those without `.do…` are around one or more of those with it."""

KIND_ROWS: tuple[KindRow, ...] = (
    # The step itself is taken as it is named; this is what else it tells.
    KindRow("jollyscope.step.type", "jollyscope", {"think": "model", "act": "tool"}),
    # ADK adds a span over the tool calls of one turn, which has their results once more.
    KindRow("gen_ai.tool.name", "adk", {"(merged tools)": "group"}),
    KindRow("ai.operationId", "ai-sdk", _AI_SDK),
    KindRow("operation.name", "ai-sdk", _AI_SDK),
    KindRow(
        "gen_ai.operation.name",
        "otel",
        {
            "chat": "model",
            "text_completion": "model",
            "generate_content": "model",
            # Names in use before there was a list, or beside it.
            "completion": "model",
            "generate": "model",
            "response": "model",
            "responses": "model",
            "execute_tool": "tool",
            "invoke_agent": "agent",
            "invoke_workflow": "agent",
            "create_agent": "group",
            "plan": "group",
            "embeddings": "embedding",
            "retrieval": "retriever",
            "rerank": "reranker",
            "search_memory": "memory",
            "create_memory": "memory",
            "update_memory": "memory",
            "upsert_memory": "memory",
            "delete_memory": "memory",
            "create_memory_store": "memory",
            "delete_memory_store": "memory",
        },
    ),
    # Version 7 of the AI SDK: one turn of the loop, around the model's call and the tools'.
    KindRow("gen_ai.operation.name", "ai-sdk", {"agent_step": "group"}),
    # Azure's agent service runs the model on its side: this span alone has the run's tokens.
    KindRow("gen_ai.operation.name", "azure", {"process_thread_run": "model"}),
    KindRow("mcp.method.name", "otel", {"tools/call": "tool", "*": "protocol"}),
    KindRow("openinference.span.kind", "openinference", _OPENINFERENCE),
    KindRow(
        "traceloop.span.kind",
        "openllmetry",
        {"workflow": "agent", "agent": "agent", "task": "agent", "tool": "tool"},
    ),
    KindRow(
        "llm.request.type",
        "openllmetry",
        {
            "chat": "model",
            "completion": "model",
            "embedding": "embedding",
            "rerank": "reranker",
        },
    ),
    KindRow(
        "langsmith.span.kind",
        "langsmith",
        {
            "llm": "model",
            "tool": "tool",
            "chain": "agent",
            "embedding": "embedding",
            "retriever": "retriever",
            "prompt": "prompt",
            "parser": "prompt",
        },
    ),
    KindRow(
        "langfuse.observation.type",
        "langfuse",
        {
            "generation": "model",
            "tool": "tool",
            "agent": "agent",
            "chain": "agent",
            "embedding": "embedding",
            "retriever": "retriever",
            "evaluator": "evaluator",
            "guardrail": "guardrail",
        },
    ),
    # From here on the span's dialect has no word for it, and what it carries has to tell.
    KindRow("pydantic_ai.all_messages", "pydantic-ai", {"*": "agent"}),
    KindRow("all_messages_events", "pydantic-ai", {"*": "agent"}),
    KindRow("gen_ai.tool.name", "otel", {"*": "tool"}),
    KindRow("gen_ai.tool.call.id", "otel", {"*": "tool"}),
    KindRow("ai.toolCall.name", "ai-sdk", {"*": "tool"}),
    KindRow("gen_ai.request.model", "otel", {"*": "model"}),
    KindRow("llm.model_name", "openinference", {"*": "model"}),
    KindRow("embedding.model_name", "openinference", {"*": "embedding"}),
    KindRow("reranker.model_name", "openinference", {"*": "reranker"}),
    KindRow("langfuse.observation.model.name", "langfuse", {"*": "model"}),
    # LangChain's tools without a word for it, as Langfuse's older callbacks recorded them.
    KindRow("langfuse.observation.output", "langfuse", TOOL_MESSAGE),
    # Langfuse calls every span of any instrumentation a span: plain ones are told apart first.
    KindRow("http.request.method", "otel", {"*": "plain"}),
    KindRow("http.method", "otel", {"*": "plain"}),
    KindRow("rpc.system", "otel", {"*": "plain"}),
    KindRow("db.system.name", "otel", {"*": "plain"}),
    KindRow("db.system", "otel", {"*": "plain"}),
    KindRow("messaging.system", "otel", {"*": "plain"}),
    KindRow("langfuse.observation.type", "langfuse", {"span": "agent"}),
)
"""In order of precedence: the first row whose attribute has one of its values decides."""


class NameRow(NamedTuple):
    """A span's name that says what it is, within one instrumentation scope."""

    scope: str
    pattern: re.Pattern[str]
    dialect: str
    kind: str


NAME_ROWS: tuple[NameRow, ...] = (
    NameRow("gcp.vertex.agent", re.compile(r"invocation\b"), "adk", "agent"),
    NameRow("gcp.vertex.agent", re.compile(r"agent_run\b"), "adk", "agent"),
    NameRow("gcp.vertex.agent", re.compile(r"invoke_agent\b"), "adk", "agent"),
    NameRow("gcp.vertex.agent", re.compile(r"call_llm\b"), "adk", "model"),
    NameRow("gcp.vertex.agent", re.compile(r"execute_tool\b"), "adk", "tool"),
    NameRow("pydantic-ai", re.compile(r"agent run$|.* run$"), "pydantic-ai", "agent"),
    NameRow("pydantic-ai", re.compile(r"running tool(?!s)"), "pydantic-ai", "tool"),
)
"""Asked where no attribute tells, in this order; the pattern matches at the name's start."""

STEP_OF_KIND: dict[str, tuple[StepType, StepType]] = {
    # Kind: step where the span has no parent, step where it has one.
    "model": ("think", "think"),
    "tool": ("act", "act"),
    "agent": ("user_input", "other"),
}
"""Every kind that is not here is `other`: it is shown, but is no step of the loop."""

SUMMING_KINDS: frozenset[str] = frozenset({"agent", "group"})
"""Kinds whose tokens and cost repeat those of the spans below them, so they have none themselves."""

BILLED_KINDS: frozenset[str] = frozenset({"model", "embedding", "reranker"})
"""Kinds whose cost is worked out from their tokens where no attribute tells it."""

TOOL_SPAN_NAME = re.compile(
    r"(?:execute_tool|running tool:|tools/call|mcp\.tools\.call/|tool:)?\s*(.+?)(?:\.tool)?$",
    re.DOTALL,
)
"""The tool's name in its span's name, for a tool call that names its tool nowhere else."""
