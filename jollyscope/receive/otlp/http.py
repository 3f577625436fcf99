"""OTLP over HTTP: https://opentelemetry.io/docs/specs/otlp/#otlphttp"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
from google.rpc import code_pb2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from jollyscope._version import __version__
from jollyscope.receive.otlp.decode import Signal
from jollyscope.receive.otlp.desk import Desk
from jollyscope.receive.otlp.gate import LOCAL_ORIGIN, check_token
from jollyscope.receive.otlp.intake import Format, Packed
from jollyscope.receive.otlp.limits import EncodingError, Hold, TooLargeError
from jollyscope.receive.otlp.replies import Refusal, SlowError, status, success
from jollyscope.receive.otlp.unpack import ENCODINGS, encoding_of
from jollyscope.receive.sink import OverloadedError, SinkDownError

__all__ = ["MEDIA", "make_app"]

MEDIA: dict[Format, str] = {"protobuf": "application/x-protobuf", "json": "application/json"}
_FORMAT: dict[str, Format] = {
    "application/x-protobuf": "protobuf",
    "application/protobuf": "protobuf",
    "application/json": "json",
}
_SIGNALS: dict[str, Signal] = {
    "/v1/traces": "traces",
    "/v1/logs": "logs",
    "/v1/metrics": "metrics",
}
_LOCAL = re.compile(LOCAL_ORIGIN)
_LINGER = 4
"""A refused body is read to its end, up to so many times the bound on one, so that the sender gets to
see the answer: a connection closed with bytes unread is reset, and the answer with it."""

Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(desk: Desk) -> Any:
    """The ASGI application."""
    exporter = _Exporter(desk)
    routes = [
        Route(path, exporter.endpoint(signal), methods=["POST"])
        for path, signal in _SIGNALS.items()
    ]

    async def health(_request: Request) -> Response:
        counts = msgspec.to_builtins(desk.counts())
        told = {"service": "jollyscope", "version": __version__, **counts}
        return Response(msgspec.json.encode(told), media_type=MEDIA["json"])

    routes += [Route(path, health, methods=["GET"]) for path in ("/", "/healthz")]
    cors = Middleware(
        CORSMiddleware,
        allow_origin_regex=LOCAL_ORIGIN,
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        expose_headers=["Retry-After"],
        max_age=600,
    )
    return Starlette(
        routes=routes,
        middleware=[Middleware(_Pages), cors],
        exception_handlers={HTTPException: _not_here},  # pyright: ignore[reportArgumentType] - a narrower error than the annotation's
    )


class _Pages:
    """Refuses pages that are not of this machine."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        for name, value in scope.get("headers", ()):
            if name == b"origin" and not _LOCAL.fullmatch(value.decode("latin-1")):
                told = Refusal(
                    403, code_pb2.PERMISSION_DENIED, "Only pages of this machine may send."
                )
                await _answer(told, "json", close=True)(scope, receive, send)
                return
        await self._app(scope, receive, send)


class _Body:
    """The body as it arrives."""

    def __init__(self, request: Request) -> None:
        self._receive = request.receive
        self.ended = False
        length = request.headers.get("content-length", "")
        self.declared = int(length) if length.isdecimal() else 0
        self.awaited = "expect" in request.headers
        """The sender waits for a word (`100 Continue`) before it sends."""

    async def chunks(self) -> AsyncIterator[bytes]:
        while not self.ended:
            self.awaited = False
            message = await self._receive()
            if message["type"] != "http.request":
                self.ended = True
                raise ClientDisconnect
            self.ended = not message.get("more_body", False)
            yield message.get("body", b"")

    async def drain(self, most: int) -> None:
        """Read what is left and forget it, unless it is more than `most` bytes or not sent yet."""
        if self.awaited or self.declared > most:
            return
        async for chunk in self.chunks():
            most -= len(chunk)
            if most < 0:
                return


class _Exporter:
    """The requests of one receiver. Runs in one event loop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._running = 0

    def endpoint(self, signal: Signal) -> Endpoint:
        async def export(request: Request) -> Response:
            self._running += 1
            try:
                return await self._export(signal, request)
            finally:
                self._running -= 1

        return export

    async def _export(self, signal: Signal, request: Request) -> Response:
        form = _FORMAT.get(_media(request))
        body = _Body(request)
        try:
            packed, hold = await self._receive(signal, form, request, body)
            return Response(await self._store(packed, hold), media_type=MEDIA[packed.format])
        except ClientDisconnect:
            return Response(status_code=400)  # there is nobody to read it
        except Exception as error:  # noqa: BLE001 - every error is an answer
            return _answer(self._desk.refuse(error), form or "json", close=not body.ended)

    async def _store(self, packed: Packed, hold: Hold) -> bytes:
        """The body of the OK."""
        future = self._desk.take(packed, hold)
        try:
            taken = await asyncio.wait_for(asyncio.wrap_future(future), self._desk.limits.answer_s)
        except TimeoutError:
            raise SinkDownError("The records could not be stored in time.") from None
        self._desk.done(packed.signal, taken, len(packed.body))
        return success(packed.signal, packed.format, taken)

    async def _receive(
        self, signal: Signal, form: Format | None, request: Request, body: _Body
    ) -> tuple[Packed, Hold]:
        """A request with all of its body, and the account of its bytes."""
        limits = self._desk.limits
        hold = self._desk.budget.hold()
        try:
            async with asyncio.timeout(limits.body_s):
                try:
                    encoding = self._admitted(form, request)
                    data = await _read(body, limits.body, hold)
                    return Packed(signal, form or "json", encoding, data), hold
                except (ClientDisconnect, asyncio.CancelledError):
                    raise
                except Exception:
                    hold.release()
                    await body.drain(limits.body * _LINGER)
                    raise
        except TimeoutError:
            hold.release()
            raise SlowError("The request did not arrive in time.") from None
        except BaseException:
            hold.release()
            raise

    def _admitted(self, form: Format | None, request: Request) -> Any:
        """The body's encoding, of a request that may go on."""
        authorization = request.headers.get("authorization", "")
        check_token(self._desk.token, authorization.encode("latin-1"))
        if form is None:
            raise EncodingError(
                f"The content type `{_media(request)[:80]}` is not OTLP's.",
                hint="Use application/x-protobuf or application/json.",
            )
        encoding = encoding_of(request.headers.get("content-encoding", ""))
        if self._running > self._desk.limits.requests:
            raise OverloadedError(f"{self._running - 1} requests are in work.")
        return encoding


async def _read(body: _Body, limit: int, hold: Hold) -> bytes:
    chunks: list[bytes] = []
    size = body.declared
    if size <= limit:
        size = 0
        async for chunk in body.chunks():
            size += len(chunk)
            if size > limit:
                break
            hold.grow(len(chunk))
            chunks.append(chunk)
    if size > limit:
        raise TooLargeError(
            f"The request is larger than {limit:,} bytes.",
            hint="Send smaller batches, or raise max_body_mb of [collect].",
        )
    return b"".join(chunks)


def _media(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _answer(told: Refusal, form: Format, *, close: bool = False) -> Response:
    headers: dict[str, str] = {}
    if told.retry_after is not None:
        headers["retry-after"] = str(math.ceil(told.retry_after))
    if told.http == 401:
        headers["www-authenticate"] = "Bearer"
    if told.http == 415:
        headers["accept-encoding"] = ", ".join(ENCODINGS)
    if close:
        headers["connection"] = "close"
    return Response(status(told, form), told.http, headers, media_type=MEDIA[form])


async def _not_here(request: Request, error: HTTPException) -> Response:
    code = code_pb2.UNIMPLEMENTED if error.status_code == 405 else code_pb2.NOT_FOUND
    told = Refusal(
        error.status_code,
        code,
        f"{request.method} {request.url.path[:80]}: {error.detail}. "
        f"Send POST to {', '.join(_SIGNALS)}.",
    )
    answer = _answer(told, _FORMAT.get(_media(request)) or "json")
    answer.headers.update(error.headers or {})
    return answer
