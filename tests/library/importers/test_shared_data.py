"""Real files: what comes out is held against a reading of the file that knows nothing of the importers."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import steps_of
from jollyscope.semconv.messages import conversation
from tests.library.importers.helpers import Imported, shared

JAEGER = ["jaeger/genai-synthetic.json", "jaeger/kagent-k8s.json"]
LANGFUSE = [
    "langfuse/crewai-2025-07-11.json",
    "langfuse/google-adk-2025-08-28.json",
    "langfuse/langgraph-python-2025-08-22.json",
    "langfuse/openai-agents-2025-09-30.json",
    "langfuse/pydantic-ai-tools-2025-12-04.json",
    "langfuse/vercel-aisdk-2025-11-17.json",
]
SWE = [
    "swe-agent/function_calling_simple.traj",
    "swe-agent/marshmallow-code__marshmallow-1867.traj",
    "swe-agent/pydicom__pydicom-1458.traj",
]
OTLP = ["otlp/otel-demo.jsonl", "otlp/otlp-example-trace.json"]


def load(name: str) -> Any:
    return json.loads(shared(name).read_text(encoding="utf-8"))


def fields(span: SpanRecord) -> tuple[Any, ...]:
    return (
        span.trace_id, span.span_id, span.parent_span_id, span.name,
        span.kind, span.start_time, span.end_time, span.service,
    )  # fmt: skip


def jaeger_tags(span: dict[str, Any]) -> dict[str, Any]:
    return {tag["key"]: tag["value"] for tag in span["tags"]}


@pytest.mark.parametrize("name", JAEGER)
def test_jaeger(name):
    document = load(name)
    trace = document["data"][0] if "data" in document else document
    made = Imported(shared(name))
    expected = set()
    for span in trace["spans"]:
        parents = [r["spanID"] for r in span["references"] if r["refType"] == "CHILD_OF"]
        begin = span["startTime"] * 1000
        expected.add(
            (
                span["traceID"], span["spanID"], parents[0] if parents else None,
                span["operationName"], jaeger_tags(span).get("span.kind", "internal"),
                begin, begin + span["duration"] * 1000,
                trace["processes"][span["processID"]]["serviceName"],
            )
        )  # fmt: skip
    assert {fields(span) for span in made.spans} == expected
    assert made.summary.failed == 0


@pytest.mark.parametrize("name", JAEGER)
def test_jaeger_tags_logs_status_and_resource(name):
    document = load(name)
    trace = document["data"][0] if "data" in document else document
    made = Imported(shared(name))
    native = {"span.kind", "otel.status_code", "otel.status_description", "error"}
    native |= {"otel.scope.name", "otel.scope.version", "w3c.tracestate"}
    for span in trace["spans"]:
        tags, record = jaeger_tags(span), made.by_id[span["traceID"], span["spanID"]]
        for key, value in tags.items():
            if key not in native:
                assert record.attributes[key] == value
                assert type(record.attributes[key]) is type(value)
        failed = tags.get("otel.status_code") == "ERROR" or tags.get("error") is True
        assert (record.status == "error") is failed
        assert record.scope.get("name") == tags.get("otel.scope.name")
        assert [(e.time, len(e.attributes)) for e in record.events] == [
            (log["timestamp"] * 1000, sum(f["key"] != "event" for f in log["fields"]))
            for log in span["logs"]
        ]
        process = trace["processes"][span["processID"]]
        for tag in process.get("tags", []):
            assert record.resource[tag["key"]] == tag["value"]


def counted(spans: list[dict[str, Any]], operation: str) -> list[dict[str, Any]]:
    """Jaeger spans of an operation."""
    return [s for s in spans if jaeger_tags(s).get("gen_ai.operation.name") == operation]


def test_jaeger_model_calls_and_tools():
    spans = load("jaeger/genai-synthetic.json")["spans"]
    made = Imported(shared("jaeger/genai-synthetic.json"))
    calls = counted(spans, "chat")
    think = [span for span in made.spans if span.step_type == "think"]
    assert calls
    assert {span.span_id for span in think} == {span["spanID"] for span in calls}
    for key, field in (("input", "input_tokens"), ("output", "output_tokens")):
        expected = sum(jaeger_tags(s).get(f"gen_ai.usage.{key}_tokens", 0) for s in calls)
        assert sum(getattr(s, field) or 0 for s in think) == expected
    calls = {s["spanID"]: jaeger_tags(s) for s in counted(spans, "execute_tool")}
    acts = {s.span_id: s for s in made.spans if s.step_type == "act"}
    assert acts.keys() == calls.keys()
    for span_id, tags in calls.items():
        assert acts[span_id].tool_name == tags.get("gen_ai.tool.name", acts[span_id].tool_name)


def observations(name: str) -> list[dict[str, Any]]:
    document = load(name)
    return document.get("observations") or document["trace"]["observations"]


def unix(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000) * 10**6


@pytest.mark.parametrize("name", LANGFUSE)
def test_langfuse(name):
    given = observations(name)
    made = Imported(shared(name))
    assert {
        (s.trace_id, s.span_id, s.parent_span_id, s.name, s.start_time, s.end_time)
        for s in made.spans
    } == {
        (o["traceId"], o["id"], o["parentObservationId"], o["name"], unix(o["startTime"]),
         unix(o["endTime"]))
        for o in given
    }  # fmt: skip
    assert len(made.spans) == len(given)
    trace = load(name)["trace"]
    assert {s.session_id for s in made.spans} <= {trace["sessionId"], *thread_ids(given)}
    assert {s.user_id for s in made.spans} == {trace["userId"]}


def thread_ids(given: list[dict[str, Any]]) -> set[Any]:
    return {metadata(o).get("thread_id") for o in given} | {None}


def metadata(observation: dict[str, Any]) -> dict[str, Any]:
    found = observation["metadata"]
    return json.loads(found) if isinstance(found, str) else found


@pytest.mark.parametrize("name", LANGFUSE)
def test_langfuse_attributes(name):
    made = Imported(shared(name))
    for given in observations(name):
        record = made.by_id[given["traceId"], given["id"]]
        told = metadata(given)
        for key, value in told.get("attributes", {}).items():
            assert record.attributes[key] == value
        assert record.attributes["langfuse.observation.type"] == given["type"].lower()
        for key, attribute in (("input", "input"), ("output", "output")):
            if given[key]:
                kept = record.attributes[f"langfuse.observation.{attribute}"]
                assert kept == given[key] or json.loads(kept) == given[key]
        assert record.service == told.get("resourceAttributes", {}).get(
            "service.name", record.service
        )
        if "scope" in told:
            assert record.scope["name"] == told["scope"]["name"]
            assert record.scope.get("version") == told["scope"].get("version")


@pytest.mark.parametrize("name", LANGFUSE)
def test_langfuse_model_calls_and_tokens(name):
    """Each model call once: a generation that holds another one repeats it."""
    given = observations(name)
    calls = [o for o in given if o["type"] == "GENERATION"]
    inner = [
        o for o in calls if not any(child["parentObservationId"] == o["id"] for child in calls)
    ]
    made = Imported(shared(name))
    for key, field in (("inputUsage", "input_tokens"), ("outputUsage", "output_tokens")):
        of_calls = [getattr(made.by_id[o["traceId"], o["id"]], field) for o in inner]
        assert of_calls == [o[key] for o in inner]
    for call in inner:
        record = made.by_id[call["traceId"], call["id"]]
        assert record.step_type == "think"
        assert record.model is not None
        assert record.model.startswith(call["model"]) or call["model"].startswith(record.model)
    tools = [o for o in given if o["type"] == "TOOL"]
    for tool in tools:
        record = made.by_id[tool["traceId"], tool["id"]]
        assert record.step_type == "act"
        assert record.tool_name
        assert record.tool_name in tool["name"]


def test_langfuse_scores():
    name = "langfuse/crewai-2025-07-11.json"
    scores = load(name)["trace"]["scores"]
    made = Imported(shared(name))
    assert {e.attributes["gen_ai.evaluation.name"]: e.attributes["gen_ai.evaluation.score.value"]
            for e in made.events} == {s["name"]: s["value"] for s in scores}  # fmt: skip
    assert {e.trace_id for e in made.events} == {load(name)["trace"]["id"]}


def otlp_lines(name: str) -> list[dict[str, Any]]:
    text = shared(name).read_text(encoding="utf-8")
    if name.endswith("jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    return [json.loads(text)]


def plain(attributes: list[dict[str, Any]]) -> dict[str, Any]:
    return {a["key"]: a["value"] for a in attributes}


@pytest.mark.parametrize("name", OTLP)
def test_otlp_spans(name):
    made = Imported(shared(name))
    kinds = ["internal", "internal", "server", "client", "producer", "consumer"]
    expected = set()
    for line in otlp_lines(name):
        for group in line.get("resourceSpans", []):
            service = plain(group["resource"]["attributes"]).get("service.name", {})
            for scope in group["scopeSpans"]:
                for span in scope["spans"]:
                    expected.add(
                        (
                            span["traceId"].lower(), span["spanId"].lower(),
                            span.get("parentSpanId", "").lower() or None, span["name"],
                            kinds[span.get("kind", 0)], int(span["startTimeUnixNano"]),
                            int(span["endTimeUnixNano"]), service.get("stringValue"),
                        )
                    )  # fmt: skip
    assert {fields(span) for span in made.spans} == expected
    assert len(made.spans) == len(expected)
    assert made.summary.traces == len({each[0] for each in expected})


def points(metric: dict[str, Any]) -> int:
    kinds = ("gauge", "sum", "histogram", "exponentialHistogram", "summary")
    return sum(len(metric.get(kind, {}).get("dataPoints", [])) for kind in kinds)


def test_otlp_logs_and_metrics():
    made = Imported(shared("otlp/otel-demo.jsonl"))
    logs: Counter[Any] = Counter()
    samples: Counter[Any] = Counter()
    for line in otlp_lines("otlp/otel-demo.jsonl"):
        for group in line.get("resourceLogs", []):
            for scope in group["scopeLogs"]:
                logs.update(log.get("severityText", "") for log in scope["logRecords"])
        for group in line.get("resourceMetrics", []):
            for scope in group["scopeMetrics"]:
                for metric in scope["metrics"]:
                    samples[metric["name"]] += points(metric)
    assert Counter(e.severity or "" for e in made.events) == logs
    assert Counter(m.name for m in made.metrics) == samples
    for records in (made.events, made.metrics):
        assert len({r.record_id for r in records}) == len(records)


def steps_in(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of a SWE-agent file: what the model said, what it did, what came of it."""
    if "trajectory" in document:
        return document["trajectory"]
    made = []
    for said, answer in pairwise(document["history"]):
        if said["role"] == "assistant" and not said.get("is_demo"):
            made.append({**said, "response": said["content"], "observation": answer["content"]})
    return made


@pytest.mark.parametrize("name", SWE)
def test_swe_agent(name):
    document = load(name)
    steps = steps_in(document)
    made = Imported(shared(name))
    root, *rest = made.spans
    assert root.parent_span_id is None
    assert {span.parent_span_id for span in rest} == {root.span_id}
    assert {span.trace_id for span in rest} == {root.trace_id}
    said = [s for s in rest if s.step_type == "think"]
    done = [s for s in rest if s.step_type == "act"]
    assert len(said) == len(steps)
    assert len(done) == sum(bool(step["action"].strip()) for step in steps)
    returned = [s.attributes["gen_ai.tool.call.result"] for s in done]
    assert returned == [step["observation"] or "" for step in steps]
    assert [s.output or "" for s in done] == returned
    calls = [call for m in document["history"] for call in m.get("tool_calls") or []]
    for index, (step, span) in enumerate(zip(steps, done, strict=True)):
        if calls:  # ids repeat in some files, so by their order
            call = calls[index]["function"]
            assert span.tool_call_id == calls[index]["id"]
            assert span.tool_name == call["name"]
            assert json.loads(span.input) == json.loads(call["arguments"])
        else:
            assert span.tool_name == step["action"].split()[0]
            assert json.loads(span.input) == {"command": step["action"]}
        if "execution_time" in step:
            assert span.duration_ms == pytest.approx(step["execution_time"] * 1000, abs=1e-3)
    assert [s.tool_call_id for s in done if s.tool_call_id] == [c["id"] for c in calls]
    for step, span in zip(steps, said, strict=True):
        assert (step["response"] or "").strip() in span.output


@pytest.mark.parametrize("name", SWE)
def test_swe_agent_whole_run(name):
    document = load(name)
    info = document.get("info", {})
    made = Imported(shared(name))
    root = made.spans[0]
    task = next(m for m in document["history"] if m["role"] == "user" and not m.get("is_demo"))
    assert root.input == task["content"]
    assert root.step_type == "user_input"
    assert root.output == info.get("submission", root.output)
    stats = info.get("model_stats", {})
    assert root.input_tokens == (stats.get("tokens_sent") or None)
    assert root.output_tokens == (stats.get("tokens_received") or None)
    assert root.cost_usd == (stats.get("instance_cost") or None)
    assert not any(span.input_tokens for span in made.spans[1:])
    starts = [span.start_time for span in made.spans]
    assert starts == sorted(starts)
    assert {span.attributes["jollyscope.import.times"] for span in made.spans} == {"made up"}


@pytest.mark.parametrize("name", SWE)
def test_swe_agent_conversation(name):
    """Every model call has what the model was given: the opening, and all that was said since."""
    document = load(name)
    made = Imported(shared(name))
    said = [s for s in made.spans if s.step_type == "think"]
    opening = 0
    for message in document["history"]:
        if message["role"] == "assistant" and not message.get("is_demo"):
            break
        opening += 1
    for index, span in enumerate(said):
        given = json.loads(span.attributes["gen_ai.input.messages"])
        assert len(given) == opening + 2 * index
        assert given[0]["role"] == "system"
        assert given[0]["parts"][0]["content"] == document["history"][0]["content"]


@pytest.mark.parametrize("name", [*JAEGER, *LANGFUSE, *SWE, *OTLP])
def test_twice_is_once_and_a_copy_is_the_same(name, tmp_path):
    first = Imported(shared(name))
    copy = tmp_path / "renamed.txt"
    copy.write_bytes(shared(name).read_bytes())
    assert Imported(copy).records == first.records


@pytest.mark.parametrize("name", SWE)
def test_swe_agent_strip(name):
    """The loop as the file tells it: the task, then thought, action and observation, then the patch."""
    document = load(name)
    letters = {"user_input": "u", "think": "t", "act": "a", "observe": "o", "response": "r"}
    made = Imported(shared(name))
    strip = "".join(letters[step.type] for step in steps_of(made.spans))
    told = "tao" * len(steps_in(document))
    assert strip == "u" + told + "r" * bool(document.get("info", {}).get("submission"))


@pytest.mark.parametrize("name", [*JAEGER, *LANGFUSE])
def test_every_model_call_that_says_its_messages_has_a_conversation(name):
    made = Imported(shared(name))
    words = ("gen_ai.input.messages", "gen_ai.output.messages", "llm.input_messages.0.message.role")
    for span in made.spans:
        if span.step_type == "think" and any(word in span.attributes for word in words):
            assert conversation(span.attributes, span.events)


@pytest.mark.parametrize("name", SWE)
def test_swe_agent_conversation_is_read_back(name):
    """What the importer writes as messages, the conventions read as the same messages."""
    steps = steps_in(load(name))
    said = [span for span in Imported(shared(name)).spans if span.step_type == "think"]
    for step, span in zip(steps, said, strict=True):
        found = conversation(span.attributes)
        assert [message.role for message in found.output] == ["assistant"]
        assert found.output[0].text == (step["response"] or "")
        assert found.input[0].role == "system"
