"""Real files through `import`, `ls` and the conversation, held against plain readings of the files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jollyscope.query.dialogue import Turn, lines_of, turns
from jollyscope.query.loading import load_trace
from jollyscope.store.lake.store import LakeStore
from tests.conftest import SHARED_DATA
from tests.e2e.test_main_job import Machine

LANGFUSE = sorted(path.name for path in (SHARED_DATA / "langfuse").glob("*.json"))
SWE = sorted(path.name for path in (SHARED_DATA / "swe-agent").glob("*.traj"))

pytestmark = pytest.mark.skipif(not LANGFUSE, reason=f"no real traces at {SHARED_DATA}")


class Run(NamedTuple):
    """A trace as the program has it: its row of `ls`, and what was said."""

    row: dict[str, Any]
    said: list[Turn]


@pytest.fixture
def imported(tmp_path: Path) -> Any:
    def run(name: str) -> Run:
        machine = Machine(tmp_path)
        machine.jollyscope("import", str(SHARED_DATA / name))
        (row,) = json.loads(machine.jollyscope("ls", "traces", "--json", "--limit", "0"))
        with LakeStore(tmp_path).reader() as reader:
            loaded = load_trace(reader, row["trace_id"])
        return Run(row, turns(loaded.spans, loaded.said))

    return run


def load(name: str) -> Any:
    return json.loads((SHARED_DATA / name).read_text(encoding="utf-8"))


def strip_of(marks: list[tuple[Any, Any, str]], root_output: Any) -> str:
    """Letters by time; a result comes where its call ended, before what begins then."""
    letters = "".join(letter for *_, letter in sorted(marks))
    letters = letters if letters.startswith("u") else "u" + letters
    return letters + ("r" if root_output or letters.endswith("t") else "")


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value, and in JSON within texts."""
    if isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value
        if value[:1] in ("{", "["):
            with suppress(ValueError):
                yield from strings(json.loads(value))


@pytest.mark.parametrize("name", LANGFUSE)
def test_langfuse(name, imported):
    document = load(f"langfuse/{name}")
    given = document["observations"]
    generations = [o for o in given if o["type"] == "GENERATION"]
    holders = {o["parentObservationId"] for o in generations}
    calls = [o for o in generations if o["id"] not in holders]
    asked_for = {
        found for o in calls for found in re.findall(r'"name\W+?([\w-]+)', json.dumps(o["output"]))
    }
    tools = [
        o for o in given
        if o["type"] == "TOOL" or (o["type"] == "SPAN" and o["name"] in asked_for)
    ]  # fmt: skip
    (root,) = [o for o in given if not o["parentObservationId"]]
    marks = [(o["startTime"], o["startTime"], "t") for o in calls]
    marks += [(o["startTime"], o["startTime"], "a") for o in tools]
    marks += [(o["endTime"], o["startTime"], "o") for o in tools if o["output"]]
    row, said = imported(f"langfuse/{name}")

    assert row["step_strip"] == strip_of(marks, root["output"])
    assert row["tool_calls"] == len(tools)
    assert {tool.split()[-1] for tool in (o["name"] for o in tools)} == set(row["tools"])
    assert row["input_tokens"] == sum(o["inputUsage"] for o in calls)
    assert row["output_tokens"] == sum(o["outputUsage"] for o in calls)
    assert row["cost_usd"] == pytest.approx(sum(float(o["totalCost"]) for o in calls), rel=0.01)
    answers = [turn.message for turn in said if turn.message.role == "assistant"]
    assert len(answers) == len(calls)
    for call, answer in zip(sorted(calls, key=lambda o: o["startTime"]), answers, strict=True):
        in_file = {text.strip() for text in strings(call["output"])}
        assert all(p.text.strip() in in_file for p in answer.parts if p.kind == "text")
        assert all(p.name in in_file for p in answer.parts if p.kind == "tool_call")
        assert any(p.kind in ("text", "tool_call") for p in answer.parts)
    asked = [t for t in said if t.message.role == "user"]
    in_file = {t.strip() for o in calls for t in strings(o["input"])}
    assert asked
    assert all(turn.message.text.strip() in in_file for turn in asked)


def tags(span: dict[str, Any]) -> dict[str, Any]:
    return {tag["key"]: tag["value"] for tag in span["tags"]}


def test_jaeger_with_the_newest_attributes(imported):
    spans = load("jaeger/genai-synthetic.json")["spans"]
    marks: list[tuple[Any, Any, str]] = []
    for span in spans:
        told, begin = tags(span), span["startTime"]
        failed = told.get("otel.status_code") == "ERROR" or told.get("error") is True
        letter = {"chat": "t", "execute_tool": "a"}.get(told.get("gen_ai.operation.name"), "")
        if letter or failed:
            marks.append((begin, begin, (letter or "e").upper() if failed else letter))
        if letter == "a" and not failed and "gen_ai.tool.call.result" in told:
            marks.append((begin + span["duration"], begin, "o"))
    row, said = imported("jaeger/genai-synthetic.json")
    assert row["step_strip"] == strip_of(marks, None)[:64]
    chats = [tags(s) for s in spans if tags(s).get("gen_ai.operation.name") == "chat"]
    assert row["input_tokens"] == sum(c["gen_ai.usage.input_tokens"] for c in chats)
    assert row["output_tokens"] == sum(c["gen_ai.usage.output_tokens"] for c in chats)
    tools = [s for s in spans if tags(s).get("gen_ai.operation.name") == "execute_tool"]
    assert set(row["tools"]) == {
        tags(s).get("gen_ai.tool.name", s["operationName"].split()[-1]) for s in tools
    }
    answers = [t.message.text for t in said if t.message.role == "assistant"]
    expected = [
        " ".join(p["content"] for m in json.loads(c["gen_ai.output.messages"]) for p in m["parts"])
        for c in chats
    ]
    assert sorted(answers) == sorted(expected)


def test_jaeger_with_one_call_recorded_by_two_libraries(imported):
    """The agent framework's span and the OpenAI instrumentation's within it carry the same tokens."""
    spans = load("jaeger/kagent-k8s.json")["data"][0]["spans"]
    inner = next(tags(s) for s in spans if s["operationName"] == "openai.chat")
    outer = next(tags(s) for s in spans if s["operationName"] == "call_llm")
    row, said = imported("jaeger/kagent-k8s.json")
    assert row["input_tokens"] == outer["gen_ai.usage.input_tokens"]
    assert row["input_tokens"] == inner["gen_ai.usage.prompt_tokens"]
    assert row["output_tokens"] == inner["gen_ai.usage.completion_tokens"]
    assert row["step_strip"].lower().replace("e", "") == "utr"
    assert row["session_id"] == outer["gen_ai.conversation.id"]
    assert row["input"] == inner["gen_ai.prompt.1.content"]
    assert [(t.message.role, t.message.text) for t in said][1:] == [
        ("user", inner["gen_ai.prompt.1.content"]),
        ("assistant", inner["gen_ai.completion.0.content"]),
    ]


@pytest.mark.parametrize("name", SWE)
def test_swe_agent(name, imported):
    document = load(f"swe-agent/{name}")
    steps = document.get("trajectory") or [
        message for message in document["history"] if message["role"] == "assistant"
    ]
    row, said = imported(f"swe-agent/{name}")
    ended = "r" if document.get("info", {}).get("submission") else ""
    # A result is there even where it is empty, so every call is followed by what it returned.
    assert row["step_strip"] == ("u" + "tao" * len(steps) + ended)[:64]
    assert row["tool_calls"] == len(steps)
    stats = document.get("info", {}).get("model_stats", {})
    assert row["input_tokens"] == (stats.get("tokens_sent") or None)
    assert row["cost_usd"] == (stats.get("instance_cost") or None)
    told = "\n".join(f"{line.head}{line.text}" for t in said for line in lines_of(t.message))
    for step in steps:
        assert (step.get("response") or step["content"]).strip() in told


def test_the_demo_shop_has_no_steps(tmp_path):
    machine = Machine(tmp_path)
    machine.jollyscope("import", str(SHARED_DATA / "otlp"))
    rows = json.loads(machine.jollyscope("ls", "traces", "--json", "--limit", "0"))
    assert len(rows) == 142
    assert sum(row["span_count"] for row in rows) == 548
    assert {row["step_strip"].replace("E", "") for row in rows} == {""}
    assert {row["step_count"] for row in rows} == {0}
