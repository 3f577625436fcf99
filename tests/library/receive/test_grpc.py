"""OTLP over gRPC against a real receiver, with raw calls that can send anything."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from jollyscope.receive.otlp.server import OtlpServer
from jollyscope.receive.spool_sink import SpoolSink
from tests.library.receive.serving import Start, Valve, logs, metrics, span_ids, spooled, traces
from tests.library.receive.test_http import bad_ids

NAMES = {
    "traces": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    "logs": "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
    "metrics": "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
}
_channels: list[grpc.Channel] = []


@pytest.fixture(autouse=True)
def _close_channels() -> Iterator[None]:
    yield
    while _channels:
        _channels.pop().close()


def call(server: OtlpServer, body: bytes, signal: str = "traces", **more: Any) -> bytes:
    return calling(server, signal)(body, timeout=30, **more)


def calling(server: OtlpServer, signal: str = "traces") -> Any:
    channel = grpc.insecure_channel(
        f"127.0.0.1:{server.grpc_port}", options=[("grpc.max_send_message_length", -1)]
    )
    _channels.append(channel)
    return channel.unary_unary(NAMES.get(signal, signal))


def refused(server: OtlpServer, body: bytes, **more: Any) -> tuple[grpc.StatusCode, Status]:
    with pytest.raises(grpc.RpcError) as caught:
        call(server, body, **more)
    error: Any = caught.value
    details = dict(error.trailing_metadata()).get("grpc-status-details-bin", b"")
    status = Status.FromString(details)
    if details:
        assert (status.code, status.message) == (error.code().value[0], error.details())
    return error.code(), status


def retry_s(status: Status) -> float:
    found = RetryInfo()
    assert status.details[0].Unpack(found)
    return found.retry_delay.seconds + found.retry_delay.nanos / 1e9


@pytest.mark.parametrize(
    ("signal", "body", "kind"),
    [
        ("traces", traces(3), "SpanRecord"),
        ("logs", logs(3), "EventRecord"),
        ("metrics", metrics(3), "MetricRecord"),
    ],
    ids=["traces", "logs", "metrics"],  # bodies are random, and no names
)
def test_every_signal(server: OtlpServer, home: Path, signal: str, body: bytes, kind: str):
    assert call(server, body, signal) == b""
    assert [type(record).__name__ for record in spooled(home)] == [kind] * 3


@pytest.mark.parametrize(
    "packed",
    [grpc.Compression.NoCompression, grpc.Compression.Gzip, grpc.Compression.Deflate],
)
def test_every_encoding(server: OtlpServer, home: Path, packed: grpc.Compression):
    body = traces(200)
    assert call(server, body, compression=packed) == b""
    assert [record.span_id for record in spooled(home)] == span_ids(body)


def test_partial_success(server: OtlpServer, home: Path):
    partial = ExportTraceServiceResponse.FromString(call(server, bad_ids())).partial_success
    assert partial.rejected_spans == 1
    assert partial.error_message
    assert len(spooled(home)) == 2


def test_malformed(server: OtlpServer):
    for body in (b"\xff\xff", b"\x1f\x8b rubbish", gzip.compress(b"\xff")[:-3]):
        code, status = refused(server, body)
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert not status.details  # not to be sent again


def test_the_token(start: Start, home: Path):
    server = start(token="s3cret")
    for said in ((), (("authorization", "Bearer wrong"),), (("authorization", "s3cret"),)):
        code, _ = refused(server, traces(1), metadata=said)
        assert code is grpc.StatusCode.UNAUTHENTICATED
    call(server, traces(1), metadata=(("authorization", "Bearer s3cret"),))
    assert len(spooled(home)) == 1


def test_too_large(start: Start, home: Path):
    server = start(limits={"body": 10_000})
    call(server, traces(1, pad=9_000))
    for packed in (grpc.Compression.NoCompression, grpc.Compression.Gzip, grpc.Compression.Deflate):
        code, status = refused(server, traces(1, pad=30_000), compression=packed)
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert not status.details  # without RetryInfo: not to be sent again
    assert len(spooled(home)) == 1


@pytest.mark.parametrize("packed", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_a_bomb(start: Start, packed: grpc.Compression):
    """How much memory it takes is measured on a whole `jollyscope collect`."""
    server = start(limits={"body": 4 << 20})
    code, status = refused(server, bytes(256 << 20), compression=packed)
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert not status.details


def test_overloaded(start: Start, home: Path):
    with SpoolSink(home) as sink:
        valve = Valve(sink)
        server = start(valve, limits={"queue": 50_000})
        first = calling(server).future(traces(1, pad=40_000), timeout=30)
        assert valve.held.acquire(timeout=10)
        code, status = refused(server, traces(1, pad=20_000))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert retry_s(status) > 0
        assert server.stats.overloaded == 1
        valve.open()
        assert first.result(30) == b""
        call(server, traces(1, pad=20_000))
        assert server.stats.waiting == 0
    assert len(spooled(home)) == 2


def test_the_sink_is_down_and_well_again(start: Start, home: Path):
    home.write_text("a file where the directory should be")
    server = start()
    code, status = refused(server, traces(1))
    assert code is grpc.StatusCode.UNAVAILABLE
    assert retry_s(status) > 0
    home.unlink()
    assert call(server, traces(1)) == b""
    assert len(spooled(home)) == 1


def test_other_methods(server: OtlpServer):
    with pytest.raises(grpc.RpcError) as caught:
        call(server, b"", "/opentelemetry.proto.collector.trace.v1.TraceService/Import")
    error: Any = caught.value
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED


def test_both_protocols_share_one_account(server: OtlpServer):
    from tests.library.receive.serving import post

    call(server, traces(2))
    post(server, traces(3))
    assert server.stats.spans == 5
    assert server.stats.requests == 2
