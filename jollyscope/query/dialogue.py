"""What was said in a run: the chat messages of its model calls, each once, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import msgspec

from jollyscope.model.messages import Conversation, Message, Part
from jollyscope.model.records import SpanRecord
from jollyscope.model.steps import error_text, seen_twice, steps_of
from jollyscope.semconv.messages import conversation

__all__ = ["Line", "Turn", "lines_of", "messages_of_span", "turns"]


class Turn(NamedTuple):
    """One message, the span that carries it and when it was said (Unix ns)."""

    time: int
    span: SpanRecord
    message: Message


LineStyle = Literal["text", "reasoning", "call", "result", "media"]


class Line(NamedTuple):
    """A piece of a message to draw: `head` stands before the first line of `text`."""

    style: LineStyle
    head: str
    text: str


def messages_of_span(span: SpanRecord) -> Conversation:
    """The messages that a span itself carries; empty where it has none."""
    return conversation(
        span.attributes, span.events, scope=str(span.scope.get("name") or ""), name=span.name
    )


def turns(spans: Iterable[SpanRecord]) -> list[Turn]:
    """The conversation of one trace's settled spans.

    A model call repeats all that was said before it; of each call only what is new is taken. Where no
    call carries messages, the steps' inputs and outputs are what was said.
    """
    found = sorted(spans, key=lambda s: (s.start_time, s.span_id))
    twice = seen_twice(found)
    said: list[Turn] = []
    known: Counter[bytes] = Counter()
    for span in found:
        if span.step_type != "think" or span.span_id in twice:
            continue
        own = messages_of_span(span)
        said += [Turn(span.start_time, span, message) for message in _new(own.input, known)]
        known.update(map(_key, own.output))
        said += [Turn(span.end_time or span.start_time, span, m) for m in own.output]
    return said or list(_steps(found))


def _new(messages: list[Message], known: Counter[bytes]) -> Iterator[Message]:
    """Those beyond what is known, each as often: a user may say the same thing twice."""
    here: Counter[bytes] = Counter()
    for message in messages:
        key = _key(message)
        here[key] += 1
        if here[key] > known[key]:
            known[key] = here[key]
            yield message


def _key(message: Message) -> bytes:
    """What makes two messages the same: who said what, not how the call ended."""
    spoken = [part for part in message.parts if part.kind != "reasoning"]
    parts = spoken or message.parts
    return msgspec.json.encode((message.role, parts))


_ROLES = {"user_input": "user", "think": "assistant", "act": "assistant", "observe": "tool",
          "response": "assistant", "other": "other"}  # fmt: skip


def _steps(spans: list[SpanRecord]) -> Iterator[Turn]:
    answered: str | None = None
    for step in steps_of(spans):
        part = _part(step.type, step.span)
        # A derived response repeats what the last thought said.
        if part is None or (step.derived and step.type == "response" and part.text == answered):
            continue
        answered = part.text if step.type == "think" else answered
        yield Turn(step.time, step.span, Message(role=_ROLES[step.type], parts=[part]))


def _part(step_type: str, span: SpanRecord) -> Part | None:
    if step_type == "act":
        return Part(
            kind="tool_call", name=span.tool_name or span.name, id=span.tool_call_id,
            arguments=_plain(span.input),
        )  # fmt: skip
    if step_type == "observe":
        result = span.output if span.output is not None else span.input
        return Part(
            kind="tool_result", name=span.tool_name, id=span.tool_call_id, result=_plain(result)
        )
    text = span.input if step_type == "user_input" else span.output
    if text is None:
        text = error_text(span)
    return None if text is None else Part(kind="text", text=text)


def _plain(text: str | None) -> Any:
    """JSON as values, other text as it is."""
    if text is None or text[:1] not in ("{", "["):
        return text
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return text


def lines_of(message: Message) -> Iterator[Line]:
    """A message as pieces to draw, in order."""
    for part in message.parts:
        match part.kind:
            case "text":
                yield Line("text", "", part.text)
            case "reasoning":
                yield Line("reasoning", "thinks: ", part.text)
            case "tool_call":
                yield Line("call", "calls ", f"{part.name or 'a tool'}({_arguments(part)})")
            case "tool_result":
                name = f"{part.name} " if part.name else ""
                yield Line("result", f"{name}returns ", _written(part.result) or part.text)
            case _:
                told = " ".join(t for t in (part.text or part.media_type, part.uri) if t)
                yield Line("media", "", f"[{told or part.kind}]")


def _arguments(part: Part) -> str:
    return "" if part.arguments is None else _written(part.arguments)


def _written(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()
