"""Every kind of file, whatever it is called and however it is packed, and what is read out of it."""

from __future__ import annotations

import copy
import gzip
import json
from typing import Any

import pytest
import zstandard

from tests.library.importers import samples as s
from tests.library.importers.helpers import Imported, lines, write

MS5 = 5_000_000


@pytest.fixture
def take(tmp_path):
    def take(value: Any, **options: Any) -> Imported:
        return Imported(write(tmp_path / "file.bin", value), **options)

    return take


@pytest.mark.parametrize("name", sorted(s.SAMPLES))
def test_known_by_content(name, tmp_path):
    wanted, value = s.SAMPLES[name]
    path = write(tmp_path / "picture.png", value)
    made = Imported(path)
    (report,) = made.summary.reports
    assert (report.format, report.problems) == (wanted, [])
    assert made.spans
    again = Imported(path)
    assert again.records == made.records
    data = path.read_bytes()
    write(tmp_path / "a", gzip.compress(data))
    write(tmp_path / "b", zstandard.compress(data))
    write(tmp_path / "c", gzip.compress(data[:50]) + gzip.compress(data[50:]))
    write(tmp_path / "d", b"\xef\xbb\xbf" + data)
    for packed in "abcd":
        assert Imported(tmp_path / packed).records == made.records
    assert Imported(path, wanted=wanted).records == made.records


@pytest.mark.parametrize(
    "name", sorted(name for name, (_, value) in s.SAMPLES.items() if not isinstance(value, str))
)
def test_indented_or_not_is_the_same(name, take):
    value = s.SAMPLES[name][1]
    assert take(json.dumps(value, indent=3)).records == take(value).records


SPANS = [
    name
    for name, (kind, _) in s.SAMPLES.items()
    if kind in ("otlp", "tempo", "jaeger", "zipkin", "langfuse") or name.startswith("sdk")
]


@pytest.mark.parametrize("name", SPANS)
def test_spans_have_their_ids_times_and_places(name, take):
    made = take(s.SAMPLES[name][1])
    root, child = made.by_id[s.TRACE, s.ROOT], made.by_id[s.TRACE, s.CHILD]
    assert (root.parent_span_id, child.parent_span_id) == (None, s.ROOT)
    assert (root.name, child.name) == ("span 4", "span 3")
    for span in (root, child):
        assert (span.start_time, span.end_time, span.duration_ms) == (s.NS, s.NS + MS5, 5.0)
        assert (span.service, span.state) == ("shop", "closed")
    assert str(root.attributes["n"]) == "7"
    if "langfuse" not in name:
        assert root.kind == "client"


def test_otlp_logs_and_metrics(take):
    made = take(lines(s.OTLP, s.OTLP_LOGS, s.OTLP_METRICS))
    (log,), (sample,) = made.events, made.metrics
    assert (log.body, log.trace_id, log.span_id) == ("hello", s.TRACE, s.ROOT)
    assert (sample.name, sample.value) == ("load", 1.5)


@pytest.mark.parametrize("value", [s.TEMPO, s.TEMPO_OLD, s.TEMPO_2])
def test_tempo_writes_ids_in_base64_and_enums_by_name(value, take):
    made = take(value)
    child = made.by_id[s.TRACE, s.CHILD]
    assert (child.kind, child.status, child.error_message) == ("client", "error", "no")
    assert child.scope["name"] == "lib"


def test_jaeger_tags_become_fields(take):
    child = take(s.JAEGER).by_id[s.TRACE, s.CHILD]
    assert child.status == "error"
    assert (child.error_type, child.error_message) == ("ValueError", "no")
    assert child.scope == {"name": "lib", "status_message": "it broke"}
    assert child.attributes == {"ratio": 1.0, "big": 9007199254740993, "raw": {"@bytes": "AAE="}}
    assert isinstance(child.attributes["ratio"], float)
    (event,) = child.events
    assert (event.name, event.time) == ("exception", s.NS + 1000)
    (link,) = child.links
    assert (link.trace_id, link.span_id) == ("1" * 32, "2" * 16)
    assert link.attributes == {"opentracing.ref_type": "follows_from"}
    assert child.resource == {"service.name": "shop", "host": "h1"}


def test_jaeger_processes_may_stand_first_and_ids_be_short(take):
    trace = {"processes": s.PROCESSES, "spans": copy.deepcopy(s.JAEGER_SPANS)}
    for span in trace["spans"]:
        span["traceID"] = "abc"
        for reference in span["references"]:
            if reference["traceID"] == s.TRACE:
                reference["traceID"] = "abc"
    made = take({"data": [trace]})
    assert {span.trace_id for span in made.spans} == {"abc".rjust(32, "0")}
    assert {span.service for span in made.spans} == {"shop"}


def test_two_jaeger_traces_have_processes_of_their_own(take):
    other = copy.deepcopy(s.JAEGER_TRACE)
    other["processes"]["p1"]["serviceName"] = "bank"
    for span in other["spans"]:
        span["traceID"] = "f" * 32
    made = take({"data": [s.JAEGER_TRACE, other]})
    assert {(span.trace_id, span.service) for span in made.spans} == {
        (s.TRACE, "shop"),
        ("f" * 32, "bank"),
    }


def test_zipkin(take):
    made = take(s.ZIPKIN)
    root, child = made.by_id[s.TRACE, s.ROOT], made.by_id[s.TRACE, s.CHILD]
    (event,) = root.events
    assert (event.name, event.time) == ("sent", s.NS + 10_000)
    assert root.attributes["peer.service"] == "db"
    assert root.attributes["net.peer.port"] == 5432
    assert root.attributes["net.host.ip"] == "10.0.0.1"
    assert (child.status, child.error_message) == ("error", "no")


def test_zipkin_halves_that_share_an_id(take):
    """Client and server under one id: two spans, and each side's children go with it."""
    client = {"traceId": "00000000000000ab", "id": "1" * 16, "kind": "CLIENT", "timestamp": s.US,
              "localEndpoint": {"serviceName": "front"}}  # fmt: skip
    server = client | {"kind": "SERVER", "shared": True, "localEndpoint": {"serviceName": "back"}}
    below = {"traceId": "ab", "id": "2" * 16, "parentId": "1" * 16, "timestamp": s.US,
             "localEndpoint": {"serviceName": "back"}}  # fmt: skip
    beside = below | {"id": "3" * 16, "localEndpoint": {"serviceName": "front"}}
    for value in ([below, server, client, beside], lines(below, server, client, beside)):
        made = take(value)
        assert len(made.by_id) == 4
        assert {span.trace_id for span in made.spans} == {"ab".rjust(32, "0")}
        (half,) = [x for x in made.spans if x.kind == "server"]
        assert half.parent_span_id == "1" * 16
        parents = {span.span_id: span.parent_span_id for span in made.spans}
        assert parents["2" * 16] == half.span_id
        assert parents["3" * 16] == "1" * 16


def test_langfuse_fields_stand_beside_the_attributes(take):
    made = take(s.LANGFUSE)
    root, call = made.by_id[s.TRACE, s.ROOT], made.by_id[s.TRACE, s.CHILD]
    assert root.attributes["langfuse.observation.input"] == '{"q":1}'
    assert root.attributes["langfuse.observation.metadata.topic"] == "x"
    assert root.attributes["langfuse.trace.name"] == "run"
    assert root.attributes["langfuse.trace.input"] == '{"q": 1}'
    assert root.attributes["langfuse.trace.tags"] == ["x"]
    assert root.scope == {"name": "lib", "version": "1"}
    assert call.attributes["langfuse.observation.model.name"] == "gpt-4o"
    assert "langfuse.trace.name" not in call.attributes
    assert {span.session_id for span in made.spans} == {"s-1"}
    assert {span.user_id for span in made.spans} == {"ann"}
    assert (call.status, call.error_message) == ("error", "no")
    assert (call.step_type, call.input_tokens, call.output_tokens) == ("think", 10, 2)
    assert (call.cost_usd, call.model) == (0.5, "gpt-4o")
    (score,) = made.events
    assert (score.name, score.span_id) == ("gen_ai.evaluation.result", s.CHILD)


def test_langfuse_ids_of_its_own_are_hashed_and_kept(take):
    rows = [
        {"id": "obs-1", "traceId": "tr-1", "type": "SPAN", "name": "a", "startTime": f"{s.ISO}Z",
         "endTime": f"{s.ISO}Z"},
        {"id": "obs-2", "traceId": "tr-1", "type": "EVENT", "name": "b", "startTime": f"{s.ISO}Z",
         "parentObservationId": "obs-1"},
    ]  # fmt: skip
    made = take(rows)
    a, b = made.named("a"), made.named("b")
    assert a.trace_id == b.trace_id
    assert (len(a.trace_id), len(a.span_id)) == (32, 16)
    assert b.parent_span_id == a.span_id
    assert a.attributes["jollyscope.import.trace_id"] == "tr-1"
    assert b.attributes["jollyscope.import.span_id"] == "obs-2"
    assert b.state == "closed"
    blob = [{"id": "obs-1", "trace_id": "tr-1", "type": "SPAN", "name": "a",
             "start_time": "2023-11-14 22:13:20.000", "end_time": "2023-11-14 22:13:20.000"}]  # fmt: skip
    other = take(lines(*blob))
    assert other.spans[0].span_id == a.span_id
    assert other.spans[0].start_time == s.NS


def test_langfuse_observation_that_never_ended(take):
    row = {
        "id": s.ROOT,
        "traceId": s.TRACE,
        "type": "SPAN",
        "startTime": f"{s.ISO}Z",
        "endTime": None,
    }
    (span,) = take([row]).spans
    assert (span.state, span.end_time) == ("open", None)


def test_langfuse_trace_without_observations(take):
    (span,) = take({"trace": s.LF_TRACE | {"latency": 2}, "observations": []}).spans
    assert (span.trace_id, span.duration_ms, span.session_id) == (s.TRACE, 2000.0, "s-1")


def test_opentelemetry_sdk_spans(take):
    made = take("\n".join(json.dumps(span, indent=4) for span in s.SDK))
    root, child = made.spans
    assert root.resource == {"service.name": "shop", "@schema_url": "https://example.org/1"}
    (event,) = root.events
    assert (event.name, event.time, event.attributes) == ("sent", s.NS + 1_000_000, {"a": 1})
    assert [link.span_id for link in root.links] == ["2" * 16]
    assert (child.status, child.error_message) == ("error", "no")


def test_the_opentelemetry_sdk_s_own_text(take):
    """What the console exporter of the installed SDK really writes."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    kept = InMemorySpanExporter()
    provider = TracerProvider(resource=Resource({"service.name": "shop"}))
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer = provider.get_tracer("lib", "1")
    given = {"n": 7, "list": [1, 2]}
    with (
        tracer.start_as_current_span("outer"),
        tracer.start_as_current_span("inner", attributes=given) as span,
    ):
        span.add_event("sent", {"a": True})
    finished = kept.get_finished_spans()
    made = take("\n".join(span.to_json() for span in finished))
    assert len(made.spans) == 2
    for span in finished:
        record = made.by_id[f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}"]
        parent = f"{span.parent.span_id:016x}" if span.parent else None
        assert (record.name, record.parent_span_id) == (span.name, parent)
        assert abs(record.start_time - span.start_time) < 1000  # its text has microseconds
        assert record.service == "shop"
    assert made.named("inner").attributes == given


@pytest.mark.parametrize("value", [s.PHOENIX_NESTED, s.PHOENIX_FLAT])
def test_phoenix(value, take):
    (span,) = take(lines(value)).spans
    assert (span.trace_id, span.span_id) == (s.TRACE, s.ROOT)
    assert (span.start_time, span.end_time, span.status) == (s.NS, s.NS + MS5, "ok")
    assert span.attributes["openinference.span.kind"] == "LLM"
    assert span.attributes["llm.input_messages.0.message.role"] == "user"
    assert span.attributes["llm.input_messages.0.message.content"] == "hi"
    assert (span.step_type, span.model) == ("think", "gpt-4o")
    assert (span.input_tokens, span.output_tokens) == (10, 2)
    assert "llm.tools" not in span.attributes


def strip(made: Imported) -> str:
    letters = {"user_input": "u", "think": "t", "act": "a", "response": "r", "other": "."}
    return "".join(letters[span.step_type] for span in made.spans)


CONVERSATIONS = {
    "messages": ".utarur",
    "message lines": ".utarur",
    "conversation": ".utarur",
    "sharegpt": ".utar",
    "batch input": ".u",
    "batch output": "ur",
}


@pytest.mark.parametrize("name", sorted(CONVERSATIONS))
def test_transcripts(name, take):
    made = take(s.SAMPLES[name][1])
    assert strip(made) == CONVERSATIONS[name]
    assert len({span.trace_id for span in made.spans}) == 1
    starts = [span.start_time for span in made.spans]
    assert starts == sorted(starts)
    assert {span.attributes["jollyscope.import.times"] for span in made.spans} == {"made up"}


@pytest.mark.parametrize("name", ["messages", "sharegpt"])
def test_transcript_tools_and_conversation(name, take):
    made = take(s.SAMPLES[name][1])
    (tool,) = [span for span in made.spans if span.step_type == "act"]
    assert (tool.tool_name, tool.output) == ("find", "x is 5")
    assert json.loads(tool.input) == {"q": "x"}
    root = made.spans[0]
    assert root.input == "Find x"
    answer = next(span for span in made.spans if span.step_type == "response")
    given = json.loads(answer.attributes["gen_ai.input.messages"])
    assert [message["role"] for message in given] == ["system", "user", "assistant", "tool"]
    assert answer.output == "It is 5."
    if name == "messages":
        assert tool.tool_call_id == "c1"
        assert given[2]["parts"] == [
            {"type": "tool_call", "id": "c1", "name": "find", "arguments": {"q": "x"}}
        ]


def test_every_tau_task_is_a_trace(take):
    made = take(s.TAU)
    roots = [span for span in made.spans if span.parent_span_id is None]
    assert [root.attributes["transcript.task_id"] for root in roots] == [0, 1]
    assert [root.attributes["transcript.reward"] for root in roots] == [1.0, 1.0]
    assert len({root.trace_id for root in roots}) == 2
    assert len({root.session_id for root in roots}) == 2
    assert len(made.spans) == 2 * 7


def test_a_batch_s_answer_has_its_usage(take):
    (call,) = [span for span in take(s.BATCH_OUT).spans if span.step_type == "response"]
    assert (call.input_tokens, call.output_tokens, call.model) == (10, 2, "gpt-4o")


def test_transcript_with_times_usage_and_parallel_calls(take):
    calls = [{"id": f"c{n}", "function": {"name": f"f{n}", "arguments": "{}"}} for n in range(3)]
    messages = [
        {"role": "user", "content": "go", "timestamp": f"{s.ISO}Z"},
        {"role": "assistant", "tool_calls": calls, "timestamp": f"{s.ISO[:-2]}25Z", "cost": 0.5,
         "usage": {"prompt_tokens": 5, "completion_tokens": 1}, "content": "working"},
        {"role": "tool", "tool_call_id": "c2", "content": "two", "timestamp": f"{s.ISO[:-2]}26Z"},
        {"role": "tool", "tool_call_id": "c0", "content": "zero", "timestamp": f"{s.ISO[:-2]}27Z"},
    ]  # fmt: skip
    made = take({"simulations": [{"id": "sim", "messages": messages}]})
    root, user, call, *tools = made.spans
    assert root.start_time == s.NS
    assert (call.end_time, call.cost_usd, call.input_tokens) == (s.NS + 5 * 10**9, 0.5, 5)
    assert [(t.tool_name, t.output) for t in tools] == [("f2", "two"), ("f0", "zero"), ("f1", None)]
    assert tools[0].end_time == s.NS + 6 * 10**9
    assert "jollyscope.import.times" not in call.attributes
    assert user.session_id == "sim"


def test_anthropic_blocks(take):
    made = take([
        {"role": "user", "content": [{"type": "text", "text": "hi"},
                                     {"type": "image_url", "image_url": {"url": "data:x;base64,AA"}}]},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"},
                                          {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "ok"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "done"}]},
    ])  # fmt: skip
    assert strip(made) == ".utar"
    tool = made.spans[3]
    assert (tool.tool_name, tool.tool_call_id, tool.output) == ("f", "t1", "ok")
    assert json.loads(tool.input) == {"a": 1}


def test_a_long_conversation_does_not_grow_with_its_square(take):
    messages = [{"role": "user", "content": "x" * 100_000}]
    messages += [{"role": "assistant", "content": "y" * 100_000}] * 100
    made = take(messages)
    held = sum(len(span.attributes.get("gen_ai.input.messages", "")) for span in made.spans)
    assert held < 40e6
    assert made.spans[-1].attributes["jollyscope.import.messages"] == "new since the call before"


def test_swe_agent_steps(take):
    made = take(s.TRAJ)
    root, think, act, think2, act2 = made.spans
    assert (root.input, root.output, root.model) == ("Fix it", "diff", None)
    assert (root.input_tokens, root.output_tokens, root.cost_usd) == (100, 20, 0.5)
    assert root.session_id == "p-1"
    assert (think.step_type, think.model) == ("think", "gpt-4o")
    assert (act.tool_name, act.output, act.duration_ms) == ("ls", "a.py", 500.0)
    assert (
        json.loads(think2.attributes["gen_ai.input.messages"])[-1]["parts"][0]["response"] == "a.py"
    )
    assert act2.duration_ms == 250.0


def test_swe_agent_that_gave_up(take):
    value = copy.deepcopy(s.TRAJ)
    value["info"] |= {"exit_status": "exit_cost", "submission": None}
    root = take(value).spans[0]
    assert (root.status, root.error_type, root.error_message) == ("error", "exit_cost", "exit_cost")


def test_mini_swe_agent(take):
    made = take(s.MINI)
    root, think, act = made.spans
    assert (root.input, root.output) == ("Fix it", "diff")
    assert root.start_time == s.NS + 500_000_000
    assert (think.model, think.input_tokens, think.output_tokens) == ("claude-4", 10, 2)
    assert think.cost_usd == 0.5
    assert think.end_time == s.NS + 3_500_000_000
    assert (act.tool_name, act.output) == ("ls", "a.py")
    assert act.end_time == s.NS + 4_500_000_000
    fenced = copy.deepcopy(s.MINI)
    del fenced["messages"][2]["extra"]["actions"]
    assert json.loads(take(fenced).spans[2].input) == {"command": "ls -F"}


def test_service_and_session_can_be_said(take):
    made = take(lines(s.OTLP, s.OTLP_LOGS, s.OTLP_METRICS), service="mine", session="today")
    for record in made.records:
        assert (record.service, record.session_id) == ("mine", "today")
        assert record.resource["service.name"] == "mine"
    assert made.spans[0].attributes["session.id"] == "today"
