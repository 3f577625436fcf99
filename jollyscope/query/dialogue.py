"""What was said in a run: the chat messages of its model calls, each once, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from jollyscope.model.messages import Conversation, Message, Part
from jollyscope.model.records import SpanEvent, SpanRecord
from jollyscope.model.steps import error_text, seen_twice, steps_of
from jollyscope.semconv.messages import conversation, has_messages
from jollyscope.store.api import Reader

__all__ = ["Line", "Said", "Turn", "lines_of", "logged_messages", "messages_of_span", "turns"]

Said = Mapping[str, Sequence[SpanEvent]]
"""By span id: messages that instrumentations send as log records instead of on the span."""


_NOTHING: Said = {}


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


def logged_messages(
    reader: Reader, traces: Mapping[str, Iterable[SpanRecord]]
) -> Mapping[str, Said]:
    """By trace id, what was said in log records of these traces. Asked only of those in which a model
    call carries nothing itself, with one statement: log records are found by a scan.
    """
    silent = [trace_id for trace_id, spans in traces.items() if not _told(spans)]
    if not silent:
        return {}
    table = reader.query(
        "SELECT trace_id, span_id, time, name, body, attributes FROM dwd_events "
        f"WHERE trace_id IN ({', '.join('?' * len(silent))}) AND span_id IS NOT NULL "
        "AND (name LIKE 'gen_ai.%' OR attributes LIKE '%\"gen_ai.%') ORDER BY time, record_id",
        silent,
    )
    said: dict[str, dict[str, list[SpanEvent]]] = {}
    for trace_id, span_id, *told in table.rows:
        said.setdefault(trace_id, {}).setdefault(span_id, []).append(_event(*told))
    return said


def _told(spans: Iterable[SpanRecord]) -> bool:
    return all(s.step_type != "think" or has_messages(s.attributes, s.events) for s in spans)


def _event(time: int, name: str | None, body: str | None, attributes: str | None) -> SpanEvent:
    known = msgspec.json.decode(attributes or "{}")
    # Before log records had a name of their own, it stood among the attributes.
    called = name or str(known.get("event.name") or "")
    if body is not None:
        known["body"] = msgspec.json.decode(body)
    return SpanEvent(name=called, time=time, attributes=known)


def messages_of_span(span: SpanRecord, said: Said = _NOTHING) -> Conversation:
    """The messages that a span carries, or that log records say of it; empty where there are none."""
    events = [*span.events, *said.get(span.span_id, ())]
    scope = str(span.scope.get("name") or "")
    return conversation(span.attributes, events, scope=scope, name=span.name)


def turns(spans: Iterable[SpanRecord], said: Said = _NOTHING) -> list[Turn]:
    """The conversation of one trace's settled spans.

    A model call repeats all that was said before it; of each call only what is new is taken. Where no
    call carries messages, the steps' inputs and outputs are what was said.
    """
    found = sorted(spans, key=lambda s: (s.start_time, s.span_id))
    twice = seen_twice(found)
    told: list[Turn] = []
    known: Counter[bytes] = Counter()
    for span in found:
        if span.step_type != "think" or span.span_id in twice:
            continue
        own = messages_of_span(span, said)
        told += [Turn(span.start_time, span, message) for message in _new(own.input, known)]
        known.update(map(_key, own.output))
        told += [Turn(span.end_time or span.start_time, span, m) for m in own.output]
    return told or list(_steps(found))


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
