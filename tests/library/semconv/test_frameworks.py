"""What frameworks put beside the conventions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jollyscope.model.records import SpanEvent
from tests.library.semconv.spans import MESSAGE, OTEL_1_27, holds, meaning

ADK = "gcp.vertex.agent"


def test_google_adk_by_the_names_of_its_spans():
    invocation = meaning({}, scope=ADK, name="invocation", root=True)
    assert invocation == {"step_type": "user_input"}
    for name in ("agent_run [hello]", "invoke_agent hello", "call_nothing"):
        assert meaning({}, scope=ADK, name=name)["step_type"] == "other"
    assert meaning({}, scope="mine", name="invocation", root=True)["step_type"] == "other"
    assert meaning({}, scope=ADK, name="call_llm")["step_type"] == "think"
    holds(meaning({}, scope=ADK, name="execute_tool say_hello"),
          {"step_type": "act", "tool_name": "say_hello"})  # fmt: skip


def test_google_adk_model_call():
    request = {
        "model": "gemini-2.0-flash",
        "config": {"system_instruction": "Greet."},
        "contents": [{"parts": [{"text": "hi"}], "role": "user"}],
    }
    response = {
        "content": {"parts": [{"function_call": {"args": {}, "name": "hello"}}], "role": "model"},
        "usage_metadata": {
            "prompt_token_count": 28,
            "cached_content_token_count": 8,
            "candidates_token_count": 3,
            "thoughts_token_count": 7,
            "total_token_count": 38,
        },
    }
    attributes = {
        "gen_ai.system": ADK,
        "gen_ai.request.model": "gemini-2.0-flash",
        "gcp.vertex.agent.session_id": "demo",
        "gcp.vertex.agent.llm_request": json.dumps(request),
        "gcp.vertex.agent.llm_response": json.dumps(response),
    }
    holds(
        meaning(attributes, scope=ADK, name="call_llm"),
        {
            "step_type": "think",
            "provider": ADK,
            "session_id": "demo",
            "input": "hi",
            "output": "hello({})",
            "input_tokens": 28,
            "cached_tokens": 8,
            "reasoning_tokens": 7,
            # Google counts thoughts apart; the total shows it.
            "output_tokens": 10,
        },
    )
    assert meaning({**attributes, "llm.provider": "google"})["provider"] == "google"


def test_google_adk_tool_call():
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "hello",
        "gen_ai.tool.call.id": "<not specified>",
        "gcp.vertex.agent.tool_call_args": "{}",
        "gcp.vertex.agent.tool_response": '{"greeting": "Hi"}',
        "gcp.vertex.agent.llm_request": "{}",
        "gcp.vertex.agent.llm_response": "{}",
    }
    assert meaning(attributes) == {
        "step_type": "act",
        "tool_name": "hello",
        "input": "{}",
        "output": '{"greeting": "Hi"}',
    }
    merged = {**attributes, "gen_ai.tool.name": "(merged tools)"}
    assert meaning(merged)["step_type"] == "other"


AI_SDK: dict[str, Any] = {
    "ai.model.id": "gpt-4o",
    "ai.model.provider": "openai.chat",
    "ai.telemetry.metadata.userId": "u",
    "ai.telemetry.metadata.sessionId": "s",
    "ai.response.toolCalls": json.dumps(
        [{"toolCallId": "c", "toolName": "getWeather", "input": '{"location":"SF"}'}]
    ),
}


def test_vercel_wrapper_repeats_what_its_calls_count():
    attributes = {
        **AI_SDK,
        "operation.name": "ai.generateText my-function",
        "ai.operationId": "ai.generateText",
        "ai.prompt": json.dumps({"prompt": MESSAGE}),
        "ai.usage.promptTokens": 62,
        "ai.usage.completionTokens": 85,
    }
    assert meaning(attributes, root=True) == {
        "step_type": "user_input",
        "model": "gpt-4o",
        "provider": "openai.chat",
        "user_id": "u",
        "session_id": "s",
        "input": MESSAGE,
        "output": 'getWeather({"location":"SF"})',
    }
    assert meaning(attributes)["step_type"] == "other"


@pytest.mark.parametrize(
    "usage",
    [
        {"ai.usage.promptTokens": 62, "ai.usage.completionTokens": 85},
        {"ai.usage.inputTokens": 62, "ai.usage.outputTokens": 85},
        {"gen_ai.usage.input_tokens": 62, "gen_ai.usage.output_tokens": 85},
        {"ai.usage.promptTokens": "62", "ai.usage.completionTokens": "85"},
    ],
)
def test_vercel_model_call(usage: dict[str, Any]):
    messages = [{"role": "user", "content": [{"type": "text", "text": MESSAGE}]}]
    attributes = {
        **AI_SDK,
        **usage,
        "ai.operationId": "ai.streamText.doStream",
        "ai.prompt.messages": json.dumps(messages),
        "ai.response.model": "gpt-4o-2024-08-06",
        "ai.usage.cachedInputTokens": 12,
        "ai.usage.reasoningTokens": 40,
    }
    holds(
        meaning(attributes),
        {
            "step_type": "think",
            "model": "gpt-4o-2024-08-06",
            "input_tokens": 62,
            "output_tokens": 85,
            "cached_tokens": 12,
            "reasoning_tokens": 40,
            "input": MESSAGE,
            "output": 'getWeather({"location":"SF"})',
        },
    )


@pytest.mark.parametrize(
    "operation", ["generateText", "streamText", "generateObject", "streamObject"]
)
def test_steps_of_vercel(operation: str):
    call = ".doStream" if operation.startswith("stream") else ".doGenerate"
    for key in ("ai.operationId", "operation.name"):
        assert meaning({key: f"ai.{operation}"}, root=True)["step_type"] == "user_input"
        assert meaning({key: f"ai.{operation}{call}"}, root=True)["step_type"] == "think"
    assert meaning({"operation.name": f"ai.{operation}{call} name"})["step_type"] == "think"


def test_vercel_from_version_7_on():
    usage = {"gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 9}
    around = meaning({"gen_ai.operation.name": "invoke_agent", **usage}, scope="gen_ai", root=True)
    assert (around["step_type"], around.get("input_tokens")) == ("user_input", None)
    step = meaning({"gen_ai.operation.name": "agent_step", **usage}, scope="gen_ai")
    assert (step["step_type"], step.get("input_tokens")) == ("other", None)
    call = meaning({"gen_ai.operation.name": "chat", **usage}, scope="gen_ai")
    assert (call["step_type"], call["input_tokens"]) == ("think", 9)


def test_vercel_tool_call():
    attributes = {
        "ai.operationId": "ai.toolCall",
        "ai.toolCall.name": "getWeather",
        "ai.toolCall.id": "c",
        "ai.toolCall.args": '{"location":"SF"}',
        "ai.toolCall.result": '{"temperature":64}',
    }
    assert meaning(attributes) == {
        "step_type": "act",
        "tool_name": "getWeather",
        "tool_call_id": "c",
        "input": '{"location":"SF"}',
        "output": '{"temperature":64}',
    }


def test_vercel_embeddings_count_once():
    usage = {"ai.usage.tokens": 9, "ai.model.id": "text-embedding-3-small"}
    around = meaning({"ai.operationId": "ai.embed", "ai.value": "sunny", **usage})
    assert "input_tokens" not in around
    assert (around["step_type"], around["input"]) == ("other", "sunny")
    call = meaning({"ai.operationId": "ai.embed.doEmbed", **usage})
    assert (call["step_type"], call["input_tokens"]) == ("other", 9)


PYDANTIC = "pydantic-ai"


def test_pydantic_ai():
    run = {
        "agent_name": "joker",
        "model_name": "gpt-4o-mini",
        "final_result": "A joke.",
        "gen_ai.usage.input_tokens": "682",
        "gen_ai.usage.output_tokens": "126",
        "pydantic_ai.all_messages": [
            {"role": "user", "parts": [{"type": "text", "content": MESSAGE}]},
            {"role": "assistant", "parts": [{"type": "text", "content": "Long."}]},
        ],
    }
    assert meaning(run, scope=PYDANTIC, name="joker run", root=True) == {
        "step_type": "user_input",
        "model": "gpt-4o-mini",
        "input": MESSAGE,
        "output": "A joke.",
    }
    unsaid = meaning({"agent_name": "joker"}, scope=PYDANTIC, name="agent run", root=True)
    assert unsaid["step_type"] == "user_input"
    tool = {
        "gen_ai.tool.name": "pun",
        "gen_ai.tool.call.id": "c",
        "tool_arguments": {"topic": "x"},
        "tool_response": "Pun.",
    }
    assert meaning(tool, scope=PYDANTIC, name="running tool") == {
        "step_type": "act",
        "tool_name": "pun",
        "tool_call_id": "c",
        "input": '{"topic":"x"}',
        "output": "Pun.",
    }
    assert meaning({"tools": ["a"]}, scope=PYDANTIC, name="running 3 tools")["step_type"] == "other"
    call = {**OTEL_1_27, "operation.cost": "0.00008355"}
    assert meaning(call)["cost_usd"] == 0.00008355


def test_strands_puts_a_tools_arguments_into_events():
    events = [
        SpanEvent(name="gen_ai.tool.message", attributes={"role": "tool", "content": '{"q": 1}'}),
        SpanEvent(name="gen_ai.choice", attributes={"message": '[{"text": "found"}]', "id": "c"}),
    ]
    attributes = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}
    made = meaning(attributes, events=events)
    assert made["step_type"] == "act"
    assert json.loads(made["input"]) == {"q": 1}
    assert "found" in made["output"]


def test_bedrock_counts_caches_apart():
    usage = {
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.usage.cache_read_input_tokens": 100,
        "gen_ai.usage.cache_write_input_tokens": 20,
        "gen_ai.usage.total_tokens": 135,
    }
    made = meaning({"gen_ai.operation.name": "chat", **usage})
    assert (made["input_tokens"], made["cached_tokens"], made["output_tokens"]) == (130, 100, 5)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"langsmith.span.kind": "llm"}, {"step_type": "think"}),
        ({"langsmith.metadata.thread_id": "t"}, {"conversation_id": "t", "session_id": "t"}),
        ({"kagent.user_id": "admin@kagent.dev"}, {"user_id": "admin@kagent.dev"}),
        (
            {"gen_ai.thread.id": "th", "session.id": "s"},
            {"conversation_id": "th", "session_id": "s"},
        ),
        ({"gen_ai.operation.name": "process_thread_run"}, {"step_type": "think"}),
        ({"enduser.id": "u"}, {"user_id": "u"}),
        ({"gen_ai.conversation.id": ""}, {"conversation_id": None, "session_id": None}),
        ({"http.request.method": "POST", "http.route": "/"}, {"step_type": "other"}),
        ({"embedding.model_name": "BERT-base"}, {"model": "BERT-base", "step_type": "other"}),
    ],
)
def test_and_others(attributes: dict[str, Any], expected: dict[str, Any]):
    holds(meaning(attributes, root=True), expected)
