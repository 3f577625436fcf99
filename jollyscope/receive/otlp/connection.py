"""One HTTP connection, with the bounds that uvicorn does not hold."""

from __future__ import annotations

import asyncio
from typing import Any

from google.rpc import code_pb2
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from jollyscope.receive.otlp.limits import Limits
from jollyscope.receive.otlp.replies import Refusal, status

__all__ = ["connection_class"]


def connection_class(limits: Limits) -> type[HttpToolsProtocol]:
    """The protocol for `uvicorn.Config(http=…)`."""

    class Connection(_Connection):
        bounds = limits

    return Connection


class _Connection(HttpToolsProtocol):
    """A request's head has to arrive in time (uvicorn waits for ever) and has a bound in size (the
    parser has none); and there is one on connections.
    """

    bounds: Limits

    def __init__(
        self, config: Config, server_state: Any, app_state: Any, _loop: Any = None
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head_size = 0
        self._in_head = True
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > self.bounds.connections:
            told = Refusal(503, code_pb2.UNAVAILABLE, "There are too many connections.", 1.0)
            self._say_and_close(told, b"503 Service Unavailable", b"retry-after: 1\r\n")
            return
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        before = self._in_head
        if before:
            if self._timer is None:  # the next request of a connection that was idle
                self._arm()
            self._head_size += len(data)
        super().data_received(data)
        if before and self._in_head and self._head_size > self.bounds.head:
            told = Refusal(431, code_pb2.INVALID_ARGUMENT, "The headers are too large.")
            self._say_and_close(told, b"431 Request Header Fields Too Large")

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._disarm()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        self._head_size = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        self._say_and_close(Refusal(400, code_pb2.INVALID_ARGUMENT, msg), b"400 Bad Request")

    def _arm(self) -> None:
        self._timer = self.loop.call_later(self.bounds.head_s, self._too_slow)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            told = Refusal(408, code_pb2.DEADLINE_EXCEEDED, "The request did not arrive in time.")
            self._say_and_close(told, b"408 Request Timeout")

    def _say_and_close(self, told: Refusal, line: bytes, more: bytes = b"") -> None:
        self._disarm()
        body = status(told, "json")
        head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%b"
        self.transport.write(head % (line, len(body), more) + b"connection: close\r\n\r\n" + body)
        self.transport.close()
