"""Each dialect as its specification gives it, where the common writers do not reach."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from jollyscope.model.messages import Conversation, Message, Part
from jollyscope.model.records import SpanEvent
from jollyscope.semconv.messages import conversation, has_messages

Attributes = dict[str, Any]

PIXELS = base64.b64encode(bytes(12_000)).decode()


def text(said: str) -> Part:
    return Part(kind="text", text=said)


def user(*parts: Part) -> Message:
    return Message(role="user", parts=list(parts))


def assistant(*parts: Part, finish_reason: str | None = None) -> Message:
    return Message(role="assistant", parts=list(parts), finish_reason=finish_reason)


def tool(id_: str | None, result: Any, name: str | None = None) -> Message:
    return Message(role="tool", parts=[Part(kind="tool_result", id=id_, name=name, result=result)])


def event(name: str, **attributes: Any) -> SpanEvent:
    return SpanEvent(name=name, attributes=attributes)


WEATHER = Part(kind="tool_call", id="call_1", name="weather", arguments={"city": "Paris"})


def test_nothing() -> None:
    for attributes in ({}, {"http.method": "GET", "gen_ai.request.model": "m"}):
        assert not has_messages(attributes, ())
        assert conversation(attributes) == Conversation()
    assert not has_messages({}, [event("exception")])


def test_otel_media_parts() -> None:
    parts = [
        {
            "type": "uri",
            "modality": "image",
            "mime_type": "image/png",
            "uri": "https://x.test/a.png",
        },
        {"type": "uri", "modality": "video", "uri": "gs://bucket/clip.mp4"},
        {"type": "file", "modality": "image", "file_id": "file_1"},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": PIXELS},
        {"type": "blob", "modality": "audio", "content": {"@bytes": PIXELS}},
    ]
    made = conversation({"gen_ai.input.messages": [{"role": "user", "parts": parts}]})
    assert made.input == [
        user(
            Part(
                kind="media", text="image/png", media_type="image/png", uri="https://x.test/a.png"
            ),
            Part(kind="media", text="video", media_type="video", uri="gs://bucket/clip.mp4"),
            Part(kind="media", text="image", media_type="image", uri="file_1"),
            Part(kind="media", text="image/png, 12 kB", media_type="image/png"),
            Part(kind="media", text="audio, 12 kB", media_type="audio"),
        )
    ]


def test_otel_tools_of_the_server_and_parts_of_its_own() -> None:
    parts = [
        {"type": "server_tool_call", "id": "s1", "name": "code_interpreter",
         "server_tool_call": {"type": "code_interpreter", "code": "1+1"}},
        {"type": "server_tool_call_response", "id": "s1",
         "server_tool_call_response": {"type": "code_interpreter", "outputs": "2"}},
        {"type": "compaction", "id": "c", "content": "what was said so far"},
        {"type": "mood", "level": 3},
    ]  # fmt: skip
    made = conversation({"gen_ai.output.messages": [{"role": "assistant", "parts": parts}]})
    called, answered, compaction, mood = made.output[0].parts
    assert (called.kind, called.name) == ("tool_call", "code_interpreter")
    assert called.arguments == {"type": "code_interpreter", "code": "1+1"}
    assert (answered.kind, answered.id, answered.name) == ("tool_result", "s1", "code_interpreter")
    assert answered.result == {"type": "code_interpreter", "outputs": "2"}
    assert (compaction.kind, compaction.text) == ("other", "what was said so far")
    assert (mood.kind, json.loads(mood.text)) == ("other", {"type": "mood", "level": 3})


def test_system_instructions_are_not_said_twice() -> None:
    attributes: Attributes = {
        "gen_ai.system_instructions": '[{"type":"text","content":"Be kind."}]',
        "gen_ai.input.messages": [
            {"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
            {"role": "user", "parts": [{"type": "text", "content": "Hi"}]},
        ],
    }
    made = conversation(attributes)
    assert [(m.role, m.text) for m in made.input] == [("system", "Be kind."), ("user", "Hi")]


def test_key_value_lists_of_the_wire() -> None:
    message = {"role": "user", "parts": [{"@kvlist": {"type": "text", "content": "Hi"}}]}
    assert conversation({"gen_ai.input.messages": [message]}).input == [user(text("Hi"))]


def test_otel_operation_event() -> None:
    details = event(
        "gen_ai.client.inference.operation.details",
        **{
            "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]',
            "gen_ai.output.messages": [
                {"role": "assistant", "finish_reason": "stop",
                 "parts": [{"type": "reasoning", "content": "A greeting."},
                           {"type": "text", "content": "Hello"}]}
            ],
        },
    )  # fmt: skip
    assert has_messages({}, [details])
    assert conversation({}, [details]) == Conversation(
        input=[user(text("Hi"))],
        output=[
            assistant(Part(kind="reasoning", text="A greeting."), text("Hello"),
                      finish_reason="stop")
        ],
    )  # fmt: skip


def test_otel_message_events() -> None:
    calls = [{"id": "call_1", "type": "function",
              "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}]  # fmt: skip
    events = [
        event("gen_ai.system.message", content="Be brief."),
        event("gen_ai.user.message", content='{"q": 1}'),
        event("gen_ai.assistant.message", tool_calls=json.dumps(calls)),
        event("gen_ai.tool.message", content='{"sky": "grey"}', id="call_1"),
        event("gen_ai.choice", index=0, finish_reason="stop", message='{"content": "Grey."}'),
    ]
    assert conversation({}, events) == Conversation(
        input=[
            Message(role="system", parts=[text("Be brief.")]),
            user(text('{"q": 1}')),
            assistant(WEATHER),
            tool("call_1", '{"sky": "grey"}', "weather"),
        ],
        output=[assistant(text("Grey."), finish_reason="stop")],
    )


def test_otel_message_events_with_their_body_in_one_attribute() -> None:
    body = json.dumps({"role": "user", "content": "Hi"})
    choice = {"message": {"role": "assistant", "content": "Yo"}, "finish_reason": "stop"}
    events = [
        SpanEvent(name="gen_ai.user.message", attributes={"gen_ai.event.content": body}),
        SpanEvent(name="gen_ai.choice", attributes={"gen_ai.event.content": json.dumps(choice)}),
    ]
    assert conversation({}, events) == Conversation(
        input=[user(text("Hi"))], output=[assistant(text("Yo"), finish_reason="stop")]
    )


def test_bedrock_blocks_in_message_events() -> None:
    called = [{"toolUse": {"toolUseId": "call_1", "name": "weather", "input": {"city": "Paris"}}}]
    answered = [{"toolResult": {"toolUseId": "call_1", "content": [{"json": {"sky": "grey"}}]}}]
    events = [
        event("gen_ai.user.message", content='[{"text": "Weather?"}]'),
        event("gen_ai.assistant.message", content=json.dumps(called)),
        event("gen_ai.tool.message", content=json.dumps(answered)),
        event("gen_ai.choice", message='[{"text": "Grey."}]', finish_reason="end_turn"),
    ]
    assert conversation({}, events) == Conversation(
        input=[user(text("Weather?")), assistant(WEATHER),
               tool("call_1", {"sky": "grey"}, "weather")],
        output=[assistant(text("Grey."), finish_reason="end_turn")],
    )  # fmt: skip


@pytest.mark.parametrize("on_span", [True, False])
def test_otel_content_events(on_span: bool) -> None:
    prompt = {"gen_ai.prompt": '[{"role": "user", "content": "Hi"}]'}
    completion = {"gen_ai.completion": '{"answer": 42}'}
    events = [
        SpanEvent(name="gen_ai.content.prompt", attributes=prompt),
        SpanEvent(name="gen_ai.content.completion", attributes=completion),
    ]
    made = conversation(prompt | completion) if on_span else conversation({}, events)
    assert made == Conversation(
        input=[user(text("Hi"))], output=[assistant(text('{"answer": 42}'))]
    )


def test_finish_reasons_of_the_span() -> None:
    said = {"role": "assistant", "parts": [{"type": "text", "content": "Hi"}]}
    attributes: Attributes = {
        "gen_ai.output.messages": [said, said],
        "gen_ai.response.finish_reasons": ["stop", "length"],
    }
    assert [m.finish_reason for m in conversation(attributes).output] == ["stop", "length"]
    attributes["gen_ai.response.finish_reasons"] = '["stop"]'
    assert [m.finish_reason for m in conversation(attributes).output] == [None, "stop"]


def test_pydantic_history_of_a_run() -> None:
    history = [
        {"role": "user", "parts": [{"type": "text", "content": "Hi"}]},
        {"role": "assistant", "parts": [{"type": "tool_call", "id": "1", "name": "final_result",
                                         "arguments": '{"ok": true}'}]},
        {"role": "user", "parts": [{"type": "tool_call_response", "id": "1",
                                    "name": "final_result", "result": "done"}]},
    ]  # fmt: skip
    attributes: Attributes = {
        "pydantic_ai.all_messages": json.dumps(history),
        "gen_ai.system_instructions": '[{"type": "text", "content": "Be kind."}]',
    }
    called = Part(kind="tool_call", id="1", name="final_result", arguments={"ok": True})
    assert conversation(attributes) == Conversation(
        input=[Message(role="system", parts=[text("Be kind.")]), user(text("Hi"))],
        output=[assistant(called), tool("1", "done", "final_result")],
    )


def test_pydantic_events_of_a_run() -> None:
    bodies = [
        {"event.name": "gen_ai.user.message", "role": "user", "content": "Hi"},
        {"event.name": "gen_ai.assistant.message", "role": "assistant", "content": "Hello"},
    ]
    assert conversation({"all_messages_events": json.dumps(bodies)}) == Conversation(
        input=[user(text("Hi"))], output=[assistant(text("Hello"))]
    )


def test_openinference_contents() -> None:
    prefix = "llm.input_messages.0.message."
    contents = prefix + "contents."
    attributes: Attributes = {
        prefix + "role": "user",
        prefix + "name": "Ann",
        contents + "0.message_content.type": "text",
        contents + "0.message_content.text": "Look",
        contents + "1.message_content.type": "image",
        contents + "1.message_content.image.image.url": "https://x.test/a.jpg",
        contents + "2.message_content.type": "audio",
        contents + "2.message_content.audio.audio.url": "https://x.test/a.mp3",
        contents + "2.message_content.audio.audio.mime_type": "audio/mpeg",
        contents + "10.message_content.type": "text",
        contents + "10.message_content.text": "last",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.contents.0.message_content.type": "reasoning",
        "llm.output_messages.0.message.contents.0.message_content.text": "Hm.",
        "llm.output_messages.0.message.contents.1.message_content.type": "tool_use",
        "llm.output_messages.0.message.contents.1.message_content.tool_call.id": "call_1",
        "llm.output_messages.0.message.contents.1.message_content.tool_call.function.name":
            "weather",
        "llm.output_messages.0.message.contents.1.message_content.tool_call.function.arguments":
            '{"city": "Paris"}',
    }  # fmt: skip
    picture = Part(kind="media", text="image", media_type="image", uri="https://x.test/a.jpg")
    sound = Part(
        kind="media", text="audio/mpeg", media_type="audio/mpeg", uri="https://x.test/a.mp3"
    )
    assert conversation(attributes) == Conversation(
        input=[
            Message(role="user", name="Ann", parts=[text("Look"), picture, sound, text("last")])
        ],
        output=[assistant(Part(kind="reasoning", text="Hm."), WEATHER)],
    )


def test_openinference_function_call_and_lists_kept_whole() -> None:
    attributes: Attributes = {
        "llm.input_messages": [
            {"message.role": "user", "message.content": "Weather?"},
            {"message.role": "assistant",
             "message.tool_calls": [{"tool_call.function.name": "weather",
                                     "tool_call.function.arguments": '{"city": "Paris"}',
                                     "tool_call.id": "call_1"}]},
            {"message": {"role": "tool", "content": "grey", "tool_call_id": "call_1"}},
        ],
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.function_call_name": "weather",
        "llm.output_messages.0.message.function_call_arguments_json": '{"city": "Paris"}',
    }  # fmt: skip
    made = conversation(attributes)
    assert made.input == [
        user(text("Weather?")), assistant(WEATHER), tool("call_1", "grey", "weather")
    ]  # fmt: skip
    called = Part(kind="tool_call", name="weather", arguments={"city": "Paris"})
    assert made.output == [assistant(called)]


def test_openinference_completions() -> None:
    attributes: Attributes = {
        "llm.prompts.0.prompt.text": "Once upon",
        "llm.choices.0.completion.text": " a time",
    }
    expected = Conversation(input=[user(text("Once upon"))], output=[assistant(text(" a time"))])
    assert conversation(attributes) == expected
    assert conversation(
        {"llm.prompts": ["Once upon"], "llm.choices.0.completion.text": " a time"}
    ) == expected  # fmt: skip


def test_openllmetry_older_names() -> None:
    attributes: Attributes = {
        "llm.prompts.0.role": "user",
        "llm.prompts.0.content": "Hi",
        "llm.completions.0.content": "Hello",
        "llm.completions.0.finish_reason": "stop",
    }
    assert conversation(attributes) == Conversation(
        input=[user(text("Hi"))], output=[assistant(text("Hello"), finish_reason="stop")]
    )


def test_indices_are_keys() -> None:
    attributes: Attributes = {
        "gen_ai.prompt.1000000000.content": "last",
        "gen_ai.prompt.10.content": "second",
        "gen_ai.prompt.2.content": "first",
        "gen_ai.prompt." + "9" * 5000 + ".content": "no index",
        "gen_ai.prompt.length": 3,
    }
    assert [m.text for m in conversation(attributes).input] == ["first", "second", "last"]


def test_adk_camel_case_and_thoughts() -> None:
    request = {
        "config": {"systemInstruction": {"parts": [{"text": "Be kind."}]}},
        "contents": [
            {"role": "user", "parts": [
                {"inlineData": {"mimeType": "image/png", "data": PIXELS}},
                {"fileData": {"mimeType": "application/pdf", "fileUri": "gs://b/a.pdf"}},
            ]},
            {"role": "model", "parts": [
                {"text": "Hm.", "thought": True},
                {"functionCall": {"id": "call_1", "name": "weather", "args": {"city": "Paris"}}},
            ]},
            {"role": "user", "parts": [
                {"functionResponse": {"id": "call_1", "name": "weather",
                                      "response": {"sky": "grey", "wind": 3}}},
            ]},
        ],
    }  # fmt: skip
    attributes: Attributes = {"gcp.vertex.agent.llm_request": json.dumps(request)}
    assert conversation(attributes).input == [
        Message(role="system", parts=[text("Be kind.")]),
        user(
            Part(kind="media", text="image/png, 12 kB", media_type="image/png"),
            Part(kind="media", text="application/pdf", media_type="application/pdf",
                 uri="gs://b/a.pdf"),
        ),
        assistant(Part(kind="reasoning", text="Hm."), WEATHER),
        tool("call_1", {"sky": "grey", "wind": 3}, "weather"),
    ]  # fmt: skip


def test_adk_tool_span_has_no_conversation() -> None:
    attributes: Attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gcp.vertex.agent.llm_request": "{}",
        "gcp.vertex.agent.llm_response": "{}",
    }
    assert not conversation(attributes)


def test_vercel_version_4() -> None:
    messages = [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Weather?"},
        {"role": "assistant", "content": [
            {"type": "tool-call", "toolCallId": "call_1", "toolName": "weather",
             "args": {"city": "Paris"}}]},
        {"role": "tool", "content": [
            {"type": "tool-result", "toolCallId": "call_1", "toolName": "weather",
             "result": {"sky": "grey"}}]},
        {"role": "user", "content": [{"type": "image", "image": PIXELS, "mimeType": "image/png"}]},
    ]  # fmt: skip
    attributes: Attributes = {
        "ai.prompt.messages": json.dumps(messages),
        "ai.result.text": "Grey.",
        "ai.finishReason": "stop",
    }
    assert conversation(attributes) == Conversation(
        input=[
            Message(role="system", parts=[text("Be kind.")]),
            user(text("Weather?")),
            assistant(WEATHER),
            tool("call_1", {"sky": "grey"}, "weather"),
            user(Part(kind="media", text="image/png, 12 kB", media_type="image/png")),
        ],
        output=[assistant(text("Grey."), finish_reason="stop")],
    )


def test_vercel_prompt_object_and_files() -> None:
    attributes: Attributes = {
        "ai.prompt": '{"system": "Be kind.", "prompt": "A recipe"}',
        "ai.response.reasoning": '[{"type": "reasoning", "text": "Soup."}]',
        "ai.response.object": '{"dish": "soup"}',
        "ai.response.files": json.dumps([{"mediaType": "image/png", "data": PIXELS}]),
        "ai.response.finishReason": "stop",
    }
    assert conversation(attributes) == Conversation(
        input=[Message(role="system", parts=[text("Be kind.")]), user(text("A recipe"))],
        output=[
            assistant(
                Part(kind="reasoning", text="Soup."),
                text('{"dish": "soup"}'),
                Part(kind="media", text="image/png, 12 kB", media_type="image/png"),
                finish_reason="stop",
            )
        ],
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ({"openinference.span.kind": "LLM"}, True),
        ({"langfuse.observation.type": "generation"}, True),
        ({"gen_ai.operation.name": "chat"}, True),
        ({"gen_ai.request.model": "m"}, True),
        ({"openinference.span.kind": "TOOL", "gen_ai.request.model": "m"}, False),
        ({"langfuse.observation.type": "span"}, False),
        ({}, False),
    ],
)
def test_plain_text_is_a_message_on_a_model_call_only(kind: Attributes, expected: bool) -> None:
    attributes: Attributes = {"input.value": "Hi", "output.value": '{"answer": 42}', **kind}
    made = conversation(attributes)
    assert bool(made) is expected
    if expected:
        assert made.input == [user(text("Hi"))]
        assert made.output == [assistant(text('{"answer": 42}'))]


def test_the_richest_counts_and_the_first_of_equals() -> None:
    poor = {"llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": "Hello",
            "gcp.vertex.agent.llm_response":
                '{"content": {"role": "model", "parts": [{"text": "Hello"}]}}'}  # fmt: skip
    assert conversation(poor).output == [assistant(text("Hello"))]
    rich = json.dumps(
        {"content": {"role": "model", "parts": [{"text": "Hello"}]}, "finish_reason": "STOP"}
    )
    made = conversation({**poor, "gcp.vertex.agent.llm_response": rich})
    assert made.output == [assistant(text("Hello"), finish_reason="STOP")]


def test_a_side_that_is_missing_comes_from_the_next_tier() -> None:
    attributes: Attributes = {
        "llm.input_messages.0.message.role": "user",
        "llm.input_messages.0.message.content": "Hi",
        "input.value": '{"messages": [{"role": "user", "content": "something else"}]}',
        "output.value": '{"choices": [{"message": {"role": "assistant", "content": "Yo"}}]}',
    }
    assert conversation(attributes) == Conversation(
        input=[user(text("Hi"))], output=[assistant(text("Yo"))]
    )


def test_a_result_keeps_the_name_it_came_with() -> None:
    attributes: Attributes = {
        "gen_ai.input.messages": [
            {"role": "assistant", "tool_calls": [
                {"id": "call_1", "function": {"name": "weather", "arguments": "{}"}}]},
            {"role": "tool", "tool_call_id": "call_1", "name": "forecast", "content": "grey"},
            {"role": "tool", "name": "sky", "content": "blue"},
        ]
    }  # fmt: skip
    results = [m.parts[0] for m in conversation(attributes).input if m.role == "tool"]
    assert [part.name for part in results] == ["forecast", "sky"]
