"""The ways in which an agent's steps are recorded: by the SDK, by OpenTelemetry's own SDK and exporter to
`jollyscope collect`, or not at all, which is the SDK switched off.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, Literal, Protocol

__all__ = ["SERVICE", "Kind", "Otlp", "Recording", "Sdk", "Taken", "opened"]

Kind = Literal["sdk", "http", "grpc", "off"]
SERVICE = "load-"
"""What agents' services are called: this and the kind."""


class Taken(Protocol):
    """A step that is under way."""

    @property
    def trace_id(self) -> str: ...
    @property
    def span_id(self) -> str: ...
    def output(self, value: object) -> None: ...
    def usage(self, *, input_tokens: int, output_tokens: int) -> None: ...


class Recording(Protocol):
    """What an agent's loop is written with."""

    def session(self, name: str, user: str) -> AbstractContextManager[None]: ...
    def step(self, kind: str, name: str, given: object) -> AbstractContextManager[Taken]: ...

    def close(self) -> int:
        """Write what waits; spans that were dropped."""
        ...


def opened(kind: Kind) -> Recording:
    """Recording as the environment has it set up."""
    return Sdk(SERVICE + kind) if kind in ("sdk", "off") else Otlp(SERVICE + kind, kind)


class Sdk:
    """`jollyscope.init()`; with `JOLLYSCOPE_SDK_ENABLED=false` nothing."""

    def __init__(self, service: str) -> None:
        import jollyscope

        self._sdk = jollyscope
        jollyscope.init(service=service)

    def session(self, name: str, user: str) -> AbstractContextManager[None]:
        return self._sdk.session(name, user=user)

    def step(self, kind: str, name: str, given: object) -> AbstractContextManager[Taken]:
        sdk = self._sdk
        if kind == "user_input":
            return sdk.run(name, input=given)
        if kind == "think":
            return sdk.think("plan", model=name, provider="openai", input=given)
        if kind == "act":
            return sdk.act(name, input=given)
        return (sdk.observe if kind == "observe" else sdk.respond)(name, input=given)

    def close(self) -> int:
        dropped = self._sdk.status().dropped
        self._sdk.shutdown()
        return dropped


_SESSION: ContextVar[dict[str, str] | None] = ContextVar("session", default=None)
_OPERATION = {"user_input": "invoke_agent", "think": "chat", "act": "execute_tool"}
_NAMED = {
    "user_input": "gen_ai.agent.name",
    "think": "gen_ai.request.model",
    "act": "gen_ai.tool.name",
}


class Otlp:
    """What an agent's author does who knows OpenTelemetry alone, its settings from `OTEL_*`."""

    def __init__(self, service: str, protocol: Literal["http", "grpc"]) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        if protocol == "grpc":
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        else:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        self._provider = TracerProvider(resource=Resource.create({"service.name": service}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("load")

    @contextmanager
    def session(self, name: str, user: str) -> Generator[None]:
        token = _SESSION.set({"session.id": name, "user.id": user})
        try:
            yield
        finally:
            _SESSION.reset(token)

    @contextmanager
    def step(self, kind: str, name: str, given: object) -> Generator[Taken]:
        told: dict[str, Any] = {"jollyscope.step.type": kind, **(_SESSION.get() or {})}
        if kind in _OPERATION:
            told |= {"gen_ai.operation.name": _OPERATION[kind], _NAMED[kind]: name}
        if given is not None:
            text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
            told["jollyscope.input"] = text
        with self._tracer.start_as_current_span(name, attributes=told) as span:
            yield _Span(span)

    def close(self) -> int:
        self._provider.shutdown()
        return 0  # OpenTelemetry does not count them: it warns


class _Span:
    def __init__(self, span: Any) -> None:
        self._span = span
        context = span.get_span_context()
        self.trace_id = f"{context.trace_id:032x}"
        self.span_id = f"{context.span_id:016x}"

    def output(self, value: object) -> None:
        self._span.set_attribute("jollyscope.output", value)

    def usage(self, *, input_tokens: int, output_tokens: int) -> None:
        self._span.set_attribute("gen_ai.usage.input_tokens", input_tokens)
        self._span.set_attribute("gen_ai.usage.output_tokens", output_tokens)
