"""Conversations as chat-format JSON lines for fine-tuning, as OpenAI's API takes them
(https://platform.openai.com/docs/guides/fine-tuning): `{"messages": […], "tools": […]}` a line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any

import msgspec

from jollyscope.export.chat_tools import fitting, tools_of
from jollyscope.export.forms import Out, Traced
from jollyscope.model.messages import Message, Part
from jollyscope.query.dialogue import turns

__all__ = ["example", "write_chats"]

NO_RESULT = "(no result was recorded)"
_ROLES = {"system", "user", "assistant", "tool"}


def write_chats(traces: Iterable[Traced], out: Out) -> int:
    """An example a conversation: a session's executions, or one of no session; how many. Conversations
    in which no model answered are left out.
    """
    count = 0
    for _, some in groupby(traces, key=_conversation):
        found = example(list(some))
        if found is not None:
            out.write(msgspec.json.encode(found) + b"\n")
            count += 1
    return count


def _conversation(trace: Traced) -> str:
    session = next((s.session_id for s in trace.spans if s.session_id is not None), None)
    return f"trace:{trace.trace_id}" if session is None else f"session:{session}"


def example(traces: Sequence[Traced]) -> dict[str, Any] | None:
    """One conversation, up to the last answer of a model; None where there is none.

    `tools` has those that the model was offered, where the trace says it, and those that it called.
    Reasoning and media are left out.
    """
    written = _Chat()
    told: Counter[bytes] = Counter()
    for trace in traces:
        messages = [turn.message for turn in turns(trace.spans, trace.said)]
        for message in messages[_repeated(messages, told) :]:
            written.add(message)
        told.update(map(_key, messages))
    messages = written.done()
    if not messages:
        return None
    tools = tools_of((span for trace in traces for span in trace.spans), written.called)
    return {"messages": messages, **({"tools": tools} if tools else {})}


def _repeated(messages: Sequence[Message], told: Counter[bytes]) -> int:
    """How many messages at the front only say again what was told before: an agent's instructions, and
    the history that it hands to the model. A user may ask the same thing twice, so that more than
    instructions is history only where an answer is among it.
    """
    left = told.copy()
    front = 0
    while front < len(messages) and left[_key(messages[front])] > 0:
        left[_key(messages[front])] -= 1
        front += 1
    if any(message.role == "assistant" for message in messages[:front]):
        return front
    said = (number for number, m in enumerate(messages[:front]) if m.role != "system")
    return next(said, front)


def _key(message: Message) -> bytes:
    parts = [part for part in message.parts if part.kind != "reasoning"]
    return msgspec.json.encode((message.role, parts))


class _Chat:
    """Messages as they are written: each call is followed by its result, as the format demands."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self._messages: list[dict[str, Any]] = []
        self._open: dict[str, str] = {}
        """Calls without a result yet: ids, and names of their tools."""

    def add(self, message: Message) -> None:
        """Take what was said next."""
        role = message.role if message.role in _ROLES else "user"
        results = [part for part in message.parts if part.kind == "tool_result"]
        for part in results:
            self._answer(part)
        if role == "assistant":
            calls: list[dict[str, Any]] = []
            for part in message.parts:
                if part.kind == "tool_call":
                    calls.append(self._call(part, {call["id"] for call in calls}))
            self._say(message.text, calls)
        elif role != "tool" and message.text:
            self._settle()
            self._messages.append({"role": role, "content": message.text})

    def done(self) -> list[dict[str, Any]]:
        """The messages up to the last one of the model: an example ends with what is to be learnt."""
        last = max(
            (n for n, m in enumerate(self._messages) if m["role"] == "assistant"), default=-1
        )
        return self._messages[: last + 1]

    def _say(self, text: str, calls: list[dict[str, Any]]) -> None:
        if not (text or calls):
            return
        before = self._messages[-1] if self._messages else {}
        if before.get("role") == "assistant" and calls and not text:
            before.setdefault("tool_calls", []).extend(calls)
        else:
            self._settle()
            said: dict[str, Any] = {"role": "assistant", "content": text or None}
            self._messages.append(said | ({"tool_calls": calls} if calls else {}))
        for call in calls:
            self._open[call["id"]] = call["function"]["name"]

    def _call(self, part: Part, beside: Collection[str]) -> dict[str, Any]:
        self.called.append(part.name or "tool")
        name = fitting(self.called[-1])
        arguments = part.arguments
        if not isinstance(arguments, str):
            arguments = msgspec.json.encode({} if arguments is None else arguments).decode()
        id_ = part.id
        if not id_ or id_ in self._open or id_ in beside:
            id_ = f"call_{len(self.called)}"
        return {"id": id_, "type": "function", "function": {"name": name, "arguments": arguments}}

    def _answer(self, part: Part) -> None:
        wanted = fitting(part.name) if part.name else None
        named = [id_ for id_, name in self._open.items() if name == wanted]
        waiting = part.id if part.id in self._open else next(iter(named or self._open), None)
        if waiting is None:
            return
        self._result(waiting, _text(part))

    def _settle(self) -> None:
        for id_ in list(self._open):
            self._result(id_, NO_RESULT)

    def _result(self, id_: str, text: str) -> None:
        del self._open[id_]
        self._messages.append({"role": "tool", "tool_call_id": id_, "content": text})


def _text(part: Part) -> str:
    if part.result is None:
        return part.text
    return (
        part.result if isinstance(part.result, str) else msgspec.json.encode(part.result).decode()
    )
