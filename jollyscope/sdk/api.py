"""The steps by name: `run`, `think`, `act`, `observe`, `respond`, `step`, `session`."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar, cast, overload

from opentelemetry import context as context_api

from jollyscope.model.records import StepType
from jollyscope.sdk.scopes import SESSION_KEY, InUse
from jollyscope.sdk.steps import MISSING, Step, detach

__all__ = ["act", "observe", "observe_now", "respond", "run", "session", "step", "think"]

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def session(
    session_id: str, *, user: str | None = None, conversation: str | None = None
) -> Generator[None, None, None]:
    """Every span started inside belongs to this session (and user, and conversation), whoever
    starts it. Also a decorator. Follows OpenTelemetry's context into tasks and threads.
    """
    named = {"session.id": session_id, "user.id": user, "gen_ai.conversation.id": conversation}
    given = {key: str(value) for key, value in named.items() if value is not None}
    outer = cast("dict[str, str]", context_api.get_value(SESSION_KEY) or {})
    if outer.get("session.id") == given.get("session.id"):
        given = {**outer, **given}
    InUse.sessions = True
    token = context_api.attach(context_api.set_value(SESSION_KEY, given))
    try:
        yield
    finally:
        detach(token)


@overload
def run(name: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def run(name: str | None = None, *, input: object = None) -> Step: ...
def run(name: Any = None, *, input: object = None) -> Any:
    """One execution of an agent, from the user's input to the answer. One inside another is a
    sub-agent.
    """
    named = _text(name)
    attributes = {"gen_ai.operation.name": "invoke_agent"}
    if named is not None:
        attributes["gen_ai.agent.name"] = named
    return _made(name, Step("user_input", named, "run", input=input, attributes=attributes))


@overload
def think(name: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def think(
    name: str | None = None,
    *,
    model: str | None = None,
    provider: str | None = None,
    input: object = None,
) -> Step: ...
def think(
    name: Any = None,
    *,
    model: str | None = None,
    provider: str | None = None,
    input: object = None,
) -> Any:
    """A thought: usually one call of a model."""
    attributes: dict[str, Any] = {}
    if model is not None:
        attributes = {"gen_ai.operation.name": "chat", "gen_ai.request.model": str(model)}
    if provider is not None:
        attributes["gen_ai.provider.name"] = str(provider)
    return _made(name, Step("think", _text(name), "think", input=input, attributes=attributes))


@overload
def act(name: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def act(name: str | None = None, *, input: object = None, call_id: str | None = None) -> Step: ...
def act(name: Any = None, *, input: object = None, call_id: str | None = None) -> Any:
    """A call of the tool `name`."""
    attributes: dict[str, Any] = {"gen_ai.operation.name": "execute_tool"}
    named = _text(name)
    if named is not None:
        attributes["gen_ai.tool.name"] = named
    if call_id is not None:
        attributes["gen_ai.tool.call.id"] = str(call_id)
    return _made(name, Step("act", named, "act", input=input, attributes=attributes))


@overload
def observe(name: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def observe(name: str | None = None, *, input: object = None, output: object = MISSING) -> Step: ...
def observe(name: Any = None, *, input: object = None, output: object = MISSING) -> Any:
    """What the agent saw: a tool's result, a page, a file."""
    return _made(name, Step("observe", _text(name), "observe", input=input, output=output))


def observe_now(value: object, name: str = "observe") -> None:
    """An `observe` step of no length, for a value that is at hand."""
    with Step("observe", name, name, output=value):
        pass


@overload
def respond(name: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def respond(name: str | None = None, *, input: object = None, output: object = MISSING) -> Step: ...
def respond(name: Any = None, *, input: object = None, output: object = MISSING) -> Any:
    """The answer to the user."""
    return _made(name, Step("response", _text(name), "respond", input=input, output=output))


@overload
def step(name: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def step(
    name: str | None = None,
    *,
    type: StepType = "other",
    input: object = None,
    attributes: dict[str, Any] | None = None,
) -> Step: ...
def step(
    name: Any = None,
    *,
    type: StepType = "other",
    input: object = None,
    attributes: dict[str, Any] | None = None,
) -> Any:
    """Any other work worth seeing."""
    return _made(name, Step(type, _text(name), "step", input=input, attributes=attributes))


def _text(name: Any) -> str | None:
    return None if name is None or _is_function(name) else str(name)


def _made(name: Any, made: Step) -> Any:
    """The step, or the function it decorates when used bare: `@jollyscope.act`."""
    return made(name) if _is_function(name) else made


def _is_function(name: Any) -> bool:
    # An object of classmethod cannot be called itself.
    return callable(name) or isinstance(name, classmethod)
