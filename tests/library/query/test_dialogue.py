"""What was said in a run, each message once."""

from __future__ import annotations

from typing import Any

import msgspec

from jollyscope.model.messages import Message, Part
from jollyscope.model.records import EventRecord, SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.query.dialogue import lines_of, turns
from jollyscope.query.loading import load_trace
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.library.model.make import span

SYSTEM = {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]}
ASK = {"role": "user", "parts": [{"type": "text", "content": "天气?"}]}
CALL = {
    "role": "assistant",
    "parts": [{"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "北京"}}],
}
SEEN = {
    "role": "tool",
    "parts": [{"type": "tool_call_response", "id": "c1", "response": {"sky": "rain"}}],
}
SAY = {"role": "assistant", "parts": [{"type": "text", "content": "带伞"}]}


def call(number: int, given: list[Any], answer: list[Any], **fields: Any) -> SpanRecord:
    attributes = {
        "gen_ai.input.messages": msgspec.json.encode(given).decode(),
        "gen_ai.output.messages": answer,
    }
    return span(number, step_type="think", attributes=attributes, **fields)


def said(spans: list[SpanRecord]) -> list[tuple[str, str]]:
    return [
        (turn.message.role, "|".join(f"{line.head}{line.text}" for line in lines_of(turn.message)))
        for turn in turns(spans)
    ]


def test_a_call_repeats_what_was_said_and_it_shows_once():
    run = [
        call(2, [SYSTEM, ASK, CALL, SEEN], [SAY]),
        call(1, [SYSTEM, ASK], [{**CALL, "finish_reason": "tool_call"}]),
    ]
    assert said(run) == [
        ("system", "Be brief."),
        ("user", "天气?"),
        ("assistant", 'calls weather({"city":"北京"})'),
        ("tool", 'weather returns {"sky":"rain"}'),
        ("assistant", "带伞"),
    ]
    times = [turn.time for turn in turns(run)]
    assert times == [1_001, 1_001, 2_000, 1_002, 2_000]


def test_the_same_words_said_twice_show_twice():
    run = [call(1, [ASK], [SAY]), call(2, [ASK, SAY, ASK], [SAY])]
    assert [role for role, _ in said(run)] == ["user", "assistant", "user", "assistant"]


def test_a_call_recorded_by_two_libraries_speaks_once():
    outer, inner = call(1, [ASK], [SAY]), call(2, [ASK], [SAY], parent=1)
    assert len(said([outer, inner])) == 2


def test_without_messages_the_steps_speak():
    run = [
        span(1, step_type="user_input", input="hi", output="a coat"),
        span(2, 1, step_type="think", output="look it up"),
        span(3, 1, step_type="act", tool_name="search", input='{"q": 1}', output="cold"),
        span(4, 1, step_type="act", tool_name="search", input="x", status="error"),
        span(5, 1, step_type="think", status="error", error_message="no quota"),
    ]
    assert said(run) == [
        ("user", "hi"),
        ("assistant", "look it up"),
        ("assistant", 'calls search({"q":1})'),
        ("assistant", "calls search(x)"),
        ("assistant", "no quota"),
        ("tool", "search returns cold"),
        ("assistant", "a coat"),
    ]
    assert turns([span(1)]) == []


def test_every_kind_of_part_has_its_line():
    message = Message(
        role="assistant",
        parts=[
            Part(kind="reasoning", text="hm"),
            Part(kind="text", text="so"),
            Part(kind="tool_call", name="f"),
            Part(kind="tool_result", name="f", result=[1]),
            Part(kind="media", text="image/png, 12 kB", uri="https://x/y.png"),
            Part(kind="other", text=""),
        ],
    )
    assert [f"{line.head}{line.text}" for line in lines_of(message)] == [
        "thinks: hm", "so", "calls f()", "f returns [1]",
        "[image/png, 12 kB https://x/y.png]", "[other]",
    ]  # fmt: skip


def test_messages_that_came_as_log_records(tmp_path):
    """Some instrumentations send the messages beside the span, as log records."""
    began = 1_700_000_000_000_000_000
    trace = "ab" * 16
    thought = SpanRecord(
        trace_id=trace, span_id="1" * 16, name="chat m", step_type="think", start_time=began,
        end_time=began + 9, attributes={"gen_ai.operation.name": "chat"},
    )  # fmt: skip
    log = {"trace_id": trace, "span_id": "1" * 16}
    logs = [
        EventRecord(record_id="a", time=began, name="gen_ai.user.message", body={"content": "天气?"}, **log),
        EventRecord(
            record_id="b", time=began + 8, body={"index": 0, "message": {"content": "带伞"}},
            attributes={"event.name": "gen_ai.choice"}, **log,
        ),
        EventRecord(record_id="c", time=began + 8, name="db.query", body="select", **log),
    ]  # fmt: skip
    writer = SpoolWriter(spool_dir(tmp_path))
    writer.write("span", encode_lines([thought]))
    writer.write("event", encode_lines(logs))
    writer.close()
    with LakeStore(tmp_path).reader() as reader:
        loaded = load_trace(reader, trace)
    assert [(t.message.role, t.message.text) for t in turns(loaded.spans, loaded.said)] == [
        ("user", "天气?"),
        ("assistant", "带伞"),
    ]
    assert loaded.spans[0].events == []
