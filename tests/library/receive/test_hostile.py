"""Anything at all as a request: an answer every time, never a crash, a hang or a traceback."""

from __future__ import annotations

import gzip
import http.client
import socket
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jollyscope.config import CollectConfig
from jollyscope.receive.otlp.limits import Limits
from jollyscope.receive.otlp.server import OtlpServer
from jollyscope.receive.spool_sink import SpoolSink
from tests.library.receive.serving import JSON, PROTOBUF, logs, metrics, post, send, spooled, traces
from tests.library.receive.test_grpc import NAMES

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
SEEDS = (traces(3), logs(3), metrics(3), b'{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}')
PACK = {"": bytes, "gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstandard.compress}
ANSWERS = {200, 400, 401, 403, 404, 405, 408, 413, 415, 429, 431}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OtlpServer, Path]]:
    """One receiver for all examples; it fails on no request, and is well at the end."""
    home = tmp_path_factory.mktemp("hostile") / "data"
    troubles: list[BaseException] = []
    with SpoolSink(home) as sink:
        server = OtlpServer(
            sink,
            CollectConfig(http_port=0, grpc_port=0),
            limits=Limits(body=1 << 20, head_s=5, body_s=5),
            on_trouble=troubles.append,
        )
        with server:
            yield server, home
            assert troubles == []
            assert server.stats.failed == 0
            assert server.stats.waiting == 0
            before = len(spooled(home))
            assert post(server, traces(1)).status == 200
            assert len(spooled(home)) == before + 1


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Rubbish, or a message with bytes changed, taken out, doubled or cut."""
    if draw(st.booleans()):
        return draw(st.binary(max_size=300))
    body = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(body)))
        what = draw(st.integers(0, 3))
        if what == 0 and at < len(body):
            body[at] = draw(st.integers(0, 255))
        elif what == 1:
            body[at:at] = draw(st.binary(max_size=20))
        elif what == 2:
            del body[at : at + draw(st.integers(0, 20))]
        else:
            body[at:at] = body[: draw(st.integers(0, len(body)))]
    return bytes(body[: draw(st.integers(0, len(body)))] if draw(st.booleans()) else body)


@FUZZ
@given(
    body=bodies(),
    path=st.sampled_from(["/v1/traces", "/v1/logs", "/v1/metrics"]),
    media=st.sampled_from([PROTOBUF, JSON, "", "text/plain"]),
    packed=st.sampled_from(list(PACK)),
    named=st.sampled_from([*PACK, "br", "\xff"]),
)
def test_bodies_over_http(
    running: Any, body: bytes, path: str, media: str, packed: str, named: str
):
    answer = post(running[0], PACK[packed](body), path, content_type=media, content_encoding=named)
    assert answer.status in ANSWERS


header_names = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=12)
header_values = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=30)
known = st.sampled_from(
    ["content-length", "content-type", "content-encoding", "authorization", "origin", "host",
     "expect", "transfer-encoding", "connection", "upgrade", "range", "accept"]
)  # fmt: skip


@FUZZ
@given(
    method=st.sampled_from(["POST", "GET", "OPTIONS", "HEAD", "PUT", "TRACE", "CONNECT", "FOO"]),
    path=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20).map("/".__add__)
    | st.sampled_from(["/v1/traces", "/v1/traces/", "/v1/traces?x=%ff", "//v1/traces", "*"]),
    headers=st.lists(st.tuples(header_names | known, header_values), max_size=6),
    body=st.binary(max_size=50),
)
def test_heads_over_http(
    running: Any, method: str, path: str, headers: list[tuple[str, str]], body: bytes
):
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    said = f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1", "replace") + body
    check_raw(running[0], said)


@FUZZ
@given(said=st.binary(max_size=400))
def test_anything_on_the_http_port(running: Any, said: bytes):
    check_raw(running[0], said)


def check_raw(server: OtlpServer, said: bytes) -> None:
    """The receiver answers, or closes; it does not leave the sender waiting."""
    with socket.create_connection(("127.0.0.1", server.http_port), timeout=20) as sock:
        sock.sendall(said)
        sock.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while more := sock.recv(65536):
                answer += more
        except ConnectionResetError:
            return
    assert not answer or answer.startswith(b"HTTP/1.1 ")
    assert not answer.startswith(b"HTTP/1.1 5"), answer


@pytest.fixture(scope="module")
def calls(running: tuple[OtlpServer, Path]) -> Iterator[dict[str, Any]]:
    with grpc.insecure_channel(f"127.0.0.1:{running[0].grpc_port}") as channel:
        yield {signal: channel.unary_unary(name) for signal, name in NAMES.items()}


@FUZZ
@given(
    body=bodies(),
    signal=st.sampled_from(list(NAMES)),
    packed=st.sampled_from(["", "gzip", "deflate"]),
    compression=st.sampled_from(list(grpc.Compression)),
)
def test_bodies_over_grpc(
    calls: Any, body: bytes, signal: str, packed: str, compression: grpc.Compression
):
    call = calls[signal].future(PACK[packed](body), timeout=20, compression=compression)
    assert call.code() in {grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT}, call.details()


@FUZZ
@given(
    said=st.binary(max_size=300)
    | st.binary(max_size=200).map(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".__add__)
)
def test_anything_on_the_grpc_port(running: Any, calls: Any, said: bytes):
    with socket.create_connection(("127.0.0.1", running[0].grpc_port), timeout=20) as sock:
        sock.sendall(said)
    assert calls["traces"](b"", timeout=20) == b""


NASTY = {
    "a million levels of JSON": (JSON, b'{"resourceSpans":' + b"[" * 1_000_000),
    "closed levels of JSON": (JSON, b"[" * 400_000 + b"]" * 400_000),
    "levels in protobuf": (PROTOBUF, b"\x0a\x80\x80\x40" * 200_000),
    "groups in protobuf": (PROTOBUF, b"\x0b" * 1_000_000),
    "many empty spans": (PROTOBUF, b"\x0a\xa0\x9c\x01\x12\x9c\x9c\x01" + b"\x12\x00" * 9_998),
    "a length beyond the end": (PROTOBUF, b"\x0a\xff\xff\xff\xff\x07"),
    "not UTF-8": (JSON, b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"\xff\xfe"}]}]}]}'),
    "half a surrogate": (
        JSON,
        b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"0af7651916cd43dd8448eb211c80319c",'
        b'"spanId":"b7ad6b7169203331","name":"\\ud800","startTimeUnixNano":"1"}]}]}]}',
    ),
    "a number of a million digits": (JSON, b'{"resourceSpans":' + b"9" * 1_000_000 + b"}"),
}


@pytest.mark.parametrize("what", NASTY)
def test_nasty_bodies(running: Any, what: str):
    media, body = NASTY[what]
    assert post(running[0], body, content_type=media).status in {200, 400, 413}


def test_the_next_request_of_a_connection_is_served(running: Any):
    """Whatever came before it."""
    connection = http.client.HTTPConnection("127.0.0.1", running[0].http_port, timeout=30)
    for media, body in NASTY.values():
        send(connection, body, content_type=media)
        assert send(connection, traces(1)).status == 200


def test_nothing_is_written_to_stderr(running: Any, capfd: pytest.CaptureFixture[str]):
    for media, body in NASTY.values():
        post(running[0], body, content_type=media)
    check_raw(running[0], b"\x00\xff\r\n\r\n")
    assert capfd.readouterr() == ("", "")
