"""OTLP over HTTP against a real receiver: every status, every encoding, connections that live on."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
import zstandard
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from jollyscope._version import __version__
from jollyscope.receive.otlp.server import OtlpServer
from jollyscope.receive.spool_sink import SpoolSink
from tests.library.receive.serving import (
    JSON,
    PROTOBUF,
    Start,
    Valve,
    logs,
    metrics,
    post,
    send,
    span_ids,
    spooled,
    traces,
)

SPAN_JSON = (
    b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",'
    b'"spanId":"b7ad6b7169203331","name":"a","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}'
)


def raw(server: OtlpServer, data: bytes, *, end: bool = False) -> bytes:
    """What comes back on a bare socket until the receiver closes it."""
    with socket.create_connection(("127.0.0.1", server.http_port), timeout=30) as sock:
        sock.sendall(data)
        if end:
            sock.shutdown(socket.SHUT_WR)
        answer = b""
        while more := sock.recv(65536):
            answer += more
        return answer


# -- what is taken -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/v1/traces", traces(3), "SpanRecord"),
        ("/v1/logs", logs(3), "EventRecord"),
        ("/v1/metrics", metrics(3), "MetricRecord"),
    ],
    ids=["traces", "logs", "metrics"],  # bodies are random, and no names
)
def test_every_signal(server: OtlpServer, home: Path, path: str, body: bytes, kind: str):
    answer = post(server, body, path)
    assert (answer.status, answer.body) == (200, b"")  # no partial success: the message is empty
    assert answer.headers["content-type"] == PROTOBUF
    assert [type(record).__name__ for record in spooled(home)] == [kind] * 3
    counts = server.stats
    assert counts.spans + counts.logs + counts.metrics == 3
    assert (counts.requests, counts.bytes, counts.waiting) == (1, len(body), 0)


@pytest.mark.parametrize("media", [JSON, "application/json; charset=utf-8", "Application/JSON"])
def test_json(server: OtlpServer, home: Path, media: str):
    answer = post(server, SPAN_JSON, content_type=media)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, b"{}", JSON)
    assert [record.name for record in spooled(home)] == ["a"]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("identity", bytes),
        ("", bytes),
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("zstd", zstandard.compress),
    ],
)
def test_every_encoding(server: OtlpServer, home: Path, encoding: str, pack):
    body = traces(50)
    assert post(server, pack(body), content_encoding=encoding).status == 200
    packed = pack(SPAN_JSON)
    assert post(server, packed, content_encoding=encoding, content_type=JSON).status == 200
    assert [record.span_id for record in spooled(home)][:50] == span_ids(body)


def test_chunked(server: OtlpServer, home: Path):
    body = traces(500)
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=30)
    pieces = (body[at : at + 1000] for at in range(0, len(body), 1000))
    connection.request(
        "POST", "/v1/traces", pieces, {"content-type": PROTOBUF}, encode_chunked=True
    )
    assert connection.getresponse().status == 200
    assert len(spooled(home)) == 500


def test_nothing_in_it(server: OtlpServer, home: Path):
    assert post(server, b"").status == 200
    assert post(server, b"{}", content_type=JSON).body == b"{}"
    assert spooled(home) == []


def bad_ids() -> bytes:
    request = ExportTraceServiceRequest.FromString(traces(3))
    request.resource_spans[0].scope_spans[0].spans[1].span_id = b"short"
    return request.SerializeToString()


def test_partial_success(server: OtlpServer, home: Path):
    answer = post(server, bad_ids())
    assert answer.status == 200
    partial = ExportTraceServiceResponse.FromString(answer.body).partial_success
    assert partial.rejected_spans == 1
    assert partial.error_message
    assert len(spooled(home)) == 2
    assert server.stats.rejected == 1
    body = SPAN_JSON.replace(b"b7ad6b7169203331", b"00")
    told = json.loads(post(server, body, content_type=JSON).body)["partialSuccess"]
    assert told["rejectedSpans"] == "1"  # 64-bit integers are text in OTLP/JSON
    assert told["errorMessage"]


def test_a_connection_lives_on(server: OtlpServer, home: Path):
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=30)
    connection.connect()
    port = connection.sock.getsockname()[1]
    for number in range(30):
        good = number % 3
        answer = send(connection, traces(1) if good else b"\xff\xff")
        assert answer.status == (200 if good else 400)
        assert connection.sock is not None, "the receiver closed it"
        assert connection.sock.getsockname()[1] == port
    assert len(spooled(home)) == 20


def test_pipelined_requests_are_answered_in_order(server: OtlpServer, home: Path):
    requests = b""
    for body in (traces(1), b"\xff", traces(2)):
        requests += (
            b"POST /v1/traces HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-protobuf\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(body), body)
        )
    requests += b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
    answers = raw(server, requests).split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"200", b"400", b"200", b"200"]
    assert len(spooled(home)) == 3


# -- what is refused ---------------------------------------------------------------------------


def told(answer, form: str = PROTOBUF) -> Status:
    """The error's body, which is a `Status` in the request's form."""
    assert answer.headers["content-type"] == form
    if form == PROTOBUF:
        return Status.FromString(answer.body)
    found = json.loads(answer.body)
    return Status(code=found["code"], message=found["message"])


@pytest.mark.parametrize("form", [PROTOBUF, JSON])
@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs", "/v1/metrics"])
def test_400_malformed(server: OtlpServer, form: str, path: str):
    answer = post(server, b'{"\xff', path, content_type=form)
    assert answer.status == 400
    status = told(answer, form)
    assert status.code == 3  # INVALID_ARGUMENT
    assert status.message
    assert server.stats.refused == 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_400_not_packed_so(server: OtlpServer, encoding: str):
    answer = post(server, traces(3), content_encoding=encoding)
    assert (answer.status, told(answer).code) == (400, 3)


def test_401(start: Start, home: Path):
    server = start(token="s3crét")
    for header in ("", "Bearer", "Bearer wrong", "Basic czNjcmV0", "s3crét", "Bearer s3cré"):
        given = {"authorization": header.encode()} if header else {}
        answer = post(server, traces(1), **given)  # type: ignore[arg-type]
        assert (answer.status, told(answer).code) == (401, 16), header
        assert answer.headers["www-authenticate"] == "Bearer"
    good = "Bearer s3crét".encode()
    assert post(server, traces(1), authorization=good).status == 200  # type: ignore[arg-type]
    assert len(spooled(home)) == 1


def test_404_and_405(server: OtlpServer):
    answer = post(server, traces(1), "/v1/profiles")
    assert (answer.status, told(answer).code) == (404, 5)
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        answer = post(server, b"", method=method)
        assert (answer.status, told(answer).code) == (405, 12)
        assert answer.headers["allow"] == "POST"


def test_413_packed_or_not(start: Start, home: Path):
    server = start(limits={"body": 10_000})
    fits = traces(1, pad=9_000)
    assert post(server, fits).status == 200
    large = traces(1, pad=30_000)
    chunked: Any = iter([large])  # of a length that is not told before
    for body in (large, chunked):
        answer = post(server, body)
        assert (answer.status, told(answer).code) == (413, 8)
    for encoding, pack in (
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("zstd", zstandard.compress),
    ):
        answer = post(server, pack(traces(1, pad=30_000)), content_encoding=encoding)
        assert (answer.status, told(answer).code) == (413, 8), encoding
        assert post(server, pack(fits), content_encoding=encoding).status == 200
    assert len(spooled(home)) == 4
    assert server.stats.waiting == 0


def test_413_before_the_sender_sends_it_all(start: Start):
    """`Expect: 100-continue` is there for this."""
    server = start(limits={"body": 10_000})
    head = (
        b"POST /v1/traces HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n"
        b"content-type: application/x-protobuf\r\ncontent-length: 50000\r\n\r\n"
    )
    answer = raw(server, head)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/plain"},
        {"content_type": ""},
        {"content_encoding": "br"},
        {"content_encoding": "gzip, gzip"},
    ],
)
def test_415(server: OtlpServer, headers: dict[str, str]):
    answer = post(server, traces(1), **headers)
    assert answer.status == 415
    assert told(answer, JSON if "content_type" in headers else PROTOBUF).code == 3
    assert "gzip" in answer.headers["accept-encoding"]


def test_429_while_too_much_waits(start: Start, home: Path):
    with SpoolSink(home) as sink:
        valve = Valve(sink)
        server = start(valve, limits={"queue": 50_000})
        first = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=30)
        first.request("POST", "/v1/traces", traces(1, pad=40_000), {"content-type": PROTOBUF})
        assert valve.held.acquire(timeout=10)
        for form in (PROTOBUF, JSON):
            answer = post(server, b" " * 20_000, content_type=form)
            assert answer.status == 429
            assert int(answer.headers["retry-after"]) >= 1
            assert told(answer, form).code == 8  # RESOURCE_EXHAUSTED
        details = told(post(server, traces(1, pad=20_000))).details
        retry = RetryInfo()
        assert details[0].Unpack(retry)
        assert retry.retry_delay.seconds >= 1
        assert server.stats.overloaded == 3
        assert server.stats.waiting > 40_000
        valve.open()
        assert first.getresponse().status == 200
        assert post(server, traces(1, pad=20_000)).status == 200
        assert server.stats.waiting == 0
    assert len(spooled(home)) == 2


def test_429_while_too_many_requests_are_in_work(start: Start, home: Path):
    with SpoolSink(home) as sink:
        valve = Valve(sink)
        server = start(valve, limits={"requests": 2})
        open_ones = [
            http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=30) for _ in range(2)
        ]
        for connection in open_ones:
            connection.request("POST", "/v1/traces", traces(1), {"content-type": PROTOBUF})
            assert valve.held.acquire(timeout=10)
        assert post(server, traces(1)).status == 429
        valve.open()
        assert [connection.getresponse().status for connection in open_ones] == [200, 200]
    assert len(spooled(home)) == 2


def test_503_while_the_sink_is_down_and_well_again(start: Start, home: Path):
    home.write_text("a file where the directory should be")
    server = start()
    for form, body in ((PROTOBUF, traces(1)), (JSON, SPAN_JSON)):
        answer = post(server, body, content_type=form)
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) >= 1
        assert told(answer, form).code == 14  # UNAVAILABLE
    assert server.stats.down == 2
    home.unlink()
    assert post(server, traces(1)).status == 200
    assert len(spooled(home)) == 1


def test_503_when_it_takes_too_long(start: Start, home: Path):
    with SpoolSink(home) as sink:
        valve = Valve(sink)
        server = start(valve, limits={"answer_s": 0.2})
        assert post(server, traces(1)).status == 503
        assert server.stats.waiting > 0  # it may still become durable, and counts until then
        valve.open()
        assert server.stats.waiting == 0


def test_500_is_told_to_the_owner(start: Start):
    class Broken:
        def submit(self, records):
            raise RuntimeError("a bug")

        def close(self, timeout=10.0): ...

    heard: list[BaseException] = []
    server = start(Broken(), on_trouble=heard.append)
    answer = post(server, traces(1))
    assert (answer.status, told(answer).code) == (500, 13)
    assert "bug" not in told(answer).message  # of no use to the sender
    assert [str(error) for error in heard] == ["a bug"]
    assert server.stats.failed == 1


# -- slow, many and broken connections ---------------------------------------------------------


def test_a_head_that_does_not_come_is_not_waited_for(start: Start):
    server = start(limits={"head_s": 0.2})
    began = time.monotonic()
    for said in (b"", b"POST /v1/traces HTTP/1.1\r\nhost: a\r\nx-slow: "):
        assert raw(server, said).startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 10


def test_a_body_that_does_not_come_is_not_waited_for(start: Start):
    server = start(limits={"body_s": 0.2})
    answer = raw(
        server,
        b"POST /v1/traces HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-protobuf\r\n"
        b"content-length: 100\r\n\r\nabc",
    )
    assert answer.startswith(b"HTTP/1.1 408")
    assert Status.FromString(answer.partition(b"\r\n\r\n")[2]).code == 4
    assert server.stats.waiting == 0


def test_an_idle_connection_is_closed(start: Start):
    server = start(limits={"idle_s": 1})
    began = time.monotonic()
    assert raw(server, b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert 0.5 < time.monotonic() - began < 10


def test_headers_without_end(start: Start):
    server = start(limits={"head": 10_000})
    line = b"x-filler: " + b"y" * 500 + b"\r\n"
    answer = raw(server, b"GET / HTTP/1.1\r\nhost: a\r\n" + line * 60)
    assert answer.startswith(b"HTTP/1.1 431")
    one = raw(server, b"GET / HTTP/1.1\r\nhost: a\r\nx-filler: " + b"y" * 30_000)
    assert one.startswith(b"HTTP/1.1 431")


def test_too_many_connections(start: Start):
    server = start(limits={"connections": 3})
    held = [socket.create_connection(("127.0.0.1", server.http_port)) for _ in range(3)]
    for sock in held:  # so that each is surely taken
        sock.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        assert sock.recv(100).startswith(b"HTTP/1.1 200")
    answer = raw(server, b"")
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 1" in answer
    for sock in held:
        sock.close()
    deadline = time.monotonic() + 10
    while post(server, b"").status != 200:
        assert time.monotonic() < deadline


def test_a_sender_that_goes_away_in_the_middle(server: OtlpServer, home: Path):
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.http_port)) as sock:
            sock.sendall(
                b"POST /v1/traces HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-protobuf\r\n"
                b"content-length: 100000\r\n\r\n" + b"x" * 50_000
            )
    assert post(server, traces(1)).status == 200
    deadline = time.monotonic() + 10
    while server.stats.waiting:
        assert time.monotonic() < deadline
    assert len(spooled(home)) == 1


def test_what_is_not_http(server: OtlpServer):
    for said in (
        b"\x16\x03\x01\x02\x00",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\r\n \r\n\x00\x00",
    ):
        answer = raw(server, said, end=True)
        assert not answer or answer.startswith(b"HTTP/1.1 4"), answer
    assert post(server, b"").status == 200


# -- pages and people --------------------------------------------------------------------------

LOCAL = ["http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:5173", "https://localhost"]
FOREIGN = [
    "http://evil.example",
    "http://localhost.evil.example",
    "http://127.0.0.1.evil.example:80",
    "http://evil.example:4318",
    "null",
    "file://",
    "http://localhost:3000@evil.example",
]


@pytest.mark.parametrize("origin", LOCAL)
def test_pages_of_this_machine_may_send(server: OtlpServer, origin: str):
    asked = post(
        server,
        b"",
        method="OPTIONS",
        origin=origin,
        access_control_request_method="POST",
        access_control_request_headers="content-type,content-encoding,x-mine",
    )
    assert asked.status == 200
    assert asked.headers["access-control-allow-origin"] == origin
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert "x-mine" in asked.headers["access-control-allow-headers"]
    for body, status in ((SPAN_JSON, 200), (b"{", 400)):
        answer = post(server, body, origin=origin, content_type=JSON)
        assert answer.status == status
        assert answer.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize("origin", FOREIGN)
def test_other_pages_may_not(server: OtlpServer, home: Path, origin: str):
    """Nor where their name was made to lead here: the browser names the page."""
    for method in ("OPTIONS", "POST", "GET"):
        answer = post(
            server,
            SPAN_JSON,
            method=method,
            origin=origin,
            content_type=JSON,
            access_control_request_method="POST",
        )
        assert answer.status == 403
        assert "access-control-allow-origin" not in answer.headers
    assert spooled(home) == []


def test_somebody_with_curl(server: OtlpServer):
    post(server, traces(2))
    for path in ("/", "/healthz"):
        found = json.loads(post(server, b"", path, method="GET").body)
        assert found["service"] == "jollyscope"
        assert found["version"] == __version__
        assert found["spans"] == 2


def test_what_was_sent_is_read_by_the_protocols_own_classes(server: OtlpServer):
    assert ExportLogsServiceResponse.FromString(post(server, logs(1), "/v1/logs").body) == (
        ExportLogsServiceResponse()
    )
