"""What every column of a store means: `docs/schema.md` and `jollyscope sql --schema` are made of it."""

from __future__ import annotations

import re

from jollyscope.store.api import Reader

__all__ = ["COMMON", "MEANINGS", "columns", "meaning"]

_TRACE_ID = ("", "32 lowercase hex digits, as in W3C Trace Context")
_SPAN_ID = ("", "16 lowercase hex digits")

COMMON: dict[str, tuple[str, str]] = {
    # Column: unit, meaning; wherever the table does not say otherwise below.
    "schema": ("", "version of the record, 1"),
    "trace_id": _TRACE_ID,
    "span_id": _SPAN_ID,
    "session_id": ("", "the conversation"),
    "user_id": ("", "who the agent worked for"),
    "service": ("", "the program, OpenTelemetry's `service.name`"),
    "start_time": ("Unix ns", "when it began"),
    "attributes": ("", "OpenTelemetry attributes, values with their OTLP types"),
    "resource": ("", "attributes of the OTLP resource; also `@schema_url`, `@dropped` where set"),
    "scope": (
        "",
        "the instrumentation scope: `name`, `version`, `attributes`, `schema_url`",
    ),
    "step_type": ("", "`user_input`, `think`, `act`, `observe`, `response` or `other`"),
    "tool_name": ("", "the tool that was called"),
    "model": ("", "the model that was called"),
    "provider": ("", "who served it: `openai`, `anthropic`, …"),
    "p50_ms": ("ms", "median duration"),
    "p95_ms": ("ms", "duration that 95 % stay within"),
    "p99_ms": ("ms", "duration that 99 % stay within"),
    "input_tokens": ("tokens", "tokens sent, each model call counted once; null when unknown"),
    "output_tokens": ("tokens", "tokens received, likewise"),
    "cost_usd": ("US dollars", "cost, likewise"),
    "span_count": ("", "spans"),
    "step_count": (
        "",
        "steps: spans but `other`, and those read out of another's span (an observation where a "
        "tool call returned, a user's input, a response)",
    ),
    "error_count": ("", "spans with status `error`"),
    "trace_count": ("", "traces"),
    "tool_calls": ("", "`act` steps; one that two libraries recorded counts once"),
    "call_count": ("", "calls"),
    "first_time": ("Unix ns", "start of the earliest"),
    "last_time": ("Unix ns", "start of the latest"),
}

_METRIC_OR_EVENT: dict[str, tuple[str, str]] = {
    "record_id": ("", "unique; readers drop doubles by it"),
    "service": ("", "the program it is about"),
    "session_id": ("", "the conversation it belongs to, where known"),
    "trace_id": ("", "the trace it belongs to, where known"),
    "span_id": ("", "the span it belongs to, where known"),
}

_SPAN: dict[str, tuple[str, str]] = {
    "parent_span_id": ("", "the span it was called from; null for a root"),
    "conversation_id": ("", "the thread within the session, where the agent tells them apart"),
    "name": ("", "what the span is called"),
    "kind": ("", "`internal`, `server`, `client`, `producer` or `consumer`"),
    "end_time": ("Unix ns", "when it ended"),
    "duration_ms": ("ms", "how long it took, never negative"),
    "state": ("", "`closed`, or `interrupted`: its process died before it ended"),
    "status": ("", "`unset`, `ok` or `error`"),
    "error_type": ("", "class of the exception, or an error code"),
    "error_message": ("", "what went wrong, in words"),
    "stack_trace": ("", "where, as the program printed it"),
    "input": ("", "what came in: the question, the prompt, the tool's arguments"),
    "output": ("", "what came out: the answer, the thought, the tool's result"),
    "tool_call_id": ("", "the model's own id of the call"),
    "input_tokens": ("tokens", "tokens of this span's own model call, never a sum over children"),
    "output_tokens": ("tokens", "tokens received, likewise"),
    "cached_tokens": ("tokens", "input tokens that the provider had cached"),
    "reasoning_tokens": ("tokens", "output tokens spent on reasoning"),
    "cost_usd": ("US dollars", "cost of this call; null when unknown, never 0 for unknown"),
    "cpu_percent": ("% of a core", "mean CPU of the process over the span; 100 is one core"),
    "memory_mb": ("10⁶ bytes", "resident memory of the process at the span's end"),
    "scope": (
        "",
        "the instrumentation scope: `name`, `version`, `attributes`, `schema_url`; also, where "
        "the span has them, `trace_state`, `flags`, `dropped_*`, `status_message`",
    ),
    "events": ("", "the span's own timed events: `name`, `time` (Unix ns), `attributes`"),
    "links": ("", "other spans it points to: `trace_id`, `span_id`, `trace_state`, `attributes`"),
}

MEANINGS: dict[str, dict[str, tuple[str, str]]] = {
    "dwd_spans": _SPAN,
    "dwd_open_spans": _SPAN | {
        "end_time": ("Unix ns", "null; for one whose process died, when it was last heard of"),
        "duration_ms": ("ms", "null; for one whose process died, up to then"),
        "state": ("", "`open`, or `interrupted` where its process has died meanwhile"),
    },
    "dwd_metrics": _METRIC_OR_EVENT | {
        "name": ("", "the metric, such as `process.cpu.utilization`"),
        "time": ("Unix ns", "when it was sampled"),
        "start_time": ("Unix ns", "where the sample's interval began (sums, histograms)"),
        "type": ("", "`gauge`, `sum`, `histogram`, `exponential_histogram` or `summary`"),
        "value": ("as `unit`", "the number; null for histograms and summaries"),
        "unit": ("", "the value's unit, as in UCUM: `By`, `ms`, `1`"),
        "description": ("", "what is measured"),
        "temporality": ("", "`delta` or `cumulative`, for sums and histograms"),
        "monotonic": ("", "whether a sum only grows"),
        "distribution": (
            "",
            "histograms and summaries: `count`, `sum`, `min`, `max`, `bounds`, `buckets`, "
            "`quantiles`",
        ),
    },
    "dwd_events": _METRIC_OR_EVENT | {
        "time": ("Unix ns", "when it happened"),
        "observed_time": ("Unix ns", "when it was noticed, where that differs"),
        "type": ("", "`log`, `state`, `alert`, `audit` or `file`"),
        "name": ("", "what kind of thing happened"),
        "severity_number": (
            "",
            "OpenTelemetry's scale: 0 unset, 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, "
            "17–20 error, 21–24 fatal",
        ),
        "severity": ("", "the severity as the program calls it"),
        "body": ("", "the message: text, or any JSON"),
    },
    "dwd_dead_letters": {
        "kind": ("", "what the line was meant to be: `span`, `metric` or `event`"),
        "time": ("Unix ns", "when it was refused"),
        "segment": ("", "the file it stood in, below the spool"),
        "position": ("bytes", "where it began there; -1 where only the engine refused it"),
        "reason": ("", "why it is no record"),
        "line": ("", "the line itself, whole"),
    },
    "ads_traces": {
        "session_id": ("", "the conversation it belongs to"),
        "name": ("", "what its root is called"),
        "input": ("", "the question: what came into the root, else what its model was first asked"),
        "output": ("", "the answer: the root's output, else the last response's, else the last thought's"),
        "start_time": ("Unix ns", "start of its earliest span"),
        "end_time": ("Unix ns", "the latest time heard of"),
        "duration_ms": ("ms", "from the one to the other"),
        "state": ("", "`open` while any span runs, `interrupted` where one broke off, else `closed`"),
        "status": ("", "the root's; without a root `error` where any span failed, else `unset`"),
        "tools": ("", "names of the tools called, sorted"),
        "models": ("", "names of the models called, sorted"),
        "step_strip": (
            "",
            "a letter a step in time order, at most 64: `u`ser input, `t`hink, `a`ct, `o`bserve, "
            "`r`esponse; a capital for one that failed, `E` for another span that failed",
        ),
    },
    "ads_sessions": {
        "user_id": ("", "whose conversation, from its earliest trace that says"),
        "service": ("", "the program, likewise"),
        "input": ("", "what it began with"),
        "start_time": ("Unix ns", "start of its first trace"),
        "end_time": ("Unix ns", "end of its last trace"),
        "duration_ms": ("ms", "from the one to the other, pauses included"),
        "state": ("", "`open`, `interrupted` or `closed`, as of its traces"),
        "status": ("", "that of its latest trace"),
    },
    "ads_tools": {
        "call_count": ("", "`act` steps that called it"),
        "error_count": ("", "of these, the failed ones"),
        "trace_count": ("", "traces that called it"),
        "total_ms": ("ms", "time spent in it"),
    },
    "ads_models": {
        "call_count": ("", "calls; a run that only repeats its children's sums is none"),
        "error_count": ("", "of these, the failed ones"),
        "cached_tokens": ("tokens", "input tokens that the provider had cached"),
        "reasoning_tokens": ("tokens", "output tokens spent on reasoning"),
    },
    "ads_users": {
        "session_count": ("", "conversations"),
        "failed_count": ("", "traces with status `error`"),
    },
    "ads_errors": {
        "error_type": ("", "class of the exception, or an error code"),
        "error_message": ("", "what went wrong, in words"),
        "step_type": ("", "the kind of step that failed"),
        "tool_name": ("", "the tool that failed, where it was one"),
        "error_count": ("", "spans that failed so"),
        "trace_count": ("", "traces that they are in"),
        "last_trace_id": ("", "a trace to look at: the latest"),
    },
    "ads_annotations": {
        "id": ("", "unique; the same label on the same span has the same one"),
        "span_id": ("", "the span it is on; null where it is on the trace as a whole"),
        "kind": ("", "`label` or `note`"),
        "text": ("", "the label, or what the note says"),
        "author": ("", "name of the user who added it"),
        "time": ("Unix ns", "when it was added"),
    },
    "ads_pipeline": {
        "stage": ("", "`stored`, `running` (spans that have begun only) or `refused`"),
        "kind": ("", "`span`, `metric` or `event`"),
        "records": ("", "how many"),
        "newest_time": ("Unix ns", "the latest of them; null where there are none"),
    },
    "dws_spans": _SPAN | {
        "repeated": ("", "the call is recorded by the span around it too, by another library"),
        "outer_tool_name": ("", "the tool by that span; null where this is no such call, as below"),
        "outer_model": ("", "the model by that span"),
        "outer_provider": ("", "who served it by that span"),
        "outer_input_tokens": ("tokens", "tokens sent by that span: these count, not this span's"),
        "outer_output_tokens": ("tokens", "tokens received, likewise"),
        "outer_cached_tokens": ("tokens", "input tokens that the provider had cached, likewise"),
        "outer_reasoning_tokens": ("tokens", "output tokens spent on reasoning, likewise"),
        "outer_cost_usd": ("US dollars", "cost, likewise"),
    },
    "dws_minutes": {
        "minute": ("Unix ns", "the minute in which the spans began"),
    },
}  # fmt: skip
"""By table and column: unit and meaning, in the order of the layers."""


_WRAPPED = re.compile(r"(?:LowCardinality\(|Nullable\(|SimpleAggregateFunction\(\w+, )(.*)\)")


def columns(reader: Reader, table: str) -> list[tuple[str, str]]:
    """Names and types, in the engine's words, of a table's or view's columns.

    Of ClickHouse's types without how they are kept and that they may be null.
    """
    if reader.dialect == "clickhouse":
        return [(row[0], _bare(row[1])) for row in reader.query(f"DESCRIBE {table}").rows]
    return [(row[0], row[1]) for row in reader.query(f"SELECT * FROM (DESCRIBE {table})").rows]


def _bare(type_: str) -> str:
    """A type of ClickHouse's without the wrappers around it."""
    while (wrapped := _WRAPPED.fullmatch(type_)) is not None:
        type_ = wrapped[1]
    return type_


def meaning(table: str, column: str) -> tuple[str, str] | None:
    """A column's unit and meaning."""
    return MEANINGS.get(table, {}).get(column) or COMMON.get(column)
