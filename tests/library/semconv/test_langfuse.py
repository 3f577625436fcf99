"""Langfuse's attributes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.library.semconv.spans import MESSAGE, holds, meaning


def langfuse(kind: str, **more: Any) -> dict[str, Any]:
    return {"langfuse.observation.type": kind} | {
        f"langfuse.observation.{key}": value for key, value in more.items()
    }


def test_langfuse():
    attributes = langfuse(
        "generation",
        input=json.dumps([{"role": "user", "content": MESSAGE}]),
        output=json.dumps({"role": "assistant", "content": "Rainy."}),
        usage_details=json.dumps(
            {"input": 40, "output": 15, "input_cached_tokens": 20, "total": 75}
        ),
        cost_details=json.dumps({"input": 0.25, "output": 0.5, "total": 0.75}),
    )
    attributes |= {
        "langfuse.observation.model.name": "gpt-4o",
        "langfuse.observation.metadata.thread_id": "t",
        "langfuse.session.id": "s",
        "langfuse.user.id": "u",
    }
    holds(
        meaning(attributes),
        {
            "step_type": "think",
            "model": "gpt-4o",
            "input": MESSAGE,
            "output": "Rainy.",
            # Its parts are counted apart.
            "input_tokens": 60,
            "cached_tokens": 20,
            "output_tokens": 15,
            "cost_usd": 0.75,
            "session_id": "s",
            "user_id": "u",
            "conversation_id": "t",
        },
    )


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"input": "28", "output": "3", "total": "31"}, (28, 3, None, None)),
        ({"input": 10, "output": 5, "total": 15, "input_cache_read": 4}, (10, 5, 4, None)),
        ({"input": 6, "output": 5, "total": 15, "input_cache_read": 4}, (10, 5, 4, None)),
        ({"input": 6, "output": 2, "input_cache_read": 4, "output_reasoning": 3}, (10, 5, 4, 3)),
        (
            {"input": 60, "prompt_details.cache_read": 20, "output": 1, "total": 61},
            (60, 1, 20, None),
        ),
        (
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "total_tokens": 15,
                "prompt_tokens_details": {"cached_tokens": 4},
                "completion_tokens_details": {"reasoning_tokens": 2},
            },
            (10, 5, 4, 2),
        ),
        ({"input_tokens": 6, "cache_read_input_tokens": 4, "output_tokens": 5}, (10, 5, 4, None)),
        ({}, (None, None, None, None)),
    ],
)
def test_usage_in_json(usage: dict[str, Any], tokens: tuple[int | None, ...]):
    for value in (usage, json.dumps(usage)):
        made = meaning(langfuse("generation", usage_details=value))
        names = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")
        assert tuple(made.get(name) for name in names) == tokens


@pytest.mark.parametrize(
    ("kind", "inner", "root"),
    [
        ("generation", "think", "think"),
        ("tool", "act", "act"),
        ("agent", "other", "user_input"),
        ("chain", "other", "user_input"),
        ("span", "other", "user_input"),
        ("event", "other", "other"),
        ("retriever", "other", "other"),
        ("evaluator", "other", "other"),
        ("guardrail", "other", "other"),
        ("embedding", "other", "other"),
    ],
)
def test_steps_of_langfuse(kind: str, inner: str, root: str):
    assert meaning(langfuse(kind))["step_type"] == inner
    assert meaning(langfuse(kind), root=True)["step_type"] == root


def test_what_langfuse_calls_a_span_is_told_by_the_rest():
    tool = {**langfuse("span"), "gen_ai.tool.name": "search"}
    assert meaning(tool)["step_type"] == "act"
    assert meaning({**langfuse("span"), "http.request.method": "GET"}, root=True) == {
        "step_type": "other"
    }
    # Its Python SDK up to 3.3.0 called model calls so.
    old = {**langfuse("span"), "langfuse.observation.model.name": "gpt-4o"}
    assert meaning(old)["step_type"] == "think"
    message = {"type": "tool", "content": "found", "name": "search", "tool_call_id": "c"}
    output = {"langfuse.observation.output": json.dumps(message)}
    assert meaning({**langfuse("span"), **output}, name="search") == {
        "step_type": "act",
        "tool_name": "search",
        "tool_call_id": "c",
        "output": "found",
    }


def test_the_traces_own_input_is_its_roots():
    trace = {"langfuse.trace.input": "question", "langfuse.trace.output": "answer"}
    assert meaning(langfuse("span") | trace) == {"step_type": "other"}
    assert meaning(langfuse("span") | trace, root=True) == {
        "step_type": "user_input",
        "input": "question",
        "output": "answer",
    }
