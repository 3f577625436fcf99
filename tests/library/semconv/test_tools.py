"""Tools that a model was offered: one definition in every dialect's writing, and what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.model.records import SpanEvent
from jollyscope.semconv.tools import OFFERS, Tool, tools_offered

SCHEMA = {
    "type": "object", "required": ["city"],
    "properties": {
        "city": {"type": "string", "description": "Ort, 城市"},
        "type": {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}},
    },
}  # fmt: skip
GEMINI = {
    "type": "OBJECT", "required": ["city"],
    "properties": {
        "city": {"type": "STRING", "description": "Ort, 城市"},
        "type": {"type": "ARRAY", "items": {"anyOf": [{"type": "INTEGER"}, {"type": "NULL"}]}},
    },
}  # fmt: skip
WEATHER = Tool(name="weather", description="Says how warm it is.", parameters=SCHEMA)
ABOUT = {"name": "weather", "description": "Says how warm it is."}
FLAT = {**ABOUT, "parameters": SCHEMA}
NESTED = {"type": "function", "function": FLAT}


def flat(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    return {f"{prefix}{name}": value for name, value in values.items()}


WRITTEN: dict[str, dict[str, Any]] = {
    "otel": {"gen_ai.tool.definitions": json.dumps([{"type": "function", **FLAT}])},
    "otel-values": {"gen_ai.tool.definitions": [{"@kvlist": {"type": "function", **FLAT}}]},
    "openinference": {"llm.tools.0.tool.json_schema": json.dumps(NESTED)},
    "openinference-anthropic": {
        "llm.tools.0.tool.json_schema": json.dumps({**ABOUT, "input_schema": SCHEMA})
    },
    "openinference-bedrock": {
        "llm.tools.0.tool.json_schema": json.dumps(
            {"toolSpec": {**ABOUT, "inputSchema": {"json": SCHEMA}}}
        )
    },
    "openllmetry": flat("llm.request.functions.0.", {**ABOUT, "parameters": json.dumps(SCHEMA)}),
    "ai-sdk": {"ai.prompt.tools": [json.dumps({"type": "function", **ABOUT, "inputSchema": SCHEMA})]},
    "pydantic-ai": {
        "model_request_parameters": {
            "function_tools": [{**ABOUT, "parameters_json_schema": SCHEMA, "kind": "function"}],
            "output_mode": "text",
        }
    },
    "adk": {
        "gcp.vertex.agent.llm_request": json.dumps(
            {"model": "m", "config": {"tools": [
                {"function_declarations": [{**ABOUT, "parameters": GEMINI}]}]}}
        )
    },
    "request": {"input.value": json.dumps({"messages": [], "tools": [NESTED]})},
    "langchain": {
        "langfuse.observation.input": json.dumps(
            [{"role": "user", "content": "hi"}, {"role": "tool", "content": NESTED}]
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("dialect", WRITTEN)
def test_one_definition_in_every_writing(dialect: str) -> None:
    assert tools_offered(WRITTEN[dialect]) == [WEATHER]


def test_definitions_on_the_event_of_an_operation() -> None:
    name = "gen_ai.client.inference.operation.details"
    event = SpanEvent(name=name, time=1, attributes=WRITTEN["otel"])
    assert tools_offered({}, [event]) == [WEATHER]
    assert tools_offered({}, [SpanEvent(name="other", time=1, attributes=WRITTEN["otel"])]) == []


def test_names_alone_do_until_somebody_says_what_they_take() -> None:
    named = {"llm.tools.0.tool.json_schema": '{"name":"weather"}'}
    assert tools_offered(named) == [Tool(name="weather")]
    assert tools_offered({**named, **WRITTEN["adk"]}) == [WEATHER]
    strict = {"type": "function", "function": {**FLAT, "strict": True}}
    (tool,) = tools_offered({"gen_ai.tool.definitions": json.dumps([strict, NESTED])})
    assert tool.strict


@pytest.mark.parametrize(
    "value",
    [
        '{"name": "Ann", "parameters": {}}',
        '[{"name": "Ann"}]',
        '[{"role": "user", "name": "Ann", "content": "hi"}]',
        '{"messages": [{"role": "user", "name": "Ann"}]}',
        '"name": nothing',
        '{"tools": ["weather", {"type": "web_search"}, null]}',
    ],
    ids=["object", "list", "message", "messages", "text", "nameless"],
)
def test_what_is_no_tool(value: str) -> None:
    assert tools_offered({"input.value": value, "langfuse.observation.input": value}) == []


KEYS = st.sampled_from(
    [
        "name",
        "tools",
        "function",
        "tool",
        "parameters",
        "type",
        "properties",
        "config",
        "items",
        "x",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["a", "[{}]"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
NAMES = [f"{o.name}0.name" if o.name.endswith(".") else o.name for o in OFFERS]


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(NAMES), JSON | JSON.map(json.dumps), max_size=3))
def test_nothing_is_too_odd(attributes: dict[str, Any]) -> None:
    found = tools_offered(attributes)
    assert all(tool.name for tool in found)
    assert len({tool.name for tool in found}) == len(found)


def test_a_bottomless_definition_ends() -> None:
    deep: Any = {"name": "weather"}
    for _ in range(40):
        deep = {"function": deep}
    assert tools_offered({"gen_ai.tool.definitions": [deep]}) == []
    for _ in range(20):
        deep = {"config": {"tools": [deep]}}
    assert tools_offered({"input.value": deep}) == []
