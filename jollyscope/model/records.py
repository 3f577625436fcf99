"""The record: one span, metric sample or event in wire form.

One JSON object a line, the same bytes in the spool and in Kafka. These structs are the
definition; the SQL of every engine is held against them by a test.

Times are integers, Unix nanoseconds. Ids are lowercase hex as in W3C Trace Context: 32 digits a
trace, 16 a span. Attribute values keep their OTLP types (opentelemetry-proto
`common/v1/common.proto`): string, bool, int and double are JSON's (a double always carries a
point or an exponent), arrays and key-value lists are arrays and objects, and what JSON cannot say
is an object with one `@` key: `{"@bytes": "<base64>"}`, `{"@double": "NaN"}`; a key-value list
that happens to look like that is wrapped as `{"@kvlist": {...}}`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

__all__ = [
    "SCHEMA",
    "EventRecord",
    "Kind",
    "MetricRecord",
    "Record",
    "RecordKind",
    "SpanEvent",
    "SpanLink",
    "SpanRecord",
    "State",
    "Status",
    "StepType",
]

SCHEMA = 1
"""Version of the record that this code writes; it reads this and all before it."""


def _current() -> int:
    # A factory, so that `omit_defaults` still writes it: a line without its version could not be
    # told from one of a later version.
    return SCHEMA


RecordKind = Literal["span", "metric", "event"]
Kind = Literal["internal", "server", "client", "producer", "consumer"]
StepType = Literal["user_input", "think", "act", "observe", "response", "other"]
Status = Literal["unset", "ok", "error"]
State = Literal["open", "closed", "interrupted"]
"""On the wire `open` or `closed`. A reader also meets `interrupted`: open, and its writer gone."""

# Lengths here, hex digits in `wire.problem`: a pattern is a call into `re` for every field, which
# took decoding from 430,000 records a second to 110,000.
TraceId = Annotated[str, msgspec.Meta(min_length=32, max_length=32)]
SpanId = Annotated[str, msgspec.Meta(min_length=16, max_length=16)]
Nanos = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


# gc=False: records hold plain JSON values, so they can never be part of a cycle, and the agent's
# garbage collector need not walk them.
class SpanEvent(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A span's own timed event (OTLP `Span.Event`)."""

    name: str = ""
    time: Nanos = 0
    attributes: dict[str, Any] = {}
    dropped_attributes: Count = 0


class SpanLink(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A pointer to another span (OTLP `Span.Link`)."""

    trace_id: str = ""
    span_id: str = ""
    trace_state: str = ""
    attributes: dict[str, Any] = {}
    dropped_attributes: Count = 0
    flags: Count = 0


class SpanRecord(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """One step or operation. Written once when it opens (optional) and once when it closes."""

    schema: int = msgspec.field(default_factory=_current)
    trace_id: TraceId
    span_id: SpanId
    parent_span_id: SpanId | None = None
    session_id: str | None = None
    conversation_id: str | None = None
    user_id: str | None = None
    service: str | None = None
    name: str = ""
    kind: Kind = "internal"
    step_type: StepType = "other"
    start_time: Nanos
    """Unix ns."""
    end_time: Nanos | None = None
    """Unix ns; null while open."""
    duration_ms: float | None = None
    """Milliseconds, never negative; null while open."""
    state: State = "closed"
    status: Status = "unset"
    error_type: str | None = None
    error_message: str | None = None
    stack_trace: str | None = None
    input: str | None = None
    output: str | None = None
    tool_name: str | None = None
    tool_call_id: str | None = None
    model: str | None = None
    provider: str | None = None
    input_tokens: Count | None = None
    """Tokens of this operation's own model call, never a sum over children."""
    output_tokens: Count | None = None
    cached_tokens: Count | None = None
    reasoning_tokens: Count | None = None
    cost_usd: float | None = None
    """US dollars; null when unknown, never 0 for unknown."""
    cpu_percent: float | None = None
    """Mean CPU of the process over the span, 100 = one core."""
    memory_mb: float | None = None
    """Resident memory of the process at the span's end, in 10^6 bytes."""
    attributes: dict[str, Any] = {}
    resource: dict[str, Any] = {}
    """Attributes of the OTLP resource, plus, where set, `@schema_url`, `@dropped` (its count of
    dropped attributes), `@entity_refs` (`schema_url`, `type`, `id_keys`, `description_keys` each) and
    `@attributes` (those whose own names begin with `@`)."""
    scope: dict[str, Any] = {}
    """`name`, `version`, `attributes`, `schema_url`, `dropped` (attributes) of the instrumentation
    scope. Also, where the span carries them, `trace_state`, `flags`, `dropped_attributes`,
    `dropped_events`, `dropped_links` (counts) and `status_message`; and what the fields above cannot
    say of a span that came as OTLP: `kind` and `status_code` (OTLP's number, 0 for a kind that is
    not given), `end_time` (0: none was given), `parent_span_id` (zeros)."""
    events: list[SpanEvent] = []
    links: list[SpanLink] = []


class MetricRecord(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """One sample of one metric."""

    schema: int = msgspec.field(default_factory=_current)
    record_id: str
    """Unique per sample; readers drop doubles by it. From content where it came from outside."""
    name: str
    time: Nanos
    start_time: Nanos | None = None
    """Unix ns; where the sample's interval began (sums, histograms)."""
    type: Literal["gauge", "sum", "histogram", "exponential_histogram", "summary"] = "gauge"
    value: float | None = None
    unit: str | None = None
    description: str | None = None
    temporality: Literal["delta", "cumulative"] | None = None
    monotonic: bool | None = None
    distribution: dict[str, Any] = {}
    """What `value` does not say. Doubles that are not finite are as in attributes, counts are unsigned
    64-bit integers, and what was not measured is not there.

    Gauges and sums: `int` (the value was this integer), `value` (it is not finite). Histograms:
    `count`, `sum`, `min`, `max`, and `bounds` with `buckets` (counts), or `scale`, `zero_count`,
    `zero_threshold`, `positive` and `negative` (`offset` and `buckets` each). Summaries: `count`,
    `sum`, `quantiles` (`quantile` and `value` each). Any, from OTLP: `flags`, `exemplars` (`int` or
    `value`, `time`, `trace_id`, `span_id`, `attributes` each), `metadata` (of the metric),
    `temporality` (OTLP's number, if it has no name here).
    """
    service: str | None = None
    session_id: str | None = None
    trace_id: TraceId | None = None
    span_id: SpanId | None = None
    attributes: dict[str, Any] = {}
    resource: dict[str, Any] = {}
    scope: dict[str, Any] = {}


class EventRecord(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """One log line, state change, alert, audit or file event."""

    schema: int = msgspec.field(default_factory=_current)
    record_id: str
    """Unique per event; readers drop doubles by it. From content where it came from outside."""
    time: Nanos
    observed_time: Nanos | None = None
    type: Literal["log", "state", "alert", "audit", "file"] = "log"
    name: str | None = None
    severity_number: Annotated[int, msgspec.Meta(ge=0, le=24)] = 0
    """OpenTelemetry's scale: 0 unset, 1-4 trace, 5-8 debug, 9-12 info, 13-16 warn, 17-20 error,
    21-24 fatal."""
    severity: str | None = None
    body: Any = None
    service: str | None = None
    session_id: str | None = None
    trace_id: TraceId | None = None
    span_id: SpanId | None = None
    attributes: dict[str, Any] = {}
    resource: dict[str, Any] = {}
    scope: dict[str, Any] = {}
    """As in a span; from OTLP also `flags`, `dropped_attributes`, and what the fields above cannot
    say: `time` (0: only `observed_time` was given), `severity_number` (above 24), `trace_id` and
    `span_id` (invalid ones)."""


Record = SpanRecord | MetricRecord | EventRecord
