"""Conversations for fine-tuning: what OpenAI's format demands holds of every example."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from jollyscope.export.chat import NO_RESULT, example, write_chats
from jollyscope.export.chat_tools import fitting
from jollyscope.export.forms import Traced
from jollyscope.model.records import SpanRecord
from tests.cli import records

S = 1000.0


def call(
    number: int, at: float, said: list[dict[str, Any]], answer: dict[str, Any], **more: Any
) -> SpanRecord:
    """A model call that carries its messages as OpenTelemetry has it."""
    carried = {
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": msgspec.json.encode(said).decode(),
        "gen_ai.output.messages": msgspec.json.encode([answer]).decode(),
    }
    return records.span(number, at, 10, name="chat", step_type="think", attributes=carried, **more)


def text(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": content}]}


ASK = {"role": "assistant", "parts": [
    {"type": "tool_call", "id": "c1", "name": "search", "arguments": {"q": "天气"}}]}  # fmt: skip
GOT = {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "cloudy"}]}


def trace(number: int, *spans: SpanRecord) -> Traced:
    return Traced(f"{number:032x}", spans, [])


def wrote(*traces: Traced) -> list[dict[str, Any]]:
    out = io.BytesIO()
    write_chats(traces, out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_session_is_one_example_and_its_history_is_told_once() -> None:
    system, hello = text("system", "be kind"), text("user", "weather?")
    told = text("assistant", "cloudy ☁️")
    first = trace(
        1,
        call(1, 0, [system, hello], ASK),
        call(2, S, [system, hello, ASK, GOT], told),
    )
    more = text("user", "thanks")
    past = [system, hello, ASK, GOT, told, more]
    second = trace(2, call(3, 9 * S, past, text("assistant", "welcome")))
    other = trace(
        3, call(4, 0, [text("user", "weather?")], text("assistant", "?"), session_id="s-43")
    )
    found = wrote(first, second, other)
    assert len(found) == 2
    assert found[0] == {
        "messages": [
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": "weather?"},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "c1", "type": "function",
                 "function": {"name": "search", "arguments": '{"q":"天气"}'}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "cloudy"},
            {"role": "assistant", "content": "cloudy ☁️"},
            {"role": "user", "content": "thanks"},
            {"role": "assistant", "content": "welcome"},
        ],
        "tools": [{"type": "function", "function": {
            "name": "search", "parameters": {"type": "object", "properties": {}}}}],
    }  # fmt: skip
    assert found[1] == {
        "messages": [{"role": "user", "content": "weather?"}, {"role": "assistant", "content": "?"}]
    }


def test_the_same_question_again_is_no_history() -> None:
    one = trace(1, call(1, 0, [text("user", "hi")], text("assistant", "hello")))
    again = trace(2, call(2, S, [text("user", "hi")], text("assistant", "hello again")))
    (found,) = wrote(one, again)
    assert [m["content"] for m in found["messages"]] == ["hi", "hello", "hi", "hello again"]


def test_steps_without_messages_and_conversations_without_an_answer() -> None:
    (found,) = wrote(Traced(records.TRACE, records.run(), []))
    assert [m["role"] for m in found["messages"]] == [
        "user", "assistant", "tool", "assistant", "tool", "assistant",
    ]  # fmt: skip
    assert found["messages"][1]["tool_calls"][0]["function"]["name"] == "search"
    assert found["messages"][2]["content"] == "3 results 👩‍👩‍👧"
    assert found["messages"][-1] == {"role": "assistant", "content": "明天多云"}
    asked = records.span(1, 0, 1, name="n", step_type="user_input", input="anyone?")
    assert wrote(trace(1, asked)) == []


def test_tools_are_those_on_offer_and_those_that_were_called() -> None:
    schema = {"type": "object", "properties": {"q": {"type": "string"}}}
    offered = [
        {"type": "function", "name": "搜索", "description": "finds", "parameters": schema},
        {"type": "function", "name": "unused", "parameters": schema, "strict": True},
    ]
    turn = call(1, 0, [text("user", "hi")], {"role": "assistant", "parts": [
        {"type": "tool_call", "id": "c1", "name": "搜索", "arguments": {}},
        {"type": "tool_call", "id": "c2", "name": "http.get", "arguments": {}}]})  # fmt: skip
    turn.attributes["gen_ai.tool.definitions"] = json.dumps(offered)
    (found,) = wrote(trace(1, turn))
    name = fitting("搜索")
    assert re.fullmatch("tool_[0-9a-f]{8}", name)
    assert [one["function"] for one in found["tools"]] == [
        {"name": name, "description": "finds", "parameters": schema},
        {"name": "unused", "parameters": schema, "strict": True},
        {"name": "http_get", "parameters": {"type": "object", "properties": {}}},
    ]
    called = found["messages"][-1]["tool_calls"]
    assert [one["function"]["name"] for one in called] == [name, "http_get"]


@given(st.text(max_size=80))
def test_a_name_fits_and_one_that_fits_stays(name: str) -> None:
    made = fitting(name)
    assert re.fullmatch("[a-zA-Z0-9_-]{1,64}", made)
    assert fitting(made) == made


def test_names_that_differ_stay_different() -> None:
    names = ["查", "询", "a查", "a询", "x" * 70, "x" * 71, "", "tool"]
    assert len({fitting(name) for name in names}) == len(names)


parts = st.sampled_from(["a", "b", ""]).map(lambda t: {"type": "text", "content": t}) | st.builds(
    lambda id_, name: {"type": "tool_call", "id": id_, "name": name, "arguments": {}},
    st.sampled_from(["c1", "c2", "c3"]), st.sampled_from(["x", "y.z", "工具"]),
) | st.builds(
    lambda id_: {"type": "tool_call_response", "id": id_, "response": "r"},
    st.sampled_from(["c1", "c2", "c9"]),
)  # fmt: skip
messages = st.builds(
    lambda role, some: {"role": role, "parts": some},
    st.sampled_from(["system", "user", "assistant", "tool"]), st.lists(parts, max_size=3),
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(messages, max_size=6), messages)
def test_what_the_format_demands(said: list[dict[str, Any]], answer: dict[str, Any]) -> None:
    found = example([trace(1, call(1, 0, said, answer))])
    if found is None:
        return
    assert found["messages"][-1]["role"] == "assistant"
    known = {one["function"]["name"] for one in found.get("tools", ())}
    waiting: list[str] = []
    for message in found["messages"]:
        if message["role"] == "tool":
            assert message["tool_call_id"] in waiting
            waiting.remove(message["tool_call_id"])
            assert message["content"] in ("r", NO_RESULT)
            continue
        assert not waiting
        assert message.get("tool_calls") or message["content"]
        waiting = [one["id"] for one in message.get("tool_calls", [])]
        assert known >= {one["function"]["name"] for one in message.get("tool_calls", [])}
        assert len(set(waiting)) == len(waiting)
