"""OpenInference and OpenLLMetry, which instrument many frameworks."""

from __future__ import annotations

import pytest

from tests.library.semconv.spans import MESSAGE, OPENINFERENCE, holds, meaning


def test_openinference():
    holds(
        meaning(OPENINFERENCE),
        {
            "step_type": "think",
            "model": "gpt-3.5-turbo",
            "provider": "azure",
            "input_tokens": 10,
            "output_tokens": 15,
            "cached_tokens": 5,
            "reasoning_tokens": 4,
            "cost_usd": pytest.approx(0.0066),
            "input": "hello",
            "output": "world",
            "session_id": "26bcd3d2-cad2-443d-a23c-625e47f3324a",
            "user_id": "9328ae73-7141-4f45-a044-8e06192aa465",
            "conversation_id": "t-1",
        },
    )
    assert meaning({**OPENINFERENCE, "llm.cost.total": 0.5})["cost_usd"] == 0.5


@pytest.mark.parametrize(
    ("kind", "inner", "root"),
    [
        ("LLM", "think", "think"),
        ("TOOL", "act", "act"),
        ("AGENT", "other", "user_input"),
        ("CHAIN", "other", "user_input"),
        ("RETRIEVER", "other", "other"),
        ("EMBEDDING", "other", "other"),
        ("RERANKER", "other", "other"),
        ("GUARDRAIL", "other", "other"),
        ("EVALUATOR", "other", "other"),
        ("PROMPT", "other", "other"),
        ("llm", "think", "think"),
    ],
)
def test_steps_of_openinference(kind: str, inner: str, root: str):
    assert meaning({"openinference.span.kind": kind})["step_type"] == inner
    assert meaning({"openinference.span.kind": kind}, root=True)["step_type"] == root


def test_a_tool_call_of_openinference():
    attributes = {
        "openinference.span.kind": "TOOL",
        "tool.name": "get_weather",
        "tool.id": "call_62136355",
        "tool.parameters": '{"city": "str"}',
        "input.value": '{"city":"Tokyo"}',
        "output.value": "sunny",
    }
    assert meaning(attributes) == {
        "step_type": "act",
        "tool_name": "get_weather",
        "tool_call_id": "call_62136355",
        "input": '{"city":"Tokyo"}',
        "output": "sunny",
    }


def test_openllmetry():
    attributes = {
        "llm.request.type": "chat",
        "gen_ai.system": "OpenAI",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.prompt.0.role": "system",
        "gen_ai.prompt.0.content": "Be brief.",
        "gen_ai.prompt.1.role": "user",
        "gen_ai.prompt.1.content": MESSAGE,
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "Rainy.",
        "gen_ai.usage.prompt_tokens": 2203,
        "gen_ai.usage.completion_tokens": 139,
        "gen_ai.usage.cache_read_input_tokens": 1792,
        "gen_ai.usage.reasoning_tokens": 0,
        "llm.usage.total_tokens": 2342,
        "traceloop.association.properties.session_id": "s",
        "traceloop.association.properties.user_id": "u",
        "traceloop.association.properties.thread_id": "t",
    }
    holds(
        meaning(attributes),
        {
            "step_type": "think",
            "input": MESSAGE,
            "output": "Rainy.",
            "input_tokens": 2203,
            "output_tokens": 139,
            "cached_tokens": 1792,
            "reasoning_tokens": 0,
            "session_id": "s",
            "user_id": "u",
            "conversation_id": "t",
        },
    )


@pytest.mark.parametrize(
    ("kind", "inner", "root"),
    [
        ("workflow", "other", "user_input"),
        ("agent", "other", "user_input"),
        ("task", "other", "user_input"),
        ("tool", "act", "act"),
        ("unknown", "other", "other"),
    ],
)
def test_steps_of_openllmetry(kind: str, inner: str, root: str):
    assert meaning({"traceloop.span.kind": kind})["step_type"] == inner
    assert meaning({"traceloop.span.kind": kind}, root=True)["step_type"] == root


def test_entities_of_openllmetry():
    entity = {
        "traceloop.entity.name": "search",
        "traceloop.entity.input": '{"args": ["x"], "kwargs": {}}',
        "traceloop.entity.output": '"found"',
    }
    tool = meaning({"traceloop.span.kind": "tool", **entity}, name="search.tool")
    assert tool == {
        "step_type": "act",
        "tool_name": "search",
        "input": '{"args": ["x"], "kwargs": {}}',
        "output": '"found"',
    }
    workflow = meaning({"traceloop.span.kind": "workflow", **entity}, root=True)
    assert workflow == {"step_type": "user_input", "input": "x", "output": "found"}


def test_dialects_may_be_mixed_on_one_span():
    both = {**OPENINFERENCE, "openinference.span.kind": "CHAIN", "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "newer", "gen_ai.usage.input_tokens": 11}  # fmt: skip
    holds(meaning(both), {"step_type": "think", "model": "newer", "input_tokens": 11})
