"""One small file of every kind, written from the formats' published schemas."""

from __future__ import annotations

import json
from typing import Any

from tests.library.importers.helpers import b64, lines

TRACE, ROOT, CHILD = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174", "eee19b7ec3c1b173"
T0 = 1_700_000_000
"""Seconds."""
NS, US, MS = T0 * 10**9, T0 * 10**6, T0 * 1000
ISO = "2023-11-14T22:13:20"


def otlp_span(span_id: str, parent: str = "", **more: Any) -> dict[str, Any]:
    return {
        "traceId": TRACE, "spanId": span_id, "parentSpanId": parent, "name": f"span {span_id[-1]}",
        "kind": 3, "startTimeUnixNano": str(NS), "endTimeUnixNano": str(NS + 5_000_000),
        "attributes": [{"key": "n", "value": {"intValue": "7"}}], **more,
    }  # fmt: skip


SERVICE = {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]}
OTLP_GROUP = {
    "resource": SERVICE,
    "scopeSpans": [{"scope": {"name": "lib", "version": "1"}, "spans": [
        otlp_span(ROOT), otlp_span(CHILD, ROOT)]}],
    "schemaUrl": "https://example.org/1",
}  # fmt: skip
OTLP: dict[str, Any] = {"resourceSpans": [OTLP_GROUP]}
OTLP_LOGS = {"resourceLogs": [{"resource": SERVICE, "scopeLogs": [{"logRecords": [
    {"timeUnixNano": str(NS), "severityNumber": 9, "body": {"stringValue": "hello"}, "traceId": TRACE,
     "spanId": ROOT}]}]}]}  # fmt: skip
OTLP_METRICS = {"resourceMetrics": [{"resource": SERVICE, "scopeMetrics": [{"metrics": [
    {"name": "load", "gauge": {"dataPoints": [{"timeUnixNano": str(NS), "asDouble": 1.5}]}}]}]}]}  # fmt: skip

_TEMPO_SPANS = [
    otlp_span(ROOT) | {"traceId": b64(TRACE), "spanId": b64(ROOT), "kind": "SPAN_KIND_CLIENT"},
    otlp_span(CHILD)
    | {"traceId": b64(TRACE), "spanId": b64(CHILD), "parentSpanId": b64(ROOT),
       "kind": "SPAN_KIND_CLIENT", "status": {"code": "STATUS_CODE_ERROR", "message": "no"}},
]  # fmt: skip
TEMPO: dict[str, Any] = {"batches": [{"resource": SERVICE, "scopeSpans": [
    {"scope": {"name": "lib"}, "spans": _TEMPO_SPANS}]}]}  # fmt: skip
TEMPO_OLD: dict[str, Any] = {"batches": [{"resource": SERVICE, "instrumentationLibrarySpans": [
    {"instrumentationLibrary": {"name": "lib"}, "spans": _TEMPO_SPANS}]}]}  # fmt: skip
TEMPO_2: dict[str, Any] = {
    "trace": {"resourceSpans": TEMPO["batches"]},
    "metrics": {"inspectedBytes": "1"},
}

JAEGER_SPANS: list[dict[str, Any]] = [
    {"traceID": TRACE, "spanID": ROOT, "operationName": "span 4", "references": [], "startTime": US,
     "duration": 5000, "flags": 1, "processID": "p1", "logs": [], "tags": [
         {"key": "span.kind", "type": "string", "value": "client"},
         {"key": "n", "type": "int64", "value": 7}]},
    {"traceID": TRACE, "spanID": CHILD, "operationName": "span 3", "startTime": US, "duration": 5000,
     "references": [{"refType": "FOLLOWS_FROM", "traceID": "1" * 32, "spanID": "2" * 16},
                    {"refType": "CHILD_OF", "traceID": TRACE, "spanID": ROOT}],
     "processID": "p1", "logs": [{"timestamp": US + 1, "fields": [
         {"key": "event", "type": "string", "value": "exception"},
         {"key": "exception.type", "type": "string", "value": "ValueError"},
         {"key": "exception.message", "type": "string", "value": "no"}]}],
     "tags": [{"key": "span.kind", "type": "string", "value": "client"},
              {"key": "error", "type": "bool", "value": True},
              {"key": "ratio", "type": "float64", "value": 1},
              {"key": "big", "type": "int64", "value": "9007199254740993"},
              {"key": "raw", "type": "binary", "value": "AAE="},
              {"key": "otel.status_description", "type": "string", "value": "it broke"},
              {"key": "otel.scope.name", "type": "string", "value": "lib"}]},
]  # fmt: skip
PROCESSES = {"p1": {"serviceName": "shop", "tags": [
    {"key": "host", "type": "string", "value": "h1"}]}}  # fmt: skip
JAEGER_TRACE: dict[str, Any] = {"traceID": TRACE, "spans": JAEGER_SPANS, "processes": PROCESSES}
JAEGER: dict[str, Any] = {"data": [JAEGER_TRACE], "total": 0, "errors": None}
JAEGER_3: dict[str, Any] = {"result": OTLP}

ZIPKIN: list[dict[str, Any]] = [
    {"traceId": TRACE, "id": ROOT, "name": "span 4", "kind": "CLIENT", "timestamp": US,
     "duration": 5000, "localEndpoint": {"serviceName": "shop", "ipv4": "10.0.0.1"},
     "remoteEndpoint": {"serviceName": "db", "port": 5432}, "tags": {"n": "7"},
     "annotations": [{"timestamp": US + 10, "value": "sent"}]},
    {"traceId": TRACE, "id": CHILD, "parentId": ROOT, "name": "span 3", "kind": "CLIENT",
     "timestamp": US, "duration": 5000, "localEndpoint": {"serviceName": "shop"},
     "tags": {"error": "no"}},
]  # fmt: skip

OBSERVATIONS: list[dict[str, Any]] = [
    {"id": ROOT, "traceId": TRACE, "type": "SPAN", "name": "span 4", "startTime": f"{ISO}.000Z",
     "endTime": f"{ISO}.005Z", "parentObservationId": None, "level": "DEFAULT", "input": {"q": 1},
     "metadata": {"attributes": {"n": "7"}, "resourceAttributes": {"service.name": "shop"},
                  "scope": {"name": "lib", "version": "1"}, "topic": "x"}},
    {"id": CHILD, "traceId": TRACE, "type": "GENERATION", "name": "span 3", "model": "gpt-4o",
     "startTime": f"{ISO}.000Z", "endTime": f"{ISO}.005Z", "parentObservationId": ROOT,
     "level": "ERROR", "statusMessage": "no", "usageDetails": {"input": 10, "output": 2, "total": 12},
     "costDetails": {"total": 0.5}, "modelParameters": {"temperature": 1}, "output": "hi",
     "metadata": json.dumps({"attributes": {"a": 1}, "resourceAttributes": {"service.name": "shop"}})},
]  # fmt: skip
LF_TRACE: dict[str, Any] = {
    "id": TRACE, "name": "run", "timestamp": f"{ISO}.000Z", "userId": "ann", "sessionId": "s-1",
    "tags": ["x"], "input": "\"{\\\"q\\\": 1}\"", "output": None, "metadata": "{}", "public": True,
    "scores": [{"id": "sc", "name": "good", "value": 1, "timestamp": f"{ISO}Z", "traceId": TRACE,
                "observationId": CHILD, "comment": "yes"}],
}  # fmt: skip
LANGFUSE: dict[str, Any] = {"trace": LF_TRACE, "observations": OBSERVATIONS}

SDK_SPAN: dict[str, Any] = {
    "name": "span 4",
    "context": {"trace_id": f"0x{TRACE}", "span_id": f"0x{ROOT}", "trace_state": "[]"},
    "kind": "SpanKind.CLIENT", "parent_id": None, "start_time": f"{ISO}.000000Z",
    "end_time": f"{ISO}.005000Z", "status": {"status_code": "UNSET"}, "attributes": {"n": 7},
    "events": [{"name": "sent", "timestamp": f"{ISO}.001000Z", "attributes": {"a": 1}}],
    "links": [{"context": {"trace_id": "0x" + "1" * 32, "span_id": "0x" + "2" * 16,
                           "trace_state": "[]"}, "attributes": {}}],
    "resource": {"attributes": {"service.name": "shop"}, "schema_url": "https://example.org/1"},
}  # fmt: skip
SDK: list[dict[str, Any]] = [
    SDK_SPAN,
    SDK_SPAN | {"name": "span 3", "parent_id": f"0x{ROOT}", "context": {
        "trace_id": f"0x{TRACE}", "span_id": f"0x{CHILD}", "trace_state": "[]"},
        "status": {"status_code": "ERROR", "description": "no"}},
]  # fmt: skip
PHOENIX_NESTED: dict[str, Any] = {
    "name": "span 4", "context": {"trace_id": TRACE, "span_id": ROOT}, "span_kind": "LLM",
    "parent_id": None, "start_time": f"{ISO}.000000+00:00", "end_time": f"{ISO}.005000+00:00",
    "status_code": "OK", "status_message": "",
    "attributes": {"llm": {"model_name": "gpt-4o", "token_count": {"prompt": 10, "completion": 2},
                           "input_messages": [{"message": {"role": "user", "content": "hi"}}]},
                   "tags": ["a", "b"]},
    "events": [],
}  # fmt: skip
PHOENIX_FLAT: dict[str, Any] = {
    "name": "span 4", "span_kind": "LLM", "parent_id": None, "start_time": MS, "end_time": MS + 5,
    "status_code": "OK", "status_message": "", "events": [], "context.trace_id": TRACE,
    "context.span_id": ROOT, "attributes.llm.model_name": "gpt-4o",
    "attributes.llm.token_count.prompt": 10.0, "attributes.llm.token_count.completion": 2.0,
    "attributes.llm.input_messages": [{"message.role": "user", "message.content": "hi"}],
    "attributes.llm.tools": None,
}  # fmt: skip

_CALL = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"q": "x"}'}}
MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Find x"},
    {"role": "assistant", "content": None, "tool_calls": [_CALL]},
    {"role": "tool", "tool_call_id": "c1", "name": "find", "content": "x is 5"},
    {"role": "assistant", "content": "It is 5."},
    {"role": "user", "content": "Thanks"},
    {"role": "assistant", "content": "You're welcome."},
]
TAU: list[dict[str, Any]] = [
    {"task_id": n, "reward": 1.0, "trial": 0, "info": {"user_cost": 0.1}, "traj": MESSAGES}
    for n in range(2)
]
SHAREGPT: dict[str, Any] = {"id": "sg-1", "conversations": [
    {"from": "system", "value": "Be brief."}, {"from": "human", "value": "Find x"},
    {"from": "function_call", "value": '{"name": "find", "arguments": {"q": "x"}}'},
    {"from": "observation", "value": "x is 5"}, {"from": "gpt", "value": "It is 5."}]}  # fmt: skip
BATCH_IN: dict[str, Any] = {
    "custom_id": "r-1", "method": "POST", "url": "/v1/chat/completions",
    "body": {"model": "gpt-4o", "messages": MESSAGES[:2]},
}  # fmt: skip
BATCH_OUT: dict[str, Any] = {
    "id": "b-1", "custom_id": "r-1", "response": {"status_code": 200, "body": {
        "model": "gpt-4o", "object": "chat.completion", "usage": {
            "prompt_tokens": 10, "completion_tokens": 2},
        "choices": [{"message": {"role": "assistant", "content": "5"}, "finish_reason": "stop"}]}},
}  # fmt: skip

TRAJ: dict[str, Any] = {
    "environment": "main",
    "trajectory": [
        {"action": "ls -F", "observation": "a.py", "response": "Look.\n```\nls -F\n```",
         "thought": "Look.", "execution_time": 0.5, "state": {"open_file": "n/a"}, "query": [
             {"role": "system", "content": "S"}, {"role": "user", "content": "Fix it"}]},
        {"action": "submit", "observation": "", "response": "Done", "thought": "Done",
         "execution_time": 0.25, "state": {}},
    ],
    "history": [],
    "info": {"exit_status": "submitted", "submission": "diff", "model_stats": {
        "instance_cost": 0.5, "tokens_sent": 100, "tokens_received": 20, "api_calls": 2}},
    "replay_config": json.dumps({"agent": {"model": {"name": "gpt-4o"}},
                                 "problem_statement": {"id": "p-1"}}),
}  # fmt: skip
MINI: dict[str, Any] = {
    "info": {"exit_status": "Submitted", "submission": "diff", "mini_version": "2.0.0",
             "model_stats": {"instance_cost": 0.5, "api_calls": 1},
             "config": {"model": {"model_name": "claude"}}},
    "messages": [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "Fix it", "extra": {"timestamp": T0 + 0.5}},
        {"role": "assistant", "content": "Look.\n```bash\nls -F\n```", "extra": {
            "timestamp": T0 + 3.5, "cost": 0.5, "actions": [{"command": "ls -F"}],
            "response": {"model": "claude-4", "usage": {
                "prompt_tokens": 10, "completion_tokens": 2}}}},
        {"role": "user", "content": "<out>a.py</out>", "extra": {
            "timestamp": T0 + 4.5, "raw_output": "a.py", "returncode": 0}},
    ],
    "trajectory_format": "mini-swe-agent-1.1",
}  # fmt: skip

RECORDS: list[dict[str, Any]] = [
    {"schema": 1, "trace_id": TRACE, "span_id": ROOT, "name": "span 4", "start_time": NS,
     "end_time": NS + 5_000_000, "duration_ms": 5.0, "service": "shop", "kind": "client"},
    {"schema": 1, "record_id": "m1", "name": "load", "time": NS, "value": 1.5},
    {"schema": 1, "record_id": "e1", "time": NS, "body": "hello", "severity_number": 9},
]  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "session_id": "s-1", "conversation_id": None, "user_id": "ann", "timestamp": f"{ISO}.000000Z",
    "spans": [{"span_id": ROOT, "parent_span_id": None, "name": "span 4",
               "start_time": f"{ISO}.000000Z", "end_time": f"{ISO}.005000Z", "duration_ms": 5.0,
               "attributes": {"step_type": "user_input", "content": "hi", "tool_name": None,
                              "status": "success", "error_message": None}}],
}  # fmt: skip

SAMPLES: dict[str, tuple[str, Any]] = {
    "otlp": ("otlp", OTLP),
    "otlp pretty": ("otlp", json.dumps(OTLP, indent=2)),
    "otlp lines": ("otlp", lines(OTLP, OTLP_LOGS, OTLP_METRICS)),
    "otlp pretty, several": ("otlp", json.dumps(OTLP, indent=2) + "\n" + json.dumps(OTLP_LOGS, indent=2)),
    "otlp array": ("otlp", [OTLP, OTLP_LOGS]),
    "tempo": ("tempo", TEMPO),
    "tempo before 0.16": ("tempo", TEMPO_OLD),
    "tempo v2": ("tempo", TEMPO_2),
    "jaeger": ("jaeger", JAEGER),
    "jaeger trace": ("jaeger", JAEGER_TRACE),
    "jaeger traces": ("jaeger", [JAEGER_TRACE]),
    "jaeger v3": ("jaeger", JAEGER_3),
    "jaeger span lines": ("jaeger", lines(*[s | {"process": PROCESSES["p1"]} for s in JAEGER_SPANS])),
    "zipkin": ("zipkin", ZIPKIN),
    "zipkin traces": ("zipkin", [ZIPKIN]),
    "zipkin lines": ("zipkin", lines(*ZIPKIN)),
    "langfuse": ("langfuse", LANGFUSE),
    "langfuse api": ("langfuse", LF_TRACE | {"observations": OBSERVATIONS}),
    "langfuse both": ("langfuse", {"trace": LF_TRACE | {"observations": OBSERVATIONS},
                                   "observations": OBSERVATIONS}),
    "langfuse list": ("langfuse", [LANGFUSE]),
    "langfuse lines": ("langfuse", lines(LANGFUSE, LANGFUSE)),
    "langfuse observations": ("langfuse", OBSERVATIONS),
    "langfuse observation lines": ("langfuse", lines(*OBSERVATIONS)),
    "langfuse page": ("langfuse", {"data": OBSERVATIONS, "meta": {"page": 1}}),
    "sdk": ("spans", "\n".join(json.dumps(span, indent=4) for span in SDK)),
    "sdk lines": ("spans", lines(*SDK)),
    "phoenix nested": ("spans", lines(PHOENIX_NESTED)),
    "phoenix flat": ("spans", lines(PHOENIX_FLAT)),
    "phoenix page": ("spans", {"data": [PHOENIX_NESTED], "next_cursor": None}),
    "messages": ("transcript", MESSAGES),
    "message lines": ("transcript", lines(*MESSAGES)),
    "conversation": ("transcript", {"messages": MESSAGES, "id": "conv-1"}),
    "conversation lines": ("transcript", lines({"messages": MESSAGES}, {"messages": MESSAGES[:5]})),
    "tau": ("transcript", TAU),
    "sharegpt": ("transcript", [SHAREGPT]),
    "batch input": ("transcript", lines(BATCH_IN)),
    "batch output": ("transcript", lines(BATCH_OUT)),
    "swe-agent": ("swe-agent", TRAJ),
    "mini-swe-agent": ("swe-agent", json.dumps(MINI, indent=2)),
    "records": ("jollyscope", lines(*RECORDS)),
    "document": ("jollyscope-document", DOCUMENT),
}  # fmt: skip
"""Name -> the format it is, and what is in the file (see `helpers.write`)."""
