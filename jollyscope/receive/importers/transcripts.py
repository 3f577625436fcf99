"""Chat transcripts with tool calls: what OpenAI's API, fine-tuning and batch files, τ-bench, ShareGPT and
many agents' own logs look like.

A file, a line or an item of an array is one conversation: an array of messages, or an object that has
them in `messages`, `conversations`, `conversation`, `traj`, or in the request and the response of a
batch. Lines that are messages make one conversation together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jollyscope.model.records import Record, SpanRecord
from jollyscope.receive.importers.chat import (
    calls_of,
    is_message,
    message_of,
    results_of,
    role_of,
    said,
)  # fmt: skip
from jollyscope.receive.importers.form import Fit, Format
from jollyscope.receive.importers.runs import Call, Run, Usage, canonical
from jollyscope.receive.importers.scan import MAX_PIECE, Piece
from jollyscope.receive.importers.trouble import TooLargeError
from jollyscope.receive.importers.values import (
    LATEST,
    as_json,
    decoded,
    items,
    mapping,
    nanos,
    number,
    text,
    whole,
)  # fmt: skip

__all__ = ["Transcripts", "time_of", "usage_of"]

_LISTS = ("messages", "conversations", "conversation", "traj", "chat_history", "dialog")
_NAMES = ("session_id", "conversation_id", "thread_id", "id", "custom_id")
_TIMES = ("timestamp", "created_at", "created", "start_time", "time")


def _messages(value: Any) -> list[Any] | None:
    """The messages of a conversation, or None."""
    if isinstance(value, list):
        listed = items(value)  # pyright: ignore[reportUnknownArgumentType]
        return listed if listed and is_message(listed[0]) else None
    found = mapping(value)
    for key in _LISTS:
        listed = items(found.get(key))
        if listed and is_message(listed[0]):
            return listed
    return _exchanged(found)


def _exchanged(found: dict[str, Any]) -> list[Any] | None:
    """The messages of a request (`body`, `request`) and of its response, as batches have them."""
    asked = mapping(found.get("body") or found.get("request") or found.get("kwargs"))
    given = items(asked.get("messages") or asked.get("input"))
    if isinstance(asked.get("input"), str):
        given = [{"role": "user", "content": asked["input"]}]
    response = mapping(found.get("response"))
    answer = mapping(response.get("body")) or response or found
    choices = items(answer.get("choices"))
    if not given and not choices:
        return None
    reply = mapping(choices[0]) if choices else {}
    message = mapping(reply.get("message"))
    if message:
        extra = {key: answer.get(key) for key in ("usage", "model", "created")}
        given = [*given, {**message, **extra, "finish_reason": reply.get("finish_reason")}]
    known = given and is_message(given[0])
    return given if known else None


class Transcripts(Format):
    """Conversations as lists of messages."""

    name = "transcript"
    title = "chat transcript"

    @classmethod
    def fits(cls, value: Any) -> Fit | None:
        if _messages(value) or is_message(value):
            return Fit()
        for key, listed in (("", items(value)), ("simulations", mapping(value).get("simulations"))):
            first = items(listed)[:1]
            if first and _messages(first[0]):
                return Fit((f"{key}.[]".lstrip("."),))
        return None

    def __init__(self, fit: Fit) -> None:
        super().__init__(fit)
        self._lines: list[Any] = []
        self._bytes = 0

    def take(self, piece: Piece) -> Iterator[Record]:
        value = decoded(piece)
        if is_message(value) and not _messages(value):
            self._bytes += len(piece.raw)
            if self._bytes > MAX_PIECE:
                where = {"line": piece.line, "offset": piece.offset}
                raise TooLargeError(
                    f"the conversation is larger than {MAX_PIECE >> 20} MB", **where
                )
            self._lines.append(value)
            return
        messages = _messages(value)
        if messages is None:
            raise piece.unreadable("there are no messages in it")
        yield from _run(value, messages)

    def end(self) -> Iterator[Record]:
        if self._lines:
            yield from _run(self._lines, self._lines)
            self._lines = []


def _run(value: Any, messages: list[Any]) -> list[SpanRecord]:
    found = mapping(value)
    asked = mapping(found.get("body") or found.get("request"))
    conversation = next((name for key in _NAMES if (name := text(found.get(key)))), None)
    run = Run(
        canonical(value),
        agent=text(found.get("agent")) or text(found.get("agent_name")),
        model=text(found.get("model")) or text(asked.get("model")),
        conversation=conversation,
        began=time_of(found) or time_of(mapping(messages[0])),
    )
    _tell(run, [mapping(message) for message in messages])
    attributes = {
        f"transcript.{key}": each if isinstance(each, bool | int | float) else as_json(each)
        for key, each in found.items()
        if each not in (None, "", {}, []) and key not in _KNOWN
    }
    cost = number(found.get("cost")) or number(found.get("agent_cost"))
    usage = usage_of(found)._replace(cost=cost or None)
    return run.end(attributes, usage=usage, until=_until(found))


_KNOWN = {*_LISTS, "usage", "model", "request", "response", "body", "choices", "history", "tools"}


def _until(found: dict[str, Any]) -> int | None:
    end = nanos(found.get("end_time"))
    return end if end is not None and _EARLIEST <= end <= LATEST else None


def _tell(run: Run, messages: list[dict[str, Any]]) -> None:
    waiting: list[Call] = []
    for message in messages:
        role = role_of(message)
        told, at = message_of(message), time_of(message)
        results = results_of(message)
        for key, result in results:
            call = _asked_for(waiting, key, text(message.get("name")))
            run.tool(call, result, at=at)
        if role in ("user", "assistant") and waiting and not results:
            _unanswered(run, waiting)
        if role == "assistant":
            _model(run, message, told, at)
            waiting += calls_of(message)
        elif role == "user" and said(message):
            run.user(told, said(message), at)
        else:
            run.heard(told)
    _unanswered(run, waiting)


def _model(run: Run, message: dict[str, Any], told: dict[str, Any], at: int | None) -> None:
    usage, model = usage_of(message), text(message.get("model"))
    if calls_of(message) or message.get("type") == "reasoning":
        run.model_call(told, usage=usage, model=model, at=at)
    else:
        run.answered(told, said(message), usage=usage, model=model, at=at)


def _asked_for(waiting: list[Call], key: str | None, name: str | None) -> Call:
    """The call that a result answers: by id, else by name, else the oldest one."""
    found = next((call for call in waiting if key is not None and call.id == key), None)
    if found is None and key is None:
        found = next((call for call in waiting if name in (None, call.name)), None)
    if found is None:
        return Call(name or "tool", key)
    waiting.remove(found)
    return found


def _unanswered(run: Run, waiting: list[Call]) -> None:
    for call in waiting:
        run.tool(call, None)
    waiting.clear()


def usage_of(found: dict[str, Any]) -> Usage:
    """Tokens and cost as a message or a conversation says them."""
    usage = mapping(found.get("usage"))

    def count(*names: str) -> int | None:
        values = (whole(usage.get(name)) for name in names)
        return next((v for v in values if v is not None and 0 <= v <= LATEST), None)

    inside = mapping(usage.get("prompt_tokens_details") or usage.get("input_tokens_details"))
    outside = mapping(usage.get("completion_tokens_details") or usage.get("output_tokens_details"))
    cost = number(found.get("cost"))
    return Usage(
        count("input_tokens", "prompt_tokens"),
        count("output_tokens", "completion_tokens"),
        cost if cost is not None and cost >= 0 else None,
        _count(inside.get("cached_tokens")),
        _count(outside.get("reasoning_tokens")),
    )


def _count(value: Any) -> int | None:
    found = whole(value)
    return found if found is not None and 0 <= found <= LATEST else None


_EARLIEST = 10**17  # 1973: below it a number is hardly a time


def time_of(found: dict[str, Any]) -> int | None:
    """When a message was written, Unix ns, where it says so."""
    for key in _TIMES:
        at = nanos(found[key]) if found.get(key) is not None else None
        if at is not None and _EARLIEST <= at <= LATEST:
            return at
    return None
