"""Steps: context managers that are decorators too."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from contextvars import Token
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from opentelemetry import context as context_api
from opentelemetry.context import Context
from opentelemetry.trace import (
    Span,
    Status,
    StatusCode,
    Tracer,
    get_current_span,
    set_span_in_context,
)

from jollyscope.model.records import StepType
from jollyscope.sdk.capture import attribute as as_attribute
from jollyscope.sdk.capture import text
from jollyscope.sdk.live import Live
from jollyscope.sdk.scopes import RUN_KEY
from jollyscope.sdk.trouble import Trouble
from jollyscope.semconv import table

__all__ = ["MISSING", "Step", "detach"]

P = ParamSpec("P")
R = TypeVar("R")
MISSING: Any = object()
_trouble = Trouble()


def _harmless(error: Exception) -> None:
    _trouble.tell("step", f"A JollyScope step failed to record: {type(error).__name__}: {error}.")


class Step:
    """One step of an agent: `with step:`, `async with step:` or `@step`.

    Does nothing before `jollyscope.init()`, and never raises: the exceptions that come out of the
    block are the block's own.
    """

    __slots__ = ("_attributes", "_input", "_name", "_named", "_output", "_span", "_token", "_type")

    def __init__(
        self,
        step_type: StepType,
        name: str | None,
        default: str,
        *,
        input: object = None,
        output: object = MISSING,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        self._type: StepType = step_type
        self._named = name is not None
        self._name = default if name is None else str(name)
        self._input, self._output = input, output
        self._attributes = attributes or {}
        self._span: Span | None = None
        self._token: Token[Context] | None = None

    # -- what the author of an agent calls inside the block

    def output(self, value: object) -> None:
        """What the step gave, of any type. Taken now: later changes of `value` are not seen."""
        self._set(table.OUTPUT, value, text)

    def usage(
        self,
        *,
        input_tokens: int | None = None,
        output_tokens: int | None = None,
        cached_tokens: int | None = None,
        reasoning_tokens: int | None = None,
        cost_usd: float | None = None,
    ) -> None:
        """Tokens and cost (US dollars) of this step's own model call; None says nothing."""
        given = {
            "gen_ai.usage.input_tokens": input_tokens,
            "gen_ai.usage.output_tokens": output_tokens,
            "gen_ai.usage.cache_read.input_tokens": cached_tokens,
            "gen_ai.usage.reasoning.output_tokens": reasoning_tokens,
            table.COST: cost_usd,
        }
        span = self._span
        if span is not None and span.is_recording():
            try:
                # At once: each call takes the span's lock and cleans its keys, 50 µs on cold caches.
                span.set_attributes(
                    {key: as_attribute(value) for key, value in given.items() if value is not None}
                )
            except Exception as error:  # noqa: BLE001 - never into the agent
                _harmless(error)

    def attribute(self, key: str, value: object) -> None:
        """A detail of your own."""
        self._set(str(key), value)

    def event(self, name: str, **attributes: object) -> None:
        """Something that happened at a moment within the step."""
        if self._span is not None:
            try:
                given = {key: as_attribute(value) for key, value in attributes.items()}
                self._span.add_event(str(name), given)
            except Exception as error:  # noqa: BLE001 - never into the agent
                _harmless(error)

    def error(self, error: BaseException | str) -> None:
        """Mark the step as failed, without raising."""
        span = self._span
        if span is None or not span.is_recording():
            return
        try:
            message = error if isinstance(error, str) else _message(error)
            if isinstance(error, BaseException):
                span.set_attribute("error.type", type(error).__qualname__)
                _record(span, error, message)
            span.set_status(Status(StatusCode.ERROR, message))
        except Exception as trouble:  # noqa: BLE001 - never into the agent
            _harmless(trouble)

    @property
    def trace_id(self) -> str:
        """32 hex digits; empty outside the block and while nothing is recorded."""
        return f"{self._span.get_span_context().trace_id:032x}" if self._span else ""

    @property
    def span_id(self) -> str:
        """16 hex digits; empty outside the block and while nothing is recorded."""
        return f"{self._span.get_span_context().span_id:016x}" if self._span else ""

    # -- context manager and decorator

    def __enter__(self) -> Step:
        tracer = Live.tracer
        if tracer is not None:
            try:
                self.start(tracer)
                self._token = context_api.attach(self.context())
            except Exception as error:  # noqa: BLE001 - never into the agent
                _harmless(error)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._span is not None:
            token, self._token = self._token, None
            if token is not None:
                detach(token)
            self.end(error)

    async def __aenter__(self) -> Step:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.__exit__(kind, error, traceback)

    def __call__(self, function: Callable[P, R]) -> Callable[P, R]:
        """Decorate a function: every call is a step of its own."""
        from jollyscope.sdk.decorate import decorate

        return decorate(self, function)

    # -- for the decorators

    def again(self, function_name: str, input: object) -> Step:
        """A new step like this one, for one call of a decorated function."""
        name = self._name if self._named else function_name
        step = Step(self._type, name, name, input=input, attributes=self._attributes)
        if self._type == "act" and not self._named:
            step._attributes = {**self._attributes, "gen_ai.tool.name": name}
        return step

    def start(self, tracer: Tracer) -> None:
        """Begin the span, without making it the current one."""
        attributes = dict(self._attributes)
        step_type = self._type
        if step_type == "user_input" and context_api.get_value(RUN_KEY):
            step_type = "other"  # a run within a run is a sub-agent: its input is no user's
        attributes[table.STEP_TYPE] = step_type
        if self._input is not None and not _sampled_out():
            attributes[table.INPUT] = text(self._input)
        self._span = tracer.start_span(self._name, attributes=attributes)
        if self._output is not MISSING:
            self.output(self._output)

    def context(self) -> Context:
        """The current context with this step in it."""
        assert self._span is not None
        context = set_span_in_context(self._span)
        return (
            context_api.set_value(RUN_KEY, True, context) if self._type == "user_input" else context
        )

    def end(self, error: BaseException | None) -> None:
        """End the span; a failure is recorded with its stack trace."""
        span = self._span
        assert span is not None
        try:
            if error is not None and _is_failure(error):
                self.error(error)
            span.end()
        except Exception as trouble:  # noqa: BLE001 - never into the agent
            _harmless(trouble)

    def _set(
        self, key: str, value: object, convert: Callable[[object], Any] = as_attribute
    ) -> None:
        span = self._span
        if span is not None and span.is_recording():
            try:
                span.set_attribute(key, convert(value))
            except Exception as error:  # noqa: BLE001 - never into the agent
                _harmless(error)


def _sampled_out() -> bool:
    """The trace is not recorded, so that nothing need be captured."""
    parent = get_current_span().get_span_context()
    return parent.is_valid and not parent.trace_flags.sampled


def _is_failure(error: BaseException) -> bool:
    """A generator closed early and a clean `sys.exit()` are no failures."""
    if isinstance(error, SystemExit):
        return error.code not in (None, 0)
    return not isinstance(error, GeneratorExit)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as trouble:  # noqa: BLE001 - any __str__ may fail in any way
        return f"<its message failed: {type(trouble).__name__}>"


def _record(span: Span, error: BaseException, message: str) -> None:
    try:
        span.record_exception(error)
    except Exception:  # noqa: BLE001 - an exception whose str() fails
        told = {"exception.type": type(error).__qualname__, "exception.message": message}
        span.add_event("exception", told)


def detach(token: Token[Context]) -> None:
    """Like `context.detach`, but silent where an async generator was closed from another task:
    then the context that we set is gone already, and OpenTelemetry would log a traceback.
    """
    reset = getattr(getattr(cast(Any, token), "var", None), "reset", None)
    if reset is None:
        context_api.detach(token)
        return
    with contextlib.suppress(ValueError, RuntimeError):
        reset(token)
