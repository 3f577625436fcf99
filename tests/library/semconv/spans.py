"""Spans as the specifications write them, and what they come to."""

from __future__ import annotations

import json
from typing import Any

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
