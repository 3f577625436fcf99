"""Functions as steps: sync, async, generators, async generators."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, cast

from opentelemetry import context as context_api
from opentelemetry.trace import Tracer

from jollyscope.sdk.capture import Items
from jollyscope.sdk.live import Live
from jollyscope.sdk.steps import Step, detach

__all__ = ["decorate"]


def decorate(template: Step, function: Any) -> Any:
    """`function` as a step like `template`; input is its arguments, output what it returns."""
    if isinstance(function, (staticmethod, classmethod)):
        method = cast("staticmethod[..., Any]", function)
        return type(method)(decorate(template, method.__func__))
    target = function
    if not inspect.isroutine(function) and not isinstance(function, functools.partial):
        target = getattr(cast(Any, type(function)), "__call__", function)  # noqa: B004
    new = _maker(template, function)
    if inspect.isasyncgenfunction(target):
        return _async_generator(function, new)
    if inspect.iscoroutinefunction(target):
        return _coroutine(function, new)
    if inspect.isgeneratorfunction(target):
        return _generator(function, new)
    return _plain(function, new)


_New = Callable[[tuple[Any, ...], dict[str, Any]], Step]


def _maker(template: Step, function: Any) -> _New:
    name = getattr(function, "__name__", None) or type(function).__name__
    try:
        signature: inspect.Signature | None = inspect.signature(function)
    except (TypeError, ValueError):  # some C functions have none
        signature = None

    def new(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Step:
        return template.again(name, _arguments(signature, args, kwargs))

    return new


def _arguments(
    signature: inspect.Signature | None, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> object:
    """The arguments by name, without `self` and `cls`."""
    if signature is None:
        return {"args": args, "kwargs": kwargs}
    try:
        given = dict(signature.bind(*args, **kwargs).arguments)
    except TypeError:  # the call itself is about to say so
        return {"args": args, "kwargs": kwargs}
    first = next(iter(signature.parameters), None)
    if first in ("self", "cls"):
        given.pop(first, None)
    return given


def _plain(function: Any, new: _New) -> Any:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if Live.tracer is None:
            return function(*args, **kwargs)
        with new(args, kwargs) as step:
            result = function(*args, **kwargs)
            step.output(result)
        return result

    return call


def _coroutine(function: Any, new: _New) -> Any:
    @functools.wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        if Live.tracer is None:
            return await function(*args, **kwargs)
        with new(args, kwargs) as step:
            result = await function(*args, **kwargs)
            step.output(result)
        return result

    return call


class _Drive:
    """A generator's step: current only while the generator's own code runs, never at its yields,
    where the consumer's code runs and must not see it as its parent.
    """

    def __init__(self, step: Step, tracer: Tracer) -> None:
        self.step = step
        self.items = Items()
        step.start(tracer)
        self._context = step.context()

    def __enter__(self) -> None:
        self._token = context_api.attach(self._context)

    def __exit__(self, *_: object) -> None:
        # What the generator's own code has made current is kept for when it goes on.
        self._context = context_api.get_current()
        detach(self._token)

    def end(self, error: BaseException | None) -> None:
        self.step.output(self.items.text())
        self.step.end(error)


def _generator(function: Any, new: _New) -> Any:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if Live.tracer is None:
            return function(*args, **kwargs)
        return _drive(function(*args, **kwargs), new(args, kwargs))

    return call


def _drive(inner: Any, step: Step) -> Generator[Any, Any, Any]:
    tracer = Live.tracer
    if tracer is None:
        return cast(Any, (yield from inner))
    drive, resume, value = _Drive(step, tracer), inner.send, None
    ended: BaseException | None = None
    try:
        while True:
            try:
                with drive:
                    item = resume(value)
            except StopIteration as stop:
                return stop.value
            drive.items.add(item)
            try:
                value, resume = (yield item), inner.send
            except GeneratorExit:
                with drive:
                    inner.close()
                raise
            except BaseException as error:  # noqa: BLE001 - thrown in, for the generator to handle
                value, resume = error, inner.throw
    except BaseException as error:
        ended = error
        raise
    finally:
        drive.end(ended)


def _async_generator(function: Any, new: _New) -> Any:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if Live.tracer is None:
            return function(*args, **kwargs)
        return _adrive(function(*args, **kwargs), new(args, kwargs))

    return call


async def _adrive(inner: Any, step: Step) -> AsyncGenerator[Any, Any]:
    tracer = Live.tracer
    assert tracer is not None
    drive, resume, value = _Drive(step, tracer), inner.asend, None
    ended: BaseException | None = None
    try:
        while True:
            try:
                with drive:
                    item = await resume(value)
            except StopAsyncIteration:
                return
            drive.items.add(item)
            try:
                value, resume = (yield item), inner.asend
            except GeneratorExit:
                with drive:
                    await inner.aclose()
                raise
            except BaseException as error:  # noqa: BLE001 - thrown in, for the generator to handle
                value, resume = error, inner.athrow
    except BaseException as error:
        ended = error
        raise
    finally:
        drive.end(ended)
