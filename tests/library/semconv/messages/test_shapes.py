"""Providers' requests, responses and messages, wherever they are logged."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from jollyscope.model.messages import Message, Part
from jollyscope.semconv.messages import messages_of

SOUND = base64.b64encode(bytes(2000)).decode()
PICTURE = base64.b64encode(bytes(1_500_000)).decode()

CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
CALLED = Part(kind="tool_call", id="c1", name="f", arguments={"x": 1})


def says(role: str, *said: str) -> Message:
    return Message(role=role, parts=[Part(kind="text", text=text) for text in said])


def assistant(*parts: Part, finish_reason: str | None = None) -> Message:
    return Message(role="assistant", parts=list(parts), finish_reason=finish_reason)


def result(value: Any, id_: str | None = "c1", name: str | None = None) -> Message:
    return Message(role="tool", parts=[Part(kind="tool_result", id=id_, name=name, result=value)])


SHAPES: list[tuple[Any, list[Message]]] = [
    # OpenAI, Chat Completions
    ([{"role": "developer", "content": "Be kind."}], [says("system", "Be kind.")]),
    ({"role": "user", "content": "Hi", "name": "Ann"},
     [Message(role="user", name="Ann", parts=[Part(kind="text", text="Hi")])]),
    ({"messages": [{"role": "user", "content": "Hi"}], "model": "m"}, [says("user", "Hi")]),
    ([{"role": "assistant", "content": None, "tool_calls": [CALL]},
      {"role": "tool", "tool_call_id": "c1", "content": "one"}],
     [assistant(CALLED), result("one")]),
    ([{"role": "assistant", "content": None,
       "function_call": {"name": "f", "arguments": '{"x": 1}'}},
      {"role": "function", "name": "f", "content": '{"y": 2}'}],
     [assistant(Part(kind="tool_call", name="f", arguments={"x": 1})),
      result('{"y": 2}', None, "f")]),
    ({"role": "assistant", "content": None, "refusal": "No."}, [says("assistant", "No.")]),
    ({"role": "assistant", "content": None, "audio": {"id": "a", "data": SOUND,
                                                     "transcript": "Hello"}},
     [says("assistant", "Hello")]),
    ({"role": "user", "content": [
        {"type": "input_audio", "input_audio": {"data": SOUND, "format": "wav"}},
        {"type": "file", "file": {"filename": "a.pdf",
                                  "file_data": f"data:application/pdf;base64,{SOUND}"}},
        {"type": "file", "file": {"file_id": "file_1"}}]},
     [Message(role="user", parts=[
         Part(kind="media", text="audio/wav, 2 kB", media_type="audio/wav"),
         Part(kind="media", text="a.pdf, application/pdf, 2 kB",
              media_type="application/pdf"),
         Part(kind="media", text="file", media_type="file", uri="file_1")])]),
    ({"choices": [{"index": 0, "finish_reason": "stop",
                   "message": {"role": "assistant", "content": "A"}},
                  {"index": 1, "finish_reason": "length",
                   "message": {"role": "assistant", "content": "B"}}]},
     [assistant(Part(kind="text", text="A"), finish_reason="stop"),
      assistant(Part(kind="text", text="B"), finish_reason="length")]),
    ({"choices": [{"text": "once", "finish_reason": "stop"}]},
     [assistant(Part(kind="text", text="once"), finish_reason="stop")]),
    # OpenAI, Responses
    ([{"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "gAAA"},
      {"type": "web_search_call", "id": "w", "status": "completed",
       "action": {"type": "search", "query": "q"}},
      {"type": "message", "id": "m", "role": "assistant", "status": "completed",
       "content": [{"type": "output_text", "text": "Found.", "annotations": []}]}],
     [assistant(Part(kind="tool_call", id="w", name="web_search",
                     arguments={"action": {"type": "search", "query": "q"}}),
                Part(kind="text", text="Found."))]),
    ({"type": "function_call_output", "call_id": "c1", "output": "one"}, [result("one")]),
    ({"object": "response", "output": [
        {"type": "mcp_news", "id": "n"},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"x": 1}'}]},
     [assistant(Part(kind="other", name="mcp_news", text='{"type":"mcp_news","id":"n"}')),
      assistant(CALLED)]),
    ([{"role": "user", "content": "Hi"}, {"type": "item_reference", "id": "n"}],
     [says("user", "Hi"),
      Message(role="user", parts=[Part(kind="other", name="item_reference",
                                       text='{"type":"item_reference","id":"n"}')])]),
    # Anthropic
    ({"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "c1", "content": "one"},
        {"type": "text", "text": "And?"}]},
     [result("one"), says("user", "And?")]),
    ({"type": "message", "role": "assistant", "stop_reason": "end_turn", "content": [
        {"type": "redacted_thinking", "data": "RW5j"},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}},
        {"type": "web_search_tool_result", "tool_use_id": "s", "content": [{"url": "u"}]},
        {"type": "text", "text": "Found."}]},
     [assistant(Part(kind="tool_call", id="s", name="web_search", arguments={"query": "q"}),
                Part(kind="tool_result", id="s", result=[{"url": "u"}]),
                Part(kind="text", text="Found."), finish_reason="end_turn")]),
    ({"role": "user", "content": [
        {"type": "image", "source": {"type": "url", "url": "https://x.test/a.png"}},
        {"type": "document", "title": "Plan",
         "source": {"type": "base64", "media_type": "application/pdf", "data": PICTURE}}]},
     [Message(role="user", parts=[
         Part(kind="media", text="image", media_type="image", uri="https://x.test/a.png"),
         Part(kind="media", text="Plan, application/pdf, 1.5 MB",
              media_type="application/pdf")])]),
    # Gemini
    ({"candidates": [{"content": {"role": "model", "parts": [{"text": "Hi"}]},
                      "finishReason": "STOP"}]},
     [assistant(Part(kind="text", text="Hi"), finish_reason="STOP")]),
    ({"contents": [{"parts": [{"text": "Hi"}]}],
      "systemInstruction": {"parts": [{"text": "Be kind."}]}},
     [says("system", "Be kind."), says("user", "Hi")]),
    ({"role": "model", "parts": [
        {"executableCode": {"language": "PYTHON", "code": "1+1"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}}]},
     [assistant(Part(kind="tool_call", name="code_execution",
                     arguments={"language": "PYTHON", "code": "1+1"}),
                Part(kind="tool_result", name="code_execution",
                     result={"outcome": "OUTCOME_OK", "output": "2"}))]),
    ({"role": "user", "parts": [{"inlineData": {"mimeType": "audio/mp3", "data": SOUND}},
                                {"fileData": {"fileUri": "gs://b/a"}}]},
     [Message(role="user", parts=[
         Part(kind="media", text="audio/mp3, 2 kB", media_type="audio/mp3"),
         Part(kind="media", text="file", media_type="file", uri="gs://b/a")])]),
    # Tool messages
    ({"role": "tool", "content": None, "tool_call_id": "c1"}, [result("")]),
    ({"role": "tool", "content": None}, [Message(role="tool")]),
    ({"role": "tool", "parts": [{"type": "text", "content": "see"},
                                {"type": "tool_call_response", "id": "c1", "response": "one"}]},
     [says("user", "see"), result("one")]),
    # LangChain
    ({"messages": [[{"type": "human", "content": "Hi"}], [{"type": "human", "content": "Yo"}]]},
     [says("user", "Hi"), says("user", "Yo")]),
    ([{"type": "human", "data": {"content": "Hi", "additional_kwargs": {}}}],
     [says("user", "Hi")]),
    ({"type": "AIMessageChunk", "content": [
        {"type": "text", "text": "Let me see."},
        {"type": "tool_use", "id": "c1", "name": "f", "input": {"x": 1}}],
      "tool_calls": [{"name": "f", "args": {"x": 1}, "id": "c1", "type": "tool_call"}],
      "response_metadata": {"stop_reason": "tool_use"}},
     [assistant(Part(kind="text", text="Let me see."), CALLED, finish_reason="tool_use")]),
    ({"type": "ai", "content": "", "additional_kwargs": {"tool_calls": [CALL]}},
     [assistant(CALLED)]),
    ({"update": {"messages": [{"type": "tool", "content": "one", "tool_call_id": "c1",
                               "name": "f"}]}},
     [result("one", "c1", "f")]),
    ({"inputs": {"messages": [{"type": "human", "content": "Hi"}]}, "tags": []},
     [says("user", "Hi")]),
    ({"outputs": {"messages": [{"type": "ai", "content": "Hi"}]}}, [says("assistant", "Hi")]),
    # Ollama, LlamaIndex, smolagents
    ({"message": {"role": "assistant", "thinking": "Hm.", "content": "Hi"},
      "done_reason": "stop"},
     [assistant(Part(kind="reasoning", text="Hm."), Part(kind="text", text="Hi"),
                finish_reason="stop")]),
    ({"role": "user", "blocks": [{"block_type": "text", "text": "Hi"}]},
     [says("user", "Hi")]),
    ({"role": "MessageRole.USER", "content": "Hi"}, [says("user", "Hi")]),
    # Langfuse lists the tools' definitions behind the messages
    ([{"role": "user", "content": "Hi"},
      {"role": "tool", "content": {"type": "function", "function": {"name": "f"}}}],
     [says("user", "Hi")]),
    # JSON text in JSON text
    (json.dumps({"input": json.dumps([{"role": "user", "content": "Hi"}])}),
     [says("user", "Hi")]),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), SHAPES)
def test_known_shapes(value: Any, expected: list[Message]) -> None:
    assert messages_of(value) == expected
    assert messages_of(value if isinstance(value, str) else json.dumps(value)) == expected
    if not isinstance(value, str):
        assert messages_of(repr(value)) == expected


@pytest.mark.parametrize(
    "value",
    [
        None, 3, "", "plain text", "[not JSON]", "{}", "[]", [], {}, b"\xff",
        {"role": "admin", "content": "x"},
        {"role": "user"},
        {"role": "user", "email": "a@b.test"},
        [{"role": "user", "content": "Hi"}, {"price": 3}],
        [{"type": "text", "text": "what a tool returned"}],
        {"content": "a document", "type": "pdf"},
        {"messages": 3},
        {"choices": ["a", "b"]},
        {"query": "example"},
    ],
)  # fmt: skip
def test_what_is_no_chat(value: Any) -> None:
    assert messages_of(value) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "a\nb"),
        ([{"text": "a"}], "a"),
        ([{"json": {"a": 1}}], {"a": 1}),
        ({"a": 1}, {"a": 1}),
        ("", ""),
        ([], []),
        ([1, 2], [1, 2]),
        ([{"type": "image", "source": {"type": "base64", "media_type": "image/png",
                                       "data": PICTURE}}],
         [{"type": "image", "source": {"type": "base64", "media_type": "image/png",
                                       "data": "[image/png, 1.5 MB]"}}]),
        ([{"type": "image", "data": PICTURE, "mimeType": "image/png"}],
         [{"type": "image", "data": "[image/png, 1.5 MB]", "mimeType": "image/png"}]),
        ({"page": f"see data:image/gif;base64,{SOUND} there"},
         {"page": "see [image/gif, 2 kB] there"}),
        ({"bytes": PICTURE}, {"bytes": "[bytes, 1.5 MB]"}),
    ],
)  # fmt: skip
def test_results_of_tools(value: Any, expected: Any) -> None:
    message = {"role": "tool", "tool_call_id": "c1", "content": value}
    assert messages_of([message]) == [result(expected)]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('{"x": 1}', {"x": 1}),
        ("[1]", [1]),
        ("{'x': None}", {"x": None}),
        ('{"x": 1', '{"x": 1'),
        ("ls -l", "ls -l"),
        ("", ""),
        ({"x": 2**70}, {"x": str(2**70)}),
        (f'{{"x": {2**70}}}', {"x": str(2**70)}),
        ('{"x": NaN}', {"x": None}),
    ],
)
def test_arguments_of_calls(arguments: Any, expected: Any) -> None:
    call = {"id": "c1", "function": {"name": "f", "arguments": arguments}}
    (message,) = messages_of([{"role": "assistant", "tool_calls": [call]}])
    assert message.parts[0].arguments == expected
