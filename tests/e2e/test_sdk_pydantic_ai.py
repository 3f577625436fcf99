"""An agent of Pydantic AI, traced by its own instrumentation after nothing but `init()`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jollyscope.model.wire import decode

pytest.importorskip("pydantic_ai")

AGENT = '''
import asyncio, json, sys
import jollyscope

jollyscope.init(service="weather")

from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic_ai import Agent
from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import FunctionModel

peer = InMemorySpanExporter()
trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(peer))


def model(messages, info):
    """Calls the tool for two cities at once, then answers from what came back."""
    returned = [p for m in messages for p in m.parts if isinstance(p, ToolReturnPart)]
    if returned:
        return ModelResponse(parts=[TextPart("; ".join(str(p.content) for p in returned))])
    calls = [ToolCallPart("weather", {"city": city}) for city in ("北京", "Paris")]
    return ModelResponse(parts=calls)


Agent.instrument_all()
agent = Agent(FunctionModel(model), name="weather-agent")


@agent.tool_plain
async def weather(city: str) -> str:
    await asyncio.sleep(0.01)
    with jollyscope.observe("station", output={"city": city}):
        return f"sunny in {city} ☀"


@agent.tool_plain
def broken() -> str:
    raise ValueError("no such station")


async def main():
    with jollyscope.session("s-1", user="ann"), jollyscope.run("ask", input="weather?") as run:
        run.output((await agent.run("weather?")).output)
    failing = Agent(FunctionModel(lambda m, i: ModelResponse(parts=[ToolCallPart("broken", {})])),
                    name="failing", tools=[broken])
    try:
        await failing.run("break")
    except ValueError:
        pass


asyncio.run(main())


def plain(span):
    return {
        "id": f"{span.context.span_id:016x}", "trace": f"{span.context.trace_id:032x}",
        "parent": span.parent and f"{span.parent.span_id:016x}", "name": span.name,
        "start": span.start_time, "end": span.end_time, "attributes": dict(span.attributes),
        "status": span.status.status_code.name.lower(), "kind": span.kind.name.lower(),
        "events": [[e.name, e.timestamp, dict(e.attributes)] for e in span.events],
    }


print(json.dumps([plain(span) for span in peer.get_finished_spans()]))
'''


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], list[Any]]:
    """The agent's spans as OpenTelemetry exported them, and the spool's closed records."""
    folder: Path = tmp_path_factory.mktemp("pydantic-ai")
    env = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
    env |= {"JOLLYSCOPE_HOME": str(folder), "JOLLYSCOPE_CONFIG": str(folder / "none.toml")}
    done = subprocess.run(
        [sys.executable, "-c", AGENT],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [
        decode(line)
        for file in folder.glob("spool/*/span-*.jsonl")
        for line in file.read_bytes().splitlines()
    ]
    return json.loads(done.stdout), [record for record in lines if record.state == "closed"]


def test_every_span_is_in_the_spool_as_it_was_exported(both: Any) -> None:
    exported, records = both
    assert len(records) == len(exported) >= 11
    by_id = {record.span_id: record for record in records}
    assert len(by_id) == len(records)
    for span in exported:
        record = by_id[span["id"]]
        attributes = dict(record.attributes)
        for field in ("input", "output"):
            if f"jollyscope.{field}" in span["attributes"]:
                attributes[f"jollyscope.{field}"] = getattr(record, field)
        assert {
            "id": record.span_id, "trace": record.trace_id, "parent": record.parent_span_id,
            "name": record.name, "start": record.start_time, "end": record.end_time,
            "attributes": attributes, "status": record.status, "kind": record.kind,
            "events": [[e.name, e.time, e.attributes] for e in record.events],
        } == span  # fmt: skip


def test_what_the_spans_mean(both: Any) -> None:
    records = both[1]
    trace = next(record.trace_id for record in records if record.name == "ask")
    ours = [record for record in records if record.trace_id == trace]
    kinds = {record.span_id: record.step_type for record in ours}
    parents = [(record.step_type, kinds.get(record.parent_span_id)) for record in ours]
    assert sorted(parents, key=str) == sorted(
        [
            ("user_input", None), ("other", "user_input"), ("think", "other"), ("think", "other"),
            ("act", "other"), ("act", "other"), ("observe", "act"), ("observe", "act"),
        ],
        key=str,
    )  # fmt: skip
    assert {(r.session_id, r.user_id, r.service) for r in ours} == {("s-1", "ann", "weather")}
    thoughts = [record for record in ours if record.step_type == "think"]
    assert all(r.model and r.provider and r.input_tokens and r.output_tokens for r in thoughts)
    agent = next(record for record in ours if record.name == "invoke_agent weather-agent")
    assert (agent.input_tokens, agent.output_tokens) == (None, None)
    tools = [record for record in ours if record.step_type == "act"]
    assert {record.tool_name for record in tools} == {"weather"}
    assert len({record.tool_call_id for record in tools}) == 2
    root = next(record for record in ours if record.step_type == "user_input")
    assert root.output == "sunny in 北京 ☀; sunny in Paris ☀"


def test_a_failing_tool(both: Any) -> None:
    failed = [r for r in both[1] if r.name == "execute_tool broken"]
    assert len(failed) == 1
    assert (failed[0].status, failed[0].error_type) == ("error", "ValueError")
    assert failed[0].error_message == "no such station"
    assert "in broken\nValueError: no such station" in failed[0].stack_trace
