"""Real traces: what is read equals what the files say, read here by plain means."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jollyscope.model.messages import Message
from jollyscope.semconv.messages import conversation

DATA = Path(__file__).parents[5] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no sample traces at {DATA}")

Said = list[tuple[str, str]]
"""Role and text, or role and JSON of the call's name and arguments, or of the result."""

Json = dict[str, Any]


def load(name: str) -> Any:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no {path}")
    return json.loads(path.read_text())


def observations(name: str) -> Iterator[tuple[str, Json, Json]]:
    """A Langfuse export: name, the observation, the attributes an importer makes of it."""
    for one in load(f"langfuse/{name}")["observations"]:
        raw: Any = one["metadata"]
        metadata: Json = json.loads(raw) if isinstance(raw, str) else raw
        attributes: Json = dict(metadata.get("attributes", {}))
        attributes["langfuse.observation.type"] = one["type"].lower()
        for side in ("input", "output"):
            if one[side] is not None:
                attributes[f"langfuse.observation.{side}"] = one[side]
        yield one["name"], one, attributes


def told(messages: list[Message]) -> Said:
    made: Said = []
    for message in messages:
        for part in message.parts:
            if part.kind == "tool_call":
                made.append((message.role, call(part.name, part.arguments)))
            elif part.kind == "tool_result":
                made.append((message.role, result(part.result)))
            else:
                made.append((message.role, part.text))
    return made


def call(name: Any, arguments: Any) -> str:
    arguments = json.loads(arguments) if isinstance(arguments, str) else arguments
    return f"call {name} {json.dumps(arguments, sort_keys=True)}"


def result(value: Any) -> str:
    return f"result {value if isinstance(value, str) else json.dumps(value, sort_keys=True)}"


def test_crewai() -> None:
    seen = 0
    for name, one, attributes in observations("crewai-2025-07-11.json"):
        made = conversation(attributes)
        if name != "completion":
            assert not made
            continue
        seen += 1
        asked = json.loads(one["input"])["messages"]
        assert told(made.input) == [(m["role"], m["content"]) for m in asked]
        assert told(made.output) == [("assistant", one["output"])]
    assert seen == 1


def gemini(content: Json) -> Said:
    made: Said = []
    for part in content["parts"]:
        if "text" in part:
            made.append(("assistant" if content["role"] == "model" else "user", part["text"]))
        elif "function_call" in part:
            function = part["function_call"]
            made.append(("assistant", call(function["name"], function.get("args", {}))))
        else:
            made.append(("tool", result(part["function_response"]["response"])))
    return made


def test_google_adk() -> None:
    seen: list[str] = []
    for name, one, attributes in observations("google-adk-2025-08-28.json"):
        made = conversation(attributes)
        if name.startswith("execute_tool"):
            assert not made
            continue
        seen.append(name)
        answer = json.loads(one["output"])
        assert told(made.output) == gemini(answer["content"])
        assert made.output[-1].finish_reason == answer["finish_reason"]
        if name == "call_llm":
            asked = json.loads(one["input"])
            expected: Said = [("system", asked["config"]["system_instruction"])]
            for content in asked["contents"]:
                expected += gemini(content)
            assert told(made.input) == expected
        elif one["input"]:
            assert told(made.input) == [
                ("user", json.loads(one["input"])["new_message"]["parts"][0]["text"])
            ]
    assert sorted(seen) == ["agent_run [hello_agent]", "call_llm", "call_llm",
                            "invocation [hello_app]"]  # fmt: skip


def langchain(value: str | None) -> Said:
    found: Any = json.loads(value) if value and value[0] in "[{" else []
    listed: Any = found if value and value[0] == "[" else found and found.get("messages", [found])
    roles = {"human": "user", "ai": "assistant", "tool": "tool"}
    made: Said = []
    for message in listed:
        role: str = message.get("role") or roles[message["type"]]
        if isinstance(message["content"], dict):
            continue  # a tool's definition, which Langfuse lists behind the messages
        if role == "tool":
            made.append((role, result(message["content"])))
        elif message["content"]:
            made.append((role, message["content"]))
        for one in message.get("additional_kwargs", {}).get("tool_calls", []):
            made.append((role, call(one["function"]["name"], one["function"]["arguments"])))
    return made


def test_langgraph() -> None:
    seen = 0
    for name, one, attributes in observations("langgraph-python-2025-08-22.json"):
        made = conversation(attributes)
        assert told(made.input) == ([] if name == "Web-Search" else langchain(one["input"]))
        assert told(made.output) == langchain(one["output"])
        seen += bool(made)
    assert seen == 9


def test_openai_agents() -> None:
    seen = 0
    for name, one, attributes in observations("openai-agents-2025-09-30.json"):
        made = conversation(attributes)
        if name != "response":
            assert not made
            continue
        seen += 1
        answer = json.loads(one["output"])
        expected: Said = [("system", answer["instructions"])]
        for item in json.loads(one["input"]):
            if item.get("type") == "function_call":
                expected.append(("assistant", call(item["name"], item["arguments"])))
            elif item.get("type") == "function_call_output":
                expected.append(("tool", result(item["output"])))
            else:
                expected.append((item["role"], item["content"]))
        assert told(made.input) == expected
        assert told(made.output) == [
            ("assistant", call(item["name"], item["arguments"]))
            if item["type"] == "function_call"
            else ("assistant", item["content"][0]["text"])
            for item in answer["output"]
        ]
        calls = [p.id for m in made.output for p in m.parts if p.kind == "tool_call"]
        assert calls == [i["call_id"] for i in answer["output"] if "call_id" in i]
    assert seen == 2


def parts(messages: list[Json]) -> Said:
    made: Said = []
    for message in messages:
        for part in message["parts"]:
            if part["type"] == "tool_call":
                made.append((message["role"], call(part["name"], part["arguments"])))
            elif part["type"] == "tool_call_response":
                made.append(("tool", result(part["result"])))
            else:
                made.append((message["role"], part["content"]))
    return made


def test_pydantic_ai() -> None:
    seen: list[str] = []
    for name, one, attributes in observations("pydantic-ai-tools-2025-12-04.json"):
        made = conversation(attributes)
        if name.startswith("chat"):
            assert told(made.input) == parts(one["input"])
            assert told(made.output) == parts(one["output"])
            assert made.output[0].finish_reason == one["output"][0]["finish_reason"]
        elif name.endswith("_agent run"):
            history = attributes["pydantic_ai.all_messages"]
            assert told(made.input) + told(made.output) == parts(history)
            assert made.output[0].role == "assistant"
        else:
            assert not made
            continue
        seen.append(name)
    assert seen.count("chat gpt-4o-mini") == 4
    assert len(seen) == 7


def test_vercel() -> None:
    seen = 0
    for name, one, attributes in observations("vercel-aisdk-2025-11-17.json"):
        made = conversation(attributes)
        if name == "getWeather":
            assert not made
            continue
        seen += 1
        asked: Any = json.loads(one["input"])
        text = asked["prompt"] if name == "ai.generateText" else asked[0]["content"][0]["text"]
        assert told(made.input) == [("user", text)]
        (made_call,) = json.loads(one["output"])
        assert told(made.output) == [("assistant", call(made_call["toolName"], made_call["input"]))]
        assert made.output[0].parts[0].id == made_call["toolCallId"]
    assert seen == 2


def jaeger_spans(name: str) -> Iterator[Json]:
    whole = load(f"jaeger/{name}")
    for trace in whole.get("data", [whole]):
        for span in trace["spans"]:
            yield {tag["key"]: tag["value"] for tag in span["tags"]}


def test_jaeger_newest_attributes() -> None:
    seen = 0
    for tags in jaeger_spans("genai-synthetic.json"):
        made = conversation(tags)
        if "gen_ai.input.messages" not in tags:
            assert not made
            continue
        seen += 1
        (system,) = json.loads(tags["gen_ai.system_instructions"])
        expected = [("system", system["content"])]
        assert told(made.input) == expected + parts(json.loads(tags["gen_ai.input.messages"]))
        assert told(made.output) == parts(json.loads(tags["gen_ai.output.messages"]))
    assert seen == 5


def test_jaeger_openllmetry_and_adk() -> None:
    readers: dict[str, Callable[[Json], tuple[Said, Said]]] = {
        "gen_ai.prompt.0.role": flattened,
        "gcp.vertex.agent.llm_request": requested,
    }
    seen: list[str] = []
    for tags in jaeger_spans("kagent-k8s.json"):
        made = conversation(tags)
        marks = [mark for mark in readers if mark in tags]
        if not marks:
            assert not made
            continue
        seen += marks
        assert (told(made.input), told(made.output)) == readers[marks[0]](tags)
    assert sorted(seen) == sorted(readers)


def flattened(tags: Json) -> tuple[Said, Said]:
    def side(name: str) -> Said:
        found: Said = []
        while f"gen_ai.{name}.{len(found)}.role" in tags:
            prefix = f"gen_ai.{name}.{len(found)}."
            found.append((tags[prefix + "role"], tags[prefix + "content"]))
        return found

    return side("prompt"), side("completion")


def requested(tags: Json) -> tuple[Said, Said]:
    request = json.loads(tags["gcp.vertex.agent.llm_request"])
    asked = [("system", request["config"]["system_instruction"])]
    for content in request["contents"]:
        asked += gemini(content)
    return asked, gemini(json.loads(tags["gcp.vertex.agent.llm_response"])["content"])
