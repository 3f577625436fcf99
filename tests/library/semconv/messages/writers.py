"""One conversation written in each dialect, as its specification says: the other half of reading it.

Every writer takes a normalised conversation and gives a span's attributes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from jollyscope.model.messages import Conversation, Message, Part

PNG = base64.b64encode(b"\x89PNG" + bytes(range(96))).decode()
IMAGE = Part(kind="media", text="image/png, 100 B", media_type="image/png")

Attributes = dict[str, Any]


def otel(conversation: Conversation) -> Attributes:
    """`gen_ai.*` with structured values, tool results of one turn in one message."""
    system = [m for m in conversation.input if m.role == "system"]
    rest = [m for m in conversation.input if m.role != "system"]
    made: Attributes = {
        "gen_ai.input.messages": [otel_message(m) for m in grouped(rest)],
        "gen_ai.output.messages": [otel_message(m) for m in conversation.output],
    }
    if system:
        made["gen_ai.system_instructions"] = [{"type": "text", "content": m.text} for m in system]
    return made


def otel_json(conversation: Conversation) -> Attributes:
    return {name: json.dumps(value) for name, value in otel(conversation).items()}


def otel_message(message: Message) -> Attributes:
    made: Attributes = {"role": message.role, "parts": [otel_part(p) for p in message.parts]}
    if message.finish_reason:
        made["finish_reason"] = message.finish_reason
    return made


def otel_part(part: Part) -> Attributes:
    if part.kind == "tool_call":
        return {
            "type": "tool_call", "id": part.id, "name": part.name, "arguments": part.arguments,
        }  # fmt: skip
    if part.kind == "tool_result":
        return {"type": "tool_call_response", "id": part.id, "response": part.result}
    if part.kind == "media":
        return {"type": "blob", "modality": "image", "mime_type": "image/png", "content": PNG}
    return {"type": part.kind, "content": part.text}


def grouped(messages: list[Message]) -> list[Message]:
    """Tool messages in a row as one."""
    made: list[Message] = []
    for message in messages:
        if made and message.role == made[-1].role == "tool":
            made[-1] = Message(role="tool", parts=made[-1].parts + message.parts)
        else:
            made.append(message)
    return made


def openai_message(message: Message) -> Attributes:
    if message.role == "tool":
        (result,) = message.parts
        return {"role": "tool", "tool_call_id": result.id, "content": result.result}
    made: Attributes = {"role": message.role, "content": openai_content(message)}
    thoughts = [p.text for p in message.parts if p.kind == "reasoning"]
    calls = [p for p in message.parts if p.kind == "tool_call"]
    if thoughts:
        made["reasoning_content"] = thoughts[0]
    if calls:
        made["tool_calls"] = [
            {
                "id": p.id,
                "type": "function",
                "function": {"name": p.name, "arguments": json.dumps(p.arguments)},
            }
            for p in calls
        ]
    return made


def openai_content(message: Message) -> Any:
    parts = [p for p in message.parts if p.kind in ("text", "media")]
    if not parts:
        return None
    if len(parts) == 1 and parts[0].kind == "text":
        return parts[0].text
    return [
        {"type": "text", "text": p.text}
        if p.kind == "text"
        else {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
        for p in parts
    ]


def openai(conversation: Conversation) -> Attributes:
    """Request and response of Chat Completions as a span's plain input and output."""
    (answer,) = conversation.output
    choice = {"index": 0, "message": openai_message(answer), "finish_reason": answer.finish_reason}
    return {
        "input.value": json.dumps(
            {"model": "m", "messages": [openai_message(m) for m in conversation.input]}
        ),
        "output.value": json.dumps({"object": "chat.completion", "choices": [choice]}),
    }


def events(conversation: Conversation) -> Attributes:
    """Pydantic AI's first version: bodies of per-message events in one attribute."""
    bodies: list[Attributes] = []
    for message in conversation.input:
        body = openai_message(message)
        if message.role == "tool":
            body["id"] = body.pop("tool_call_id")
        bodies.append({"event.name": f"gen_ai.{message.role}.message", **body})
    (answer,) = conversation.output
    bodies.append(
        {
            "event.name": "gen_ai.choice",
            "index": 0,
            "finish_reason": answer.finish_reason,
            "message": openai_message(answer),
        }
    )
    return {"events": json.dumps(bodies)}


def responses(conversation: Conversation) -> Attributes:
    """OpenAI's Responses: items, not messages."""
    system = [m.text for m in conversation.input if m.role == "system"]
    items = [i for m in conversation.input if m.role != "system" for i in response_items(m)]
    output = [i for m in conversation.output for i in response_items(m)]
    request: Attributes = {"input": items}
    if system:
        request["instructions"] = system[0]
    return {
        "langfuse.observation.input": json.dumps(request),
        "langfuse.observation.output": json.dumps({"object": "response", "output": output}),
    }


def response_items(message: Message) -> list[Attributes]:
    word = "output_text" if message.role == "assistant" else "input_text"
    made: list[Attributes] = []
    said: list[Attributes] = []
    for part in message.parts:
        if part.kind == "reasoning":
            summary = [{"type": "summary_text", "text": part.text}]
            made.append({"type": "reasoning", "id": "rs_1", "summary": summary})
        elif part.kind == "tool_call":
            made.append(
                {
                    "type": "function_call", "id": "fc_1", "call_id": part.id, "name": part.name,
                    "arguments": json.dumps(part.arguments), "status": "completed",
                }
            )  # fmt: skip
        elif part.kind == "tool_result":
            made.append({"type": "function_call_output", "call_id": part.id, "output": part.result})
        else:
            if not said:
                made.append({"type": "message", "id": "m_1", "role": message.role, "content": said})
            said.append(
                {"type": word, "text": part.text}
                if part.kind == "text"
                else {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"}
            )
    return made


def anthropic(conversation: Conversation) -> Attributes:
    system = [m.text for m in conversation.input if m.role == "system"]
    request: Attributes = {
        "messages": [
            {
                "role": "assistant" if m.role == "assistant" else "user",
                "content": [anthropic_block(p) for p in m.parts],
            }
            for m in grouped(conversation.input)
            if m.role != "system"
        ]
    }
    if system:
        request["system"] = [{"type": "text", "text": system[0]}]
    (answer,) = conversation.output
    response = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [anthropic_block(p) for p in answer.parts],
        "stop_reason": answer.finish_reason,
    }
    return {"input.value": json.dumps(request), "output.value": json.dumps(response)}


def anthropic_block(part: Part) -> Attributes:
    if part.kind == "tool_call":
        return {"type": "tool_use", "id": part.id, "name": part.name, "input": part.arguments}
    if part.kind == "tool_result":
        return {
            "type": "tool_result",
            "tool_use_id": part.id,
            "content": [{"type": "text", "text": part.result}],
        }
    if part.kind == "media":
        source = {"type": "base64", "media_type": "image/png", "data": PNG}
        return {"type": "image", "source": source}
    if part.kind == "reasoning":
        return {"type": "thinking", "thinking": part.text, "signature": "c2ln"}
    return {"type": "text", "text": part.text}


def gemini(conversation: Conversation) -> Attributes:
    """As Google ADK writes the request and the response down."""
    system = [m.text for m in conversation.input if m.role == "system"]
    request: Attributes = {
        "model": "gemini",
        "config": {"system_instruction": system[0]} if system else {},
        "contents": [
            {
                "role": "model" if m.role == "assistant" else "user",
                "parts": [gemini_part(p) for p in m.parts],
            }
            for m in grouped(conversation.input)
            if m.role != "system"
        ],
    }
    (answer,) = conversation.output
    response = {
        "content": {"role": "model", "parts": [gemini_part(p) for p in answer.parts]},
        "finish_reason": answer.finish_reason,
    }
    return {
        "gcp.vertex.agent.llm_request": json.dumps(request),
        "gcp.vertex.agent.llm_response": json.dumps(response),
    }


def gemini_part(part: Part) -> Attributes:
    if part.kind == "tool_call":
        return {"function_call": {"id": part.id, "name": part.name, "args": part.arguments}}
    if part.kind == "tool_result":
        response = {"result": part.result}
        return {"function_response": {"id": part.id, "name": part.name, "response": response}}
    if part.kind == "media":
        return {"inline_data": {"mime_type": "image/png", "data": PNG}}
    if part.kind == "reasoning":
        return {"text": part.text, "thought": True}
    return {"text": part.text}


def vercel(conversation: Conversation) -> Attributes:
    (answer,) = conversation.output
    made: Attributes = {
        "ai.prompt.messages": json.dumps([vercel_message(m) for m in grouped(conversation.input)]),
        "ai.response.finishReason": answer.finish_reason,
    }
    calls = [vercel_part(p) for p in answer.parts if p.kind == "tool_call"]
    if calls:
        made["ai.response.toolCalls"] = json.dumps(calls)
    for part in answer.parts:
        if part.kind in ("text", "reasoning"):
            made[f"ai.response.{part.kind}"] = part.text
    return made


def vercel_message(message: Message) -> Attributes:
    if message.role == "system":
        return {"role": "system", "content": message.text}
    return {"role": message.role, "content": [vercel_part(p) for p in message.parts]}


def vercel_part(part: Part) -> Attributes:
    if part.kind == "tool_call":
        return {
            "type": "tool-call", "toolCallId": part.id, "toolName": part.name,
            "input": part.arguments,
        }  # fmt: skip
    if part.kind == "tool_result":
        return {
            "type": "tool-result", "toolCallId": part.id, "toolName": part.name,
            "output": {"type": "text", "value": part.result},
        }  # fmt: skip
    if part.kind == "media":
        return {"type": "file", "data": PNG, "mediaType": "image/png"}
    return {"type": part.kind, "text": part.text}


def openinference(conversation: Conversation) -> Attributes:
    made: Attributes = {}
    for name, messages in (("input", conversation.input), ("output", conversation.output)):
        for place, message in enumerate(messages):
            prefix = f"llm.{name}_messages.{place}.message."
            made |= {prefix + key: value for key, value in openinference_message(message).items()}
    return made


def openinference_message(message: Message) -> Attributes:
    made: Attributes = {"role": message.role}
    if message.role == "tool":
        (result,) = message.parts
        return made | {"tool_call_id": result.id, "content": result.result}
    said = [p for p in message.parts if p.kind != "tool_call"]
    if len(said) == 1 and said[0].kind == "text":
        made["content"] = said[0].text
        said = []
    for place, part in enumerate(said):
        prefix = f"contents.{place}.message_content."
        if part.kind == "media":
            made[prefix + "type"] = "image"
            made[prefix + "image.image.url"] = f"data:image/png;base64,{PNG}"
        else:
            made[prefix + "type"] = part.kind
            made[prefix + "text"] = part.text
    for place, part in enumerate(p for p in message.parts if p.kind == "tool_call"):
        prefix = f"tool_calls.{place}.tool_call."
        made[prefix + "id"] = part.id
        made[prefix + "function.name"] = part.name
        made[prefix + "function.arguments"] = json.dumps(part.arguments)
    return made


def openllmetry(conversation: Conversation) -> Attributes:
    made: Attributes = {}
    for name, messages in (("prompt", conversation.input), ("completion", conversation.output)):
        for place, message in enumerate(messages):
            prefix = f"gen_ai.{name}.{place}."
            made |= {prefix + key: value for key, value in openllmetry_message(message).items()}
    return made


def openllmetry_message(message: Message) -> Attributes:
    plain = openai_message(message)
    made: Attributes = {"role": message.role}
    content = plain.get("content")
    if content is not None:
        made["content"] = content if isinstance(content, str) else json.dumps(content)
    if message.role == "tool":
        made["tool_call_id"] = plain["tool_call_id"]
    if message.finish_reason:
        made["finish_reason"] = message.finish_reason
    for place, part in enumerate(p for p in message.parts if p.kind == "tool_call"):
        made[f"tool_calls.{place}.id"] = part.id
        made[f"tool_calls.{place}.name"] = part.name
        made[f"tool_calls.{place}.arguments"] = json.dumps(part.arguments)
    return made


def langchain(conversation: Conversation) -> Attributes:
    """LangChain's dumps, as its callbacks hand them to a tracer."""
    (answer,) = conversation.output
    generation = {
        "text": answer.text,
        "generation_info": {"finish_reason": answer.finish_reason},
        "message": langchain_message(answer),
    }
    return {
        "input.value": json.dumps(
            {"messages": [[langchain_message(m) for m in conversation.input]]}
        ),
        "output.value": json.dumps({"generations": [[generation]], "llm_output": None}),
    }


def langchain_message(message: Message) -> Attributes:
    name = {"system": "System", "user": "Human", "assistant": "AI", "tool": "Tool"}[message.role]
    plain = openai_message(message)
    kwargs: Attributes = {
        "content": plain.get("content") or "",
        "type": name.lower(),
        "id": "run-1",
    }
    if message.role == "tool":
        kwargs["tool_call_id"] = plain["tool_call_id"]
    if "reasoning_content" in plain:
        kwargs["additional_kwargs"] = {"reasoning_content": plain["reasoning_content"]}
    kwargs["tool_calls"] = [
        {"name": p.name, "args": p.arguments, "id": p.id, "type": "tool_call"}
        for p in message.parts
        if p.kind == "tool_call"
    ]
    return {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain", "schema", "messages", f"{name}Message"],
        "kwargs": kwargs,
    }


def bedrock(conversation: Conversation) -> Attributes:
    """Amazon Bedrock's Converse."""
    system = [m.text for m in conversation.input if m.role == "system"]
    request: Attributes = {
        "messages": [
            {
                "role": "assistant" if m.role == "assistant" else "user",
                "content": [bedrock_block(p) for p in m.parts],
            }
            for m in grouped(conversation.input)
            if m.role != "system"
        ]
    }
    if system:
        request["system"] = [{"text": system[0]}]
    (answer,) = conversation.output
    message = {"role": "assistant", "content": [bedrock_block(p) for p in answer.parts]}
    response = {"output": {"message": message}, "stopReason": answer.finish_reason}
    return {
        "traceloop.entity.input": json.dumps(request),
        "traceloop.entity.output": json.dumps(response),
    }


def bedrock_block(part: Part) -> Attributes:
    if part.kind == "tool_call":
        return {"toolUse": {"toolUseId": part.id, "name": part.name, "input": part.arguments}}
    if part.kind == "tool_result":
        return {"toolResult": {"toolUseId": part.id, "content": [{"text": part.result}]}}
    if part.kind == "media":
        return {"image": {"format": "png", "source": {"bytes": PNG}}}
    if part.kind == "reasoning":
        return {"reasoningContent": {"reasoningText": {"text": part.text, "signature": "c2ln"}}}
    return {"text": part.text}


WRITERS: dict[str, Callable[[Conversation], Attributes]] = {
    "otel": otel,
    "otel_json": otel_json,
    "events": events,
    "openinference": openinference,
    "openllmetry": openllmetry,
    "vercel": vercel,
    "gemini": gemini,
    "openai": openai,
    "responses": responses,
    "anthropic": anthropic,
    "langchain": langchain,
    "bedrock": bedrock,
}

SAYS_NO_REASON = frozenset({"openinference", "responses"})
"""Dialects without a finish reason."""
SAYS_NO_REASONING = frozenset({"openllmetry"})
"""Dialects without reasoning."""
