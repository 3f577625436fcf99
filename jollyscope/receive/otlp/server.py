"""A whole receiver: both protocols on two ports, in background threads of this process."""

from __future__ import annotations

import errno
import socket
import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from jollyscope.config import CollectConfig
from jollyscope.errors import JollyScopeError, UsageError
from jollyscope.receive.otlp.desk import Desk, Trouble
from jollyscope.receive.otlp.gate import check_exposure
from jollyscope.receive.otlp.intake import Intake, ThreadIntake
from jollyscope.receive.otlp.limits import Limits
from jollyscope.receive.otlp.stats import Counts
from jollyscope.receive.sink import Sink

if TYPE_CHECKING:
    from jollyscope.receive.otlp.grpc import GrpcListener

__all__ = ["OtlpServer"]

_START_S = 10.0


class OtlpServer:
    """An OTLP receiver in front of a sink.

        with SpoolSink(home) as sink, OtlpServer(sink, CollectConfig(http_port=0, grpc_port=0)) as server:
            print(server.http_endpoint, server.grpc_endpoint)

    With a `Sink` it decodes in a thread of this process; with an `Intake`, however that does. Either
    stays its owner's to close, after `stop`. `on_trouble` hears, in any thread, of every request
    that could not be stored for no fault of its own.

    `start` raises `UsageError` for an address that the network can reach without a token (unless
    `insecure`) or that is none, and `JollyScopeError` for a port that is in use.
    """

    def __init__(
        self,
        sink: Sink | None = None,
        config: CollectConfig | None = None,
        *,
        intake: Intake | None = None,
        insecure: bool = False,
        limits: Limits | None = None,
        on_trouble: Trouble | None = None,
    ) -> None:
        self.config = config or CollectConfig()
        self.limits = limits or Limits.of(self.config)
        self._own = ThreadIntake(sink, self.limits.body) if sink is not None else None
        chosen = intake or self._own
        if chosen is None:
            raise TypeError("a sink or an intake is needed")
        self._insecure = insecure
        self._desk = Desk(chosen, self.limits, self.config.token, on_trouble)
        self._http: _HttpListener | None = None
        self._grpc: GrpcListener | None = None
        self.http_port = self.grpc_port = 0

    @property
    def stats(self) -> Counts:
        """The numbers now."""
        return self._desk.counts()

    @property
    def http_endpoint(self) -> str:
        """For OTEL_EXPORTER_OTLP_ENDPOINT with the protocol `http/protobuf` or `http/json`."""
        return f"http://{_reachable(self.config.host)}:{self.http_port}"

    @property
    def grpc_endpoint(self) -> str:
        """For OTEL_EXPORTER_OTLP_ENDPOINT with the protocol `grpc`."""
        return f"http://{_reachable(self.config.host)}:{self.grpc_port}"

    def start(self) -> Self:
        """Listen; when this returns both ports answer."""
        from jollyscope.receive.otlp.grpc import GrpcListener

        host = self.config.host
        check_exposure(host, self.config.token, insecure=self._insecure)
        http = self._http = _HttpListener(self._desk, host, self.config.http_port)
        try:
            grpc = self._grpc = GrpcListener(self._desk, host, self.config.grpc_port)
        except OSError as error:
            http.socket.close()
            raise _unbound(error, host, self.config.grpc_port, "grpc") from None
        http.start()
        grpc.start()
        self.http_port, self.grpc_port = http.port, grpc.port
        return self

    def stop(self, timeout: float = 10.0) -> None:
        """Take no more requests, answer those in work within `timeout` seconds, let go of the ports.
        Safe to call twice, or before `start`.
        """
        deadline = time.monotonic() + timeout
        http, self._http = self._http, None
        grpc, self._grpc = self._grpc, None
        ended = grpc.stop(timeout) if grpc is not None else None
        if http is not None:
            http.stop(timeout)
        if grpc is not None and ended is not None:
            ended.wait(max(0.0, deadline - time.monotonic()) + 1.0)
            grpc.close()
        if self._own is not None:
            self._own.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.stop()


class _HttpListener:
    """uvicorn in a thread, on a socket that is bound before, so that its port is known."""

    def __init__(self, desk: Desk, host: str, port: int) -> None:
        self._desk = desk
        self.socket = _bound(host, port)
        self.port: int = self.socket.getsockname()[1]
        self._server: Any = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        import uvicorn

        from jollyscope.receive.otlp.connection import connection_class
        from jollyscope.receive.otlp.http import make_app

        limits = self._desk.limits
        self._server = uvicorn.Server(
            uvicorn.Config(
                make_app(self._desk),
                http=connection_class(limits),
                ws="none",
                loop="asyncio",
                lifespan="off",
                interface="asgi3",
                log_config=None,
                log_level="critical",  # what a sender does wrong is told to the sender
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=round(limits.idle_s),
            )
        )
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self.socket]},
            name="jollyscope-http",
            daemon=True,
        )
        self._thread.start()
        deadline = time.monotonic() + _START_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise JollyScopeError("The HTTP server did not start.")
            time.sleep(0.002)

    def stop(self, timeout: float) -> None:
        if self._server is None or self._thread is None:
            self.socket.close()
            return
        self._server.config.timeout_graceful_shutdown = max(1, round(timeout))
        self._server.should_exit = True
        self._thread.join(timeout + 2.0)


def _bound(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{host} is no address of this machine: {error}.") from None
    family, kind, protocol, _, address = found[0]
    made = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # there it would let two receivers share the port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError as error:
        made.close()
        raise _unbound(error, host, port, "http") from None
    return made


def _unbound(error: OSError, host: str, port: int, which: str) -> JollyScopeError:
    elsewhere = f"Name another with --{which}-port or JOLLYSCOPE_COLLECT_{which.upper()}_PORT"
    if error.errno == errno.EADDRINUSE:
        return JollyScopeError(
            f"Port {port} on {host} is in use, perhaps by another collector.",
            hint=f"{elsewhere}; 0 takes a free one.",
        )
    if error.errno == errno.EACCES:
        return JollyScopeError(
            f"Port {port} on {host} may not be used by this user.", hint=f"{elsewhere}."
        )
    return JollyScopeError(
        f"{host}:{port} cannot be listened on: {error.strerror or error}.",
        hint="Check --host and JOLLYSCOPE_COLLECT_HOST.",
    )


def _reachable(host: str) -> str:
    """An address to send to, of one to listen on."""
    if host in ("0.0.0.0", "::"):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host
