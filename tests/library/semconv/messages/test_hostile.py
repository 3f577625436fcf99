"""Whatever comes in: nothing is raised, work is bounded, what comes out can be encoded."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages import conversation, has_messages, messages_of
from jollyscope.semconv.messages.chat import ROLES
from jollyscope.semconv.messages.sources import ATTRIBUTES, EVENTS, PREFIXES

from .strategies import conversations
from .writers import WRITERS

MILLION = 10**6
ANY_HEALTH = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

# Names that the readers look at, and values of the wrong kind below them.
WORDS = """role content parts type text id name arguments input output messages message choices
    candidates contents system instructions tool_calls function_call function tool_call_id kwargs
    lc data additional_kwargs generations prompt prompts source image image_url url bytes format
    inlineData functionCall functionResponse response result toolUse toolResult audio transcript
    reasoning thinking summary refusal finish_reason config @bytes @double @kvlist event.name
    message.role message_content.type tool_call 0 1"""
TYPES = """text tool_call tool_use tool-result function_call function_call_output message image blob
    file reasoning human ai constructor mcp_call audio gen_ai.choice gen_ai.user.message user
    assistant tool system"""

words = st.sampled_from(WORDS.split())
types = st.sampled_from(TYPES.split())
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | types | st.text(max_size=8)
    | st.binary(max_size=4)
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=5),
    max_leaves=25,
)


def dumped(value: Any) -> str:
    return json.dumps(value, default=str)


raw = values | values.map(dumped) | values.map(repr)


def under(prefix: str, steps: list[str]) -> str:
    return prefix + ".".join(steps)


names = (
    st.sampled_from(sorted(ATTRIBUTES))
    | st.builds(under, st.sampled_from(PREFIXES), st.lists(words, max_size=5))
    | st.text(max_size=5)
)
attributes = st.dictionaries(names, raw, max_size=6)
events = st.lists(
    st.builds(
        SpanEvent,
        name=st.sampled_from(sorted(EVENTS)),
        attributes=st.dictionaries(words | st.sampled_from(sorted(ATTRIBUTES)), raw, max_size=4),
    ),
    max_size=3,
)


@given(attributes=attributes, events=events)
@settings(max_examples=400, deadline=None, suppress_health_check=ANY_HEALTH)
def test_never_raises(attributes: dict[str, Any], events: list[SpanEvent]) -> None:
    made = conversation(attributes, events)
    msgspec.json.encode(made)
    assert has_messages(attributes, events) or not made
    assert conversation(attributes, events) == made


@given(value=raw)
@settings(max_examples=300, deadline=None, suppress_health_check=ANY_HEALTH)
def test_messages_of_never_raises(value: Any) -> None:
    made = messages_of(value)
    msgspec.json.encode(made)
    assert {message.role for message in made} <= set(ROLES.values())


@given(said=conversations(), dialect=st.sampled_from(sorted(WRITERS)), data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=ANY_HEALTH)
def test_cut_off_values_never_raise(said: Any, dialect: str, data: st.DataObject) -> None:
    attributes = {
        name: value[: data.draw(st.integers(0, len(value)))] if isinstance(value, str) else value
        for name, value in WRITERS[dialect](said).items()
    }
    msgspec.json.encode(conversation(attributes))


def nested(levels: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(levels):
        made = [made]
    return made


DEEP: dict[str, Any] = {
    "arrays": "[" * MILLION,
    "closed": "[" * MILLION + "]" * MILLION,
    "objects": '{"messages":' * MILLION,
    "literal": "{'a':" * MILLION,
    "parentheses": "['a'," + "(" * MILLION,
    "minus": "['a'," + "-" * MILLION + "1]",
    "values": nested(100_000),
    "lists of a message": "[" * 900 + '{"role":"user","content":"a"}' + "]" * 900,
    "content": '{"role":"user","content":' + "[" * 900 + "]" * 900 + "}",
    "text in text": json.dumps({"input": json.dumps({"input": json.dumps({"input": "[" * 9999})})}),
}


@pytest.mark.parametrize("value", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("name", ["input.value", "gen_ai.input.messages", "events", "llm.prompts"])
def test_deep_values(value: Any, name: str) -> None:
    msgspec.json.encode(conversation({name: value}))
    messages_of(value)


def test_deep_values_on_a_thread_with_a_small_stack() -> None:
    """Where a parser that recurses in C would end the process."""
    done: list[int] = []

    def work() -> None:
        for value in DEEP.values():
            messages_of(value)
            done.append(1)

    before, limit = threading.stack_size(256 * 1024), sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)  # as some programs do, which takes the decoders' only bound
    try:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
        sys.setrecursionlimit(limit)
    assert len(done) == len(DEEP)


def test_arguments_keep_a_bounded_depth() -> None:
    call = {"type": "tool_call", "name": "f", "arguments": nested(500)}
    made = conversation({"gen_ai.output.messages": [{"role": "assistant", "parts": [call]}]})
    text = msgspec.json.encode(made.output[0].parts[0].arguments).decode()
    assert 10 < text.count("[") < 100


def flat(size: int) -> dict[str, Any]:
    return {f"llm.input_messages.{i}.message.content": "a" for i in range(size)}


def one_message(size: int) -> dict[str, Any]:
    return {f"gen_ai.prompt.0.tool_calls.{i}.name": "a" for i in range(size)}


def dotted(size: int) -> dict[str, Any]:
    return {"gen_ai.prompt.0." + "a." * size: 1, "llm.prompts." + "9" * size + ".content": "a"}


def items(size: int) -> dict[str, Any]:
    return {"input.value": [{"type": "function_call", "name": "f", "arguments": "{}"}] * size}


def results(size: int) -> dict[str, Any]:
    blocks = [{"type": "tool_result", "content": "a"}, {"type": "text", "text": "b"}] * size
    return {"input.value": [{"role": "user", "content": blocks}]}


def strangers(size: int) -> dict[str, Any]:
    return {f"a.{i}": i for i in range(size)} | {"gen_ai.prompt.0.content": "a"}


def data_uris(size: int) -> dict[str, Any]:
    texts = ["data:" * size, "data:a/" + "b" * size, "data:" + ";a=b" * size, "data:;a" * size]
    return {
        "gen_ai.input.messages": [
            {"role": "user", "content": text + tail} for text in texts for tail in (" ;base64,", "")
        ]
    }


def quotes(size: int) -> dict[str, Any]:
    return {"input.value": "['" + "\\'" * size, "output.value": "{" + "'a' " * size}


def once_more(size: int) -> dict[str, Any]:
    wrapped: Any = "[" * size
    for name in ("input", "output", "messages", "response", "inputs", "outputs"):
        wrapped = {name: wrapped}
    return {"input.value": wrapped, "output.value": dumped([wrapped] * 4)}


GROWING: list[Callable[[int], dict[str, Any]]] = [
    flat, one_message, dotted, items, results, strangers, data_uris, quotes, once_more,
]  # fmt: skip


@pytest.mark.parametrize("make", GROWING)
def test_linear_time(make: Callable[[int], dict[str, Any]]) -> None:
    """Eight times as much takes at most four times eight as long; the square would be 64."""

    def seconds(size: int) -> float:
        attributes = make(size)
        best = 1e9
        for _ in range(3):
            start = time.process_time()
            conversation(attributes)
            best = min(best, time.process_time() - start)
        return best

    small, large = seconds(1500), seconds(12_000)
    assert large < 32 * small + 0.05


def test_a_hundred_thousand_attributes() -> None:
    start = time.process_time()
    assert len(conversation(flat(100_000)).input) == 100_000
    assert time.process_time() - start < 20
