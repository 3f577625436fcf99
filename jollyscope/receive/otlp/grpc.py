"""OTLP over gRPC: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc

Handlers take the bytes as they came, so that both protocols decode in one place.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import grpc

from jollyscope.receive.otlp.decode import Signal
from jollyscope.receive.otlp.desk import Desk
from jollyscope.receive.otlp.gate import check_token
from jollyscope.receive.otlp.intake import Packed
from jollyscope.receive.otlp.limits import Limits
from jollyscope.receive.otlp.replies import Refusal, StrangerError, status, success
from jollyscope.receive.otlp.unpack import sniff
from jollyscope.receive.sink import SinkDownError

__all__ = ["GrpcListener"]

_SIGNALS: Mapping[str, Signal] = {
    "/opentelemetry.proto.collector.trace.v1.TraceService/Export": "traces",
    "/opentelemetry.proto.collector.logs.v1.LogsService/Export": "logs",
    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export": "metrics",
}
_CODES: Mapping[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


class GrpcListener:
    """The three services on one port. Raises OSError where the port cannot be had."""

    def __init__(self, desk: Desk, host: str, port: int) -> None:
        self._desk = desk
        self._pool = ThreadPoolExecutor(
            desk.limits.grpc_threads, thread_name_prefix="jollyscope-grpc"
        )
        self._server: Any = grpc.server(self._pool, options=_options(desk.limits))
        self._server.add_generic_rpc_handlers((_Services(desk),))
        _probe(host, port)
        try:
            self.port: int = self._server.add_insecure_port(_address(host, port))
        except RuntimeError as error:
            raise OSError(str(error)) from None

    def start(self) -> None:
        """Begin to answer."""
        self._server.start()

    def stop(self, grace: float) -> Any:
        """Take no more; the event is set when what is in work is answered, or after `grace` seconds."""
        return self._server.stop(grace)

    def close(self) -> None:
        """After `stop`: let go of the threads."""
        self._pool.shutdown(wait=False)


class _Services(grpc.GenericRpcHandler):
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def service(self, handler_call_details: Any) -> Any:
        signal = _SIGNALS.get(handler_call_details.method)
        if signal is None:
            return None  # UNIMPLEMENTED
        try:
            check_token(self._desk.token, _authorization(handler_call_details.invocation_metadata))
        except StrangerError as error:
            # As a stream, of which no message is read: a stranger's 16 MB do not get in at all.
            refuse: Any = grpc.stream_unary_rpc_method_handler
            return refuse(partial(_turn_away, self._desk, error))
        make: Any = grpc.unary_unary_rpc_method_handler
        return make(partial(_export, self._desk, signal))


def _turn_away(desk: Desk, error: StrangerError, _requests: Any, context: Any) -> bytes:
    _abort(context, desk.refuse(error))
    return b""


def _export(desk: Desk, signal: Signal, body: bytes, context: Any) -> bytes:
    hold = desk.budget.hold()
    try:
        hold.grow(len(body))
        packed = Packed(signal, "protobuf", sniff(body), body)
        future = desk.take(packed, hold)
        try:
            taken = future.result(desk.limits.answer_s)
        except TimeoutError:
            raise SinkDownError("The records could not be stored in time.") from None
        desk.done(signal, taken, len(body))
        return success(signal, "protobuf", taken)
    except Exception as error:  # noqa: BLE001 - every error is an answer
        told = desk.refuse(error)
    _abort(context, told)
    return b""


def _authorization(metadata: Any) -> bytes | None:
    for name, value in metadata or ():
        if name == "authorization":
            return value if isinstance(value, bytes) else value.encode()
    return None


def _abort(context: Any, told: Refusal) -> None:
    # A sender looks for RetryInfo in here to tell "later" from "never".
    context.set_trailing_metadata((("grpc-status-details-bin", status(told, "protobuf")),))
    context.abort(_CODES[told.code], told.message)


def _options(limits: Limits) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", limits.body),
        # Else whoever opens connections and says nothing has all descriptors of the process.
        ("grpc.max_allowed_incoming_connections", limits.connections),
        ("grpc.server_handshake_timeout_ms", round(limits.head_s * 1000)),
        ("grpc.max_connection_idle_ms", round(limits.idle_s * 1000)),
        # Messages are unpacked by `unpack`, with the bound and in the processes that decode.
        ("grpc.per_message_decompression", 0),
        ("grpc.max_metadata_size", 16 << 10),
        ("grpc.max_concurrent_streams", 256),
        ("grpc.so_reuseport", 0),  # else a second receiver would quietly share the port
        ("grpc.keepalive_time_ms", 60_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ]


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _probe(host: str, port: int) -> None:
    """Say plainly what gRPC would write to stderr: that the port is taken."""
    if not port:
        return
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
