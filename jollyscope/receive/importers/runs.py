"""A conversation with an agent, told message by message, as the spans of one trace.

For files that hold messages and no spans (chat transcripts, SWE-agent). One trace a conversation: such a
file has no times that would part one request from the next, and what it says of cost, reward and outcome
it says of the whole. Attributes are OpenTelemetry's for generative AI: `invoke_agent` above, a `chat` for
every message of the model, an `execute_tool` for every call that it asked for.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from jollyscope.model.records import SpanRecord
from jollyscope.receive.importers.form import MADE_UP, ORIGIN, TIMES, finish
from jollyscope.receive.importers.values import LATEST, as_json, digest

__all__ = ["Call", "Run", "Usage"]

TICK = 1_000_000
"""Ns that a step takes whose file does not say: so short that nobody takes it for a measurement."""

CONTEXT_BYTES = 16 << 20
"""A model call carries all that the model was given, until a run's calls hold so much together; from then
on what is new since the call before, and `ONLY_NEW` says so."""
ONLY_NEW = "jollyscope.import.messages"

_SCOPE = {"name": "jollyscope.import"}


class Call(NamedTuple):
    """A tool call that the model asked for."""

    name: str
    id: str | None = None
    arguments: Any = None


class Usage(NamedTuple):
    """What one model call, or a whole run, used. US dollars; None is unknown."""

    input: int | None = None
    output: int | None = None
    cost: float | None = None
    cached: int | None = None
    reasoning: int | None = None

    def attributes(self) -> dict[str, Any]:
        """Under their OpenTelemetry names."""
        return {
            "gen_ai.usage.input_tokens": self.input,
            "gen_ai.usage.output_tokens": self.output,
            "gen_ai.usage.cache_read.input_tokens": self.cached,
            "gen_ai.usage.reasoning.output_tokens": self.reasoning,
            "jollyscope.cost_usd": self.cost,
        }


class Run:
    """Takes the messages in order and makes the spans. `content` is what the ids are derived from."""

    def __init__(
        self,
        content: bytes,
        *,
        agent: str | None = None,
        model: str | None = None,
        conversation: str | None = None,
        began: int | None = None,
    ) -> None:
        self.trace_id = digest(16, "run", content)
        self.agent = agent
        self.model = model
        self.conversation = conversation or f"conversation-{self.trace_id[:12]}"
        self._root = digest(8, self.trace_id, 0)
        self._began = ORIGIN if began is None else began
        self._now = self._began + TICK
        self._told = began is not None  # whether any time is the file's own
        self._spans: list[SpanRecord] = []
        self._context: list[str] = []
        self._new_from = 0
        self._context_bytes = 0
        self._has_tokens = False
        self._users = False
        self._first: str | None = None
        self._last: str | None = None

    def heard(self, message: dict[str, Any]) -> None:
        """A message that the model is given and that is no step: instructions, what a tool returned."""
        self._context.append(as_json(message))

    def user(self, message: dict[str, Any], text: str, at: int | None = None) -> None:
        """The user says something."""
        self.asked(text)
        self._users = True
        attributes = {
            "jollyscope.step.type": "user_input",
            "jollyscope.input": text,
            "gen_ai.input.messages": as_json([message]),
        }
        self._add("user", attributes, at=at)
        self.heard(message)

    def asked(self, text: str) -> None:
        """What the run is about, where no user's step says it."""
        if self._first is None:
            self._first = text

    def answered(self, message: dict[str, Any], text: str, **more: Any) -> None:
        """The model says something to the user."""
        self._last = text
        self.model_call(message, step="response", **more)

    def model_call(
        self,
        message: dict[str, Any],
        *,
        usage: Usage | None = None,
        model: str | None = None,
        step: str | None = None,
        at: int | None = None,
        seconds: float | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        """The model says something or asks for tools; `message` has a `finish_reason`."""
        named = model or self.model
        usage = usage or Usage()
        self._has_tokens |= usage.input is not None or usage.output is not None
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": named,
            "gen_ai.output.messages": as_json([message]),
            "jollyscope.step.type": step,
            **self._given(),
            **usage.attributes(),
            **(more or {}),
        }
        self._add(f"chat {named}" if named else "chat", attributes, "client", at, seconds)
        self.heard({key: value for key, value in message.items() if key != "finish_reason"})
        self._new_from = len(self._context)

    def tool(
        self,
        call: Call,
        result: str | None,
        *,
        seconds: float | None = None,
        at: int | None = None,
        more: dict[str, Any] | None = None,
        failed: str | None = None,
    ) -> None:
        """A tool is called; `result` is None where the file does not say what it returned."""
        attributes: dict[str, Any] = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": call.name,
            "gen_ai.tool.call.id": call.id,
            "gen_ai.tool.call.arguments": None
            if call.arguments is None
            else as_json(call.arguments),
            "gen_ai.tool.call.result": result,
            **(more or {}),
        }
        span = self._add(f"execute_tool {call.name}", attributes, "internal", at, seconds)
        if failed is not None:
            span.status, span.error_message = "error", failed
            span.scope = {**span.scope, "status_message": failed}

    def end(
        self,
        attributes: dict[str, Any],
        *,
        usage: Usage | None = None,
        output: str | None = None,
        failed: str | None = None,
        until: int | None = None,
    ) -> list[SpanRecord]:
        """All spans, the one of the whole run first."""
        last = self._now if until is None else max(until, self._now)
        usage = usage or Usage()
        # Of a run as a whole: nothing that the convention reads for one model call.
        tokens = (None, None) if self._has_tokens else (usage.input, usage.output)
        record = SpanRecord(
            trace_id=self.trace_id,
            span_id=self._root,
            name=f"invoke_agent {self.agent}" if self.agent else "invoke_agent",
            start_time=0,
            status="error" if failed else "unset",
            input_tokens=tokens[0],
            output_tokens=tokens[1],
        )
        finish(
            record,
            attributes={
                "gen_ai.operation.name": "invoke_agent",
                "gen_ai.agent.name": self.agent,
                "jollyscope.step.type": "other" if self._users else None,
                "jollyscope.input": self._first,
                "jollyscope.output": self._last if output is None else output,
                TIMES: None if self._told else MADE_UP,
                **self._whose(),
                **usage.attributes(),
                **attributes,
            },
            resource={"service.name": self.agent} if self.agent else {},
            scope={**_SCOPE, "status_message": failed},
            start=self._began,
            end=last,
        )
        return [record, *self._spans]

    def _whose(self) -> dict[str, Any]:
        return {"session.id": self.conversation, "gen_ai.conversation.id": self.conversation}

    def _given(self) -> dict[str, Any]:
        whole = "[" + ",".join(self._context) + "]"
        self._context_bytes += len(whole)
        if self._context_bytes <= CONTEXT_BYTES:
            return {"gen_ai.input.messages": whole}
        new = "[" + ",".join(self._context[self._new_from :]) + "]"
        return {"gen_ai.input.messages": new, ONLY_NEW: "new since the call before"}

    def _add(
        self,
        name: str,
        attributes: dict[str, Any],
        kind: Any = "internal",
        at: int | None = None,
        seconds: float | None = None,
    ) -> SpanRecord:
        """A span after the one before. `at`: when the file says that it was over."""
        start = self._now
        length = TICK if seconds is None or not 0 <= seconds < 1e9 else round(seconds * 1e9)
        if at is not None and at >= start:
            start, end = (at - length if at - length >= start and seconds else start), at
            self._told = True
        else:
            end = start + length
            attributes[TIMES] = MADE_UP
        self._now = min(max(end, start + 1), LATEST)
        record = SpanRecord(
            trace_id=self.trace_id,
            span_id=digest(8, self.trace_id, len(self._spans) + 1),
            parent_span_id=self._root,
            name=name,
            kind=kind,
            start_time=0,
        )
        attributes = {key: value for key, value in attributes.items() if value is not None}
        made = finish(
            record,
            attributes={**attributes, **self._whose()},
            resource={"service.name": self.agent} if self.agent else {},
            scope=_SCOPE,
            start=start,
            end=end,
        )
        self._spans.append(made)
        return made


def canonical(value: Any) -> bytes:
    """The same bytes for the same JSON, however it was indented or ordered."""
    try:
        return msgspec.json.encode(value, order="deterministic")
    except (RecursionError, UnicodeError, msgspec.MsgspecError, OverflowError):
        return as_json(value).encode()
