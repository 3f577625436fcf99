"""Hypothesis strategies for records, shared by the property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from jollyscope.model.records import EventRecord, MetricRecord, SpanEvent, SpanLink, SpanRecord

# Any Unicode but lone surrogates, which JSON in UTF-8 cannot carry.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "查一下北京明天的天气",
        "👩‍👩‍👧 family",
        "tab\tnew\nline",
        "nul\x00",
        '"quoted" \\ back',
        "é" * 40,
    ]
)
trace_ids = st.integers(1, 2**128 - 1).map(lambda n: f"{n:032x}")
span_ids = st.integers(1, 2**64 - 1).map(lambda n: f"{n:016x}")
times = st.integers(0, 2**62) | st.integers(1_700_000_000 * 10**9, 1_800_000_000 * 10**9)
counts = st.none() | st.integers(0, 10**12)
scalars = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
attributes = st.dictionaries(texts, values, max_size=4)
steps = st.sampled_from(["user_input", "think", "act", "observe", "response", "other"])
optional_text = st.none() | texts


@st.composite
def spans(draw: st.DrawFn, trace_id: str | None = None, closed: bool = False) -> SpanRecord:
    """A valid span record with any of its fields filled."""
    start = draw(times)
    state = "closed" if closed else draw(st.sampled_from(["open", "closed"]))
    end = start + draw(st.integers(0, 10**12)) if state == "closed" else None
    return SpanRecord(
        trace_id=trace_id or draw(trace_ids),
        span_id=draw(span_ids),
        parent_span_id=draw(st.none() | span_ids),
        session_id=draw(optional_text),
        conversation_id=draw(optional_text),
        user_id=draw(optional_text),
        service=draw(optional_text),
        name=draw(texts),
        kind=draw(st.sampled_from(["internal", "server", "client", "producer", "consumer"])),
        step_type=draw(steps),
        start_time=start,
        end_time=end,
        duration_ms=None if end is None else (end - start) / 1e6,
        state=state,
        status=draw(st.sampled_from(["unset", "ok", "error"])),
        error_type=draw(optional_text),
        error_message=draw(optional_text),
        stack_trace=draw(optional_text),
        input=draw(optional_text),
        output=draw(optional_text),
        tool_name=draw(optional_text),
        tool_call_id=draw(optional_text),
        model=draw(optional_text),
        provider=draw(optional_text),
        input_tokens=draw(counts),
        output_tokens=draw(counts),
        cached_tokens=draw(counts),
        reasoning_tokens=draw(counts),
        cost_usd=draw(st.none() | st.floats(0, 1e6)),
        cpu_percent=draw(st.none() | st.floats(0, 1e4)),
        memory_mb=draw(st.none() | st.floats(0, 1e6)),
        attributes=draw(attributes),
        resource=draw(attributes),
        scope=draw(attributes),
        events=draw(
            st.lists(
                st.builds(SpanEvent, name=texts, time=times, attributes=attributes), max_size=2
            )
        ),
        links=draw(
            st.lists(
                st.builds(SpanLink, trace_id=trace_ids, span_id=span_ids, attributes=attributes),
                max_size=2,
            )
        ),
    )  # fmt: skip


metrics = st.builds(
    MetricRecord,
    record_id=trace_ids,
    name=texts,
    time=times,
    start_time=st.none() | times,
    type=st.sampled_from(["gauge", "sum", "histogram"]),
    value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    unit=optional_text,
    monotonic=st.none() | st.booleans(),
    distribution=attributes,
    service=optional_text,
    trace_id=st.none() | trace_ids,
    span_id=st.none() | span_ids,
    attributes=attributes,
)
events = st.builds(
    EventRecord,
    record_id=trace_ids,
    time=times,
    observed_time=st.none() | times,
    type=st.sampled_from(["log", "state", "alert", "audit", "file"]),
    name=optional_text,
    severity_number=st.integers(0, 24),
    severity=optional_text,
    body=st.none() | values,
    attributes=attributes,
)
