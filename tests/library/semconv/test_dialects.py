"""Every dialect as its specification writes it: attributes in, the record's fields out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jollyscope.semconv import give_meaning

MESSAGE = "What is the weather in Paris?"


def meaning(attributes: dict[str, Any], **where: Any) -> dict[str, Any]:
    made = give_meaning(dict(attributes), root=where.pop("root", False), **where)
    return {field: value for field, value in made.items() if value is not None}


def holds(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert {field: fields.get(field) for field in expected} == expected


OTEL_1_27: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-4",
    "gen_ai.response.model": "gpt-4-0613",
    "gen_ai.usage.prompt_tokens": 100,
    "gen_ai.usage.completion_tokens": 180,
}
OTEL_NEWEST: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.conversation.id": "conv_5j66UpCpwteGg4YSxUnt7lPY",
    "gen_ai.request.model": "gpt-4",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.cache_read.input_tokens": 50,
    "gen_ai.usage.cache_creation.input_tokens": 25,
    "gen_ai.usage.output_tokens": 180,
    "gen_ai.usage.reasoning.output_tokens": 50,
    "gen_ai.input.messages": json.dumps(
        [
            {"role": "user", "parts": [{"type": "text", "content": MESSAGE}]},
            {
                "role": "assistant",
                "parts": [
                    {
                        "type": "tool_call",
                        "id": "call_VSPygqKTWdrhaFErNvMV18Yl",
                        "name": "get_weather",
                        "arguments": {"location": "Paris"},
                    }
                ],
            },
            {
                "role": "tool",
                "parts": [
                    {
                        "type": "tool_call_response",
                        "id": "call_VSPygqKTWdrhaFErNvMV18Yl",
                        "response": "rainy, 57°F",
                    }
                ],
            },
        ]
    ),
    "gen_ai.output.messages": json.dumps(
        [
            {
                "role": "assistant",
                "parts": [{"type": "text", "content": "Rainy, 57°F."}],
                "finish_reason": "stop",
            }
        ]
    ),
}


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


OPENINFERENCE: dict[str, Any] = {
    "openinference.span.kind": "LLM",
    "llm.model_name": "gpt-3.5-turbo",
    "llm.provider": "azure",
    "llm.system": "openai",
    "llm.token_count.prompt": 10,
    "llm.token_count.completion": 15,
    "llm.token_count.prompt_details.cache_read": 5,
    "llm.token_count.completion_details.reasoning": 4,
    "llm.token_count.total": 25,
    "llm.cost.prompt": 0.0021,
    "llm.cost.completion": 0.0045,
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.content": "hello",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "world",
    "input.value": '{"messages": []}',
    "output.value": "raw",
    "session.id": "26bcd3d2-cad2-443d-a23c-625e47f3324a",
    "user.id": "9328ae73-7141-4f45-a044-8e06192aa465",
    "metadata": '{"thread_id": "t-1", "langgraph_node": "agent"}',
}


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ('{"prompt": "p", "other": 1}', "p"),
        ('{"args": ["programming"], "kwargs": {}}', "programming"),
        ('{"args": [], "kwargs": {"question": "why"}}', "why"),
        ('{"inputs": {"query": "q"}, "tags": []}', "q"),
        ('{"task": "t", "stream": false}', "t"),
        ('{"new_message": {"parts": [{"text": "hi"}], "role": "user"}, "user_id": "u"}', "hi"),
        ('{"messages": [["user", "first"], ["assistant", "a"], ["user", "last"]]}', "last"),
        ('[{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]', "hi"),
        ('{"messages": [{"type": "human", "content": "lang"}]}', "lang"),
        ('{"a": 1}', '{"a": 1}'),
        ('{"prompt": ', '{"prompt": '),
        ('"quoted"', "quoted"),
        ({"prompt": "structured"}, "structured"),
    ],
)
def test_what_the_user_said_within_json(value: Any, text: str):
    for name in ("input.value", "langfuse.observation.input", "traceloop.entity.input"):
        made = meaning({"openinference.span.kind": "AGENT", name: value}, root=True)
        assert made["input"] == text
    as_tool = meaning({"openinference.span.kind": "TOOL", "input.value": value})["input"]
    assert as_tool == (value if isinstance(value, str) else '{"prompt":"structured"}')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        ('{"raw": "r", "tasks_output": []}', "r"),
        ('{"final_output": "f"}', "f"),
        ('{"content": {"parts": [{"text": "done"}], "role": "model"}}', "done"),
        ('{"messages": [{"type": "human", "content": "q"}, {"type": "ai", "content": "a"}]}', "a"),
        ('{"output": [{"type": "message", "role": "assistant", "content": '
         '[{"type": "output_text", "text": "said"}]}], "object": "response"}', "said"),
        ('{"choices": [{"message": {"role": "assistant", "content": "chosen"}}]}', "chosen"),
        ('{"quality": "good"}', '{"quality": "good"}'),
    ],
)  # fmt: skip
def test_what_came_back_within_json(value: str, text: str):
    made = meaning({"openinference.span.kind": "CHAIN", "output.value": value}, root=True)
    assert made["output"] == text


def test_strands_puts_a_tools_arguments_into_events():
    from jollyscope.model.records import SpanEvent

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


def test_dialects_may_be_mixed_on_one_span():
    both = {**OPENINFERENCE, "openinference.span.kind": "CHAIN", "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "newer", "gen_ai.usage.input_tokens": 11}  # fmt: skip
    holds(meaning(both), {"step_type": "think", "model": "newer", "input_tokens": 11})
