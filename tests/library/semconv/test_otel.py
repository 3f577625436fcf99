"""OpenTelemetry's own conventions, from their first names to the newest."""

from __future__ import annotations

import json

import pytest

from tests.library.semconv.spans import OTEL_1_27, OTEL_NEWEST, holds, meaning


def test_otel_from_the_first_names_to_the_newest():
    holds(
        meaning(OTEL_1_27),
        {
            "step_type": "think",
            "provider": "openai",
            "model": "gpt-4-0613",
            "input_tokens": 100,
            "output_tokens": 180,
        },
    )
    holds(
        meaning(OTEL_NEWEST),
        {
            "step_type": "think",
            "provider": "openai",
            "model": "gpt-4",
            "conversation_id": "conv_5j66UpCpwteGg4YSxUnt7lPY",
            "session_id": "conv_5j66UpCpwteGg4YSxUnt7lPY",
            "input_tokens": 100,
            "output_tokens": 180,
            "cached_tokens": 50,
            "reasoning_tokens": 50,
            "input": "rainy, 57°F",
            "output": "Rainy, 57°F.",
        },
    )


def test_structured_values_are_read_as_json_text_is():
    plain = {
        name: json.loads(value) if name.endswith("messages") else value
        for name, value in OTEL_NEWEST.items()
    }
    assert meaning(plain) == meaning(OTEL_NEWEST)


def test_an_answer_of_calls_alone_is_a_line_a_call():
    calls = [
        {"type": "tool_call", "id": "1", "name": "search", "arguments": {"q": "x"}},
        {"type": "tool_call", "id": "2", "name": "now", "arguments": {}},
    ]
    attributes = {**OTEL_NEWEST, "gen_ai.output.messages": [{"role": "assistant", "parts": calls}]}
    assert meaning(attributes)["output"] == 'search({"q":"x"})\nnow({})'


@pytest.mark.parametrize(
    ("operation", "inner", "root"),
    [
        ("chat", "think", "think"),
        ("text_completion", "think", "think"),
        ("generate_content", "think", "think"),
        ("execute_tool", "act", "act"),
        ("invoke_agent", "other", "user_input"),
        ("invoke_workflow", "other", "user_input"),
        ("create_agent", "other", "other"),
        ("embeddings", "other", "other"),
        ("retrieval", "other", "other"),
        ("search_memory", "other", "other"),
        ("something_new", "other", "other"),
    ],
)
def test_steps_of_otel(operation: str, inner: str, root: str):
    attributes = {"gen_ai.operation.name": operation}
    assert meaning(attributes)["step_type"] == inner
    assert meaning(attributes, root=True)["step_type"] == root


def test_a_tool_call_of_otel():
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "Flights",
        "gen_ai.tool.call.id": "call_mszuSIzqtI65i1wAUOE8w5H4",
        "gen_ai.tool.call.arguments": {"location": "San Francisco?", "date": "2025-10-01"},
        "gen_ai.tool.call.result": '{"conditions": "sunny"}',
    }
    assert meaning(attributes) == {
        "step_type": "act",
        "tool_name": "Flights",
        "tool_call_id": "call_mszuSIzqtI65i1wAUOE8w5H4",
        "input": '{"location":"San Francisco?","date":"2025-10-01"}',
        "output": '{"conditions": "sunny"}',
    }


def test_mcp():
    attributes = {"mcp.method.name": "tools/call", "gen_ai.tool.name": "get-weather"}
    holds(meaning(attributes), {"step_type": "act", "tool_name": "get-weather"})
    holds(meaning({"mcp.method.name": "tools/call"}, name="tools/call get-weather"),
          {"step_type": "act", "tool_name": "get-weather"})  # fmt: skip
    for method in ("initialize", "tools/list", "notifications/progress"):
        assert meaning({"mcp.method.name": method})["step_type"] == "other"
