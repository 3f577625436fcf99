"""An agent of a real framework, Pydantic AI, traced by its own instrumentation: through `jollyscope run`, and
over gRPC and HTTP to `jollyscope collect`. What an exporter in its memory saw is what is stored.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from jollyscope.model.records import SpanRecord
from jollyscope.query.dialogue import turns
from jollyscope.store.lake.store import LakeStore
from tests.e2e.running import Collect, environment, listed, run, shown
from tests.e2e.stored_spans import stored

pytest.importorskip("pydantic_ai")

AGENT = str(Path(__file__).with_name("pydantic_agent.py"))
Span = dict[str, Any]


class Both(NamedTuple):
    way: str
    home: Path
    exported: list[Span]
    records: dict[str, SpanRecord]

    def trace(self, agent: str) -> tuple[list[Span], dict[str, Any]]:
        """The exported spans of the agent's run, and its row of `ls traces --json`."""
        root = next(span for span in self.exported if span["name"] == f"invoke_agent {agent}")
        spans = [span for span in self.exported if span["trace"] == root["trace"]]
        (row,) = [row for row in listed(self.home) if row["trace_id"] == root["trace"]]
        return spans, row


def through_run(home: Path) -> bytes:
    done = run(home, sys.executable, AGENT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def through_collect(home: Path, protocol: str) -> bytes:
    with Collect(home) as collect:
        done = subprocess.run(
            [sys.executable, AGENT],
            env=environment(home, **collect.variables(protocol)),
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        counts = collect.stop()
    assert counts["spans"] == len(json.loads(done.stdout))
    assert counts["refused"] == counts["rejected"] == counts["failed"] == 0
    return done.stdout


@pytest.fixture(scope="module", params=["run", "grpc", "http/protobuf"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    home = tmp_path_factory.mktemp("home")
    way: str = request.param
    out = through_run(home) if way == "run" else through_collect(home, way)
    exported = json.loads(out)
    with LakeStore(home).reader() as reader:
        records = [s for t in {s["trace"] for s in exported} for s in reader.spans(t)]
        (count,) = reader.query("SELECT count(*) FROM dwd_spans").rows[0]
    assert count == len(records) == len({span.span_id for span in records})
    return Both(way, home, exported, {span.span_id: span for span in records})


def test_every_span_is_stored_as_it_was_exported(both: Both):
    assert both.records.keys() == {span["id"] for span in both.exported}
    assert len(both.exported) >= 8
    for span in both.exported:
        record = both.records[span["id"]]
        assert stored(record) == span
        for mine, theirs in zip(
            _leaves(record.attributes), _leaves(span["attributes"]), strict=True
        ):
            assert type(mine) is type(theirs)


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for key in sorted(value) for leaf in _leaves(value[key])]
    return (
        [leaf for item in value for leaf in _leaves(item)] if isinstance(value, list) else [value]
    )


def of(spans: list[Span], operation: str) -> list[Span]:
    return [span for span in spans if span["attributes"]["gen_ai.operation.name"] == operation]


def test_the_row_says_what_the_spans_say(both: Both):
    for agent in ("weather-agent", "failing"):
        spans, row = both.trace(agent)
        chats, tools = of(spans, "chat"), of(spans, "execute_tool")
        assert row["span_count"] == len(spans)
        assert row["tools"] == sorted({t["attributes"]["gen_ai.tool.name"] for t in tools})
        assert row["tool_calls"] == len(tools)
        for way in ("input", "output"):
            used = [chat["attributes"][f"gen_ai.usage.{way}_tokens"] for chat in chats]
            assert row[f"{way}_tokens"] == sum(used)
        assert row["models"] == sorted({c["attributes"]["gen_ai.response.model"] for c in chats})
        assert row["session_id"] == spans[0]["attributes"]["gen_ai.conversation.id"]
        assert row["error_count"] == sum(span["status"] == "error" for span in spans)
        assert row["cost_usd"] is None  # nobody knows what such a model costs


def test_the_steps(both: Both):
    spans, row = both.trace("weather-agent")
    assert row["step_strip"] == "utaaootr"  # two calls at once, each with what it returned
    assert row["step_count"] == 8
    assert (row["input"], row["status"]) == ("weather?", "unset")
    assert row["output"] == "sunny in 北京 ☀; sunny in Paris ☀"
    assert both.trace("failing")[1]["step_strip"] == "UtA"
    document = shown(both.home, row["trace_id"])
    assert {span["span_id"] for span in document["spans"]} == {span["id"] for span in spans}
    told = {span["span_id"]: span["attributes"] for span in document["spans"]}
    for tool in of(spans, "execute_tool"):
        assert told[tool["id"]]["step_type"] == "act"
        assert told[tool["id"]]["tool_name"] == "weather"
        record = both.records[tool["id"]]
        assert record.tool_call_id == tool["attributes"]["gen_ai.tool.call.id"]
        asked = tool["attributes"]["gen_ai.tool.call.arguments"]
        assert json.loads(record.input or "") == json.loads(asked)
        assert record.output == tool["attributes"]["gen_ai.tool.call.result"]


def test_the_failure(both: Both):
    spans, _ = both.trace("failing")
    (tool,) = of(spans, "execute_tool")
    record = both.records[tool["id"]]
    assert (record.status, record.error_type) == ("error", "ValueError")
    assert record.error_message == "no such station"
    assert "no such station" in (record.stack_trace or "")


def test_the_conversation(both: Both):
    spans, _ = both.trace("weather-agent")
    ids = {span["id"] for span in spans}
    said = [t.message for t in turns([s for i, s in both.records.items() if i in ids])]
    assert [message.role for message in said] == [
        "system", "user", "assistant", "tool", "tool", "assistant",
    ]  # fmt: skip
    assert [message.text for message in said[:3]] == ["Be brief.", "weather?", "Let me look 👀."]
    assert said[5].text == "sunny in 北京 ☀; sunny in Paris ☀"
    calls = [part for part in said[2].parts if part.kind == "tool_call"]
    assert [(call.name, call.arguments) for call in calls] == [
        ("weather", {"city": "北京"}),
        ("weather", {"city": "Paris"}),
    ]
    results = [message.parts[0] for message in said[3:5]]
    assert {part.id: part.result for part in results} == {
        call.id: f"sunny in {call.arguments['city']} ☀" for call in calls
    }
