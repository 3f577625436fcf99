"""Strangers, crowds, slow talkers and bombs at a receiver: bounded, and others are served meanwhile."""

from __future__ import annotations

import gzip
import select
import shutil
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
import zstandard

from jollyscope.config import CollectConfig
from jollyscope.receive.otlp.limits import Limits
from jollyscope.receive.otlp.server import OtlpServer
from jollyscope.receive.spool_sink import SpoolSink
from tests.library.receive.serving import post, spooled, traces
from tests.library.receive.test_grpc import NAMES

TOKEN = "a-token-of-this-test"
WAIT = 60
"""Seconds at most for what comes at once, on a machine with other things to do."""


@contextmanager
def receiving(home: Path, token: str | None = None, **limits: Any) -> Iterator[OtlpServer]:
    config = CollectConfig(http_port=0, grpc_port=0, token=token)
    with SpoolSink(home) as sink, OtlpServer(sink, config, limits=Limits(**limits)) as server:
        yield server


def over_grpc(server: OtlpServer, body: bytes, *said: tuple[str, str]) -> grpc.StatusCode:
    with grpc.insecure_channel(
        f"127.0.0.1:{server.grpc_port}", options=[("grpc.enable_retries", 0)]
    ) as channel:
        call = channel.unary_unary(NAMES["traces"]).future(body, metadata=said, timeout=WAIT)
        return call.code()


def crowd(port: int, number: int, hold: ExitStack) -> list[socket.socket]:
    """Connections that say nothing."""
    found = [socket.create_connection(("127.0.0.1", port), timeout=WAIT) for _ in range(number)]
    for one in found:
        hold.callback(one.close)
    return found


def closed(one: socket.socket) -> bool:
    """Whether the other end hangs up, in time."""
    one.settimeout(WAIT)
    try:
        while one.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


def test_a_stranger_is_refused_before_anything_of_his_is_read(home: Path):
    with receiving(home, TOKEN) as server:
        for said in (
            "",
            "Bearer",
            "Bearer wrong",
            TOKEN,
            f"Basic {TOKEN}",
            f"Bearer {TOKEN}x",
            "Bearer \xff",
        ):
            assert post(server, traces(), authorization=said).status == 401
            if said.isascii():
                assert (
                    over_grpc(server, traces(), ("authorization", said)).name == "UNAUTHENTICATED"
                )
        big = traces(1, pad=8 << 20)
        assert over_grpc(server, big).name == "UNAUTHENTICATED"
        assert post(server, big).status == 401
        assert spooled(home) == []
        assert server.stats.bytes == 0
        bearer = ("authorization", f"bearer {TOKEN}")
        assert over_grpc(server, traces(), bearer) == grpc.StatusCode.OK
        assert post(server, traces(), authorization=bearer[1]).status == 200
        assert len(spooled(home)) == 2


def test_tokens_are_compared_in_constant_time():
    """Not by `==`, which ends at the first letter that differs."""
    from jollyscope.receive.otlp import gate

    text = Path(gate.__file__).read_text("utf-8")
    assert "hmac.compare_digest(said[1], token.encode())" in text
    assert "== token" not in text


def test_a_crowd_over_http_keeps_nobody_else_out(home: Path):
    """Beyond the bound they are turned away at once; those within are not waited for."""
    with receiving(home, connections=20, head_s=0.2) as server, ExitStack() as hold:
        for _ in range(3):
            said = crowd(server.http_port, 40, hold)
            assert all(map(closed, said))
            assert post(server, traces()).status == 200
        assert len(spooled(home)) == 3


def test_a_crowd_over_grpc_is_bounded_and_who_was_there_before_is_served(home: Path):
    with (
        receiving(home, connections=8, head_s=1.0) as server,
        grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel,
        ExitStack() as hold,
    ):
        export = channel.unary_unary(NAMES["traces"])
        export(traces(), timeout=WAIT)
        before = psutil.Process().num_fds()
        said = crowd(server.grpc_port, 100, hold)
        export(traces(), timeout=WAIT)
        assert sum(map(closed, said)) == 100
        export(traces(), timeout=WAIT)
        for one in said:
            one.close()
        assert psutil.Process().num_fds() <= before + 8
        assert over_grpc(server, traces()) == grpc.StatusCode.OK
        assert len(spooled(home)) == 4


def test_who_speaks_a_letter_at_a_time_is_not_listened_to_for_ever(home: Path):
    with receiving(home, head_s=0.3, body_s=0.3) as server:
        heads = [
            b"POST /v1/traces HTTP/1.1\r\nhost: x\r\n" + b"a: b\r\n" * 500,
            b"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"content-length: 100000\r\n\r\n" + b" " * 3000,
            b"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            b"transfer-encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 3000,
        ]
        for text in heads:
            with socket.create_connection(("127.0.0.1", server.http_port), timeout=WAIT) as one:
                assert letter_by_letter(one, text).startswith(b"HTTP/1.1 408 ")
        assert post(server, traces()).status == 200


def letter_by_letter(one: socket.socket, text: bytes) -> bytes:
    """What is answered to a text of which a letter goes every hundredth of a second."""
    answer = b""
    for at in range(len(text)):
        readable, _, _ = select.select([one], [], [], 0.01)
        if readable:
            more = one.recv(65536)
            if not more:
                break
            answer += more
        else:
            one.sendall(text[at : at + 1])
    return answer


BOMBS = {
    "gzip": gzip.compress(bytes(256 << 20), 1),
    "deflate": zlib.compress(bytes(256 << 20), 1),
    "zstd": zstandard.compress(bytes(256 << 20)),
    "gzip of gzip": gzip.compress(gzip.compress(bytes(64 << 20))),
    "gzip members": gzip.compress(bytes(1 << 20)) * 64,
}


def test_bombs_take_the_limit_and_no_more(home: Path):
    with receiving(home, body=4 << 20, queue=16 << 20) as server:
        process = psutil.Process()
        post(server, traces())
        before = process.memory_info().rss
        for _ in range(3):
            for name, body in BOMBS.items():
                answer = post(server, body, content_encoding=name.split()[0])
                assert answer.status == (400 if name == "gzip of gzip" else 413), name
                if not name.startswith("zstd"):
                    assert over_grpc(server, body).name in (
                        "RESOURCE_EXHAUSTED",
                        "INVALID_ARGUMENT",
                    )
        assert process.memory_info().rss - before < 64 << 20
        assert server.stats.waiting == 0
        assert post(server, traces()).status == 200


IN_A_NETWORK = """
import socket, sys
from pathlib import Path
from jollyscope.config import CollectConfig
from jollyscope.errors import UsageError
from jollyscope.receive.otlp.server import OtlpServer
from jollyscope.receive.spool_sink import SpoolSink
from tests.library.receive.serving import post, traces
import http.client, grpc
from tests.library.receive.test_grpc import NAMES

home, ours = Path(sys.argv[1]), "10.9.8.7"
body = traces()
with SpoolSink(home) as sink:
    try:
        OtlpServer(sink, CollectConfig(host=ours, http_port=0, grpc_port=0)).start()
        print("open to all")
    except UsageError as error:
        print("refused:", error.message)
    inside = OtlpServer(sink, CollectConfig(http_port=0, grpc_port=0)).start()
    for port in (inside.http_port, inside.grpc_port):
        try:
            socket.create_connection((ours, port), timeout=10)
            print("reached from the network")
        except ConnectionRefusedError:
            print("not reached")
    inside.stop()
    config = CollectConfig(host=ours, http_port=0, grpc_port=0, token="t0ken")
    with OtlpServer(sink, config) as server:
        for token in ("wrong", "t0ken"):
            bearer = f"Bearer {token}"
            link = http.client.HTTPConnection(ours, server.http_port, timeout=60)
            link.request("POST", "/v1/traces", body, {
                "content-type": "application/x-protobuf", "authorization": bearer})
            print(token, link.getresponse().status)
            with grpc.insecure_channel(f"{ours}:{server.grpc_port}") as channel:
                call = channel.unary_unary(NAMES["traces"]).future(
                    body, metadata=[("authorization", bearer)], timeout=60)
                print(token, call.code().name)
"""


def test_on_an_address_of_a_network(home: Path):
    """A network of its own with an address that is not the loopback's."""
    tools = all(map(shutil.which, ("unshare", "ip")))
    if not tools or subprocess.run(["unshare", "--net", "true"], check=False).returncode:
        pytest.skip("only root can make a network to be on, with `unshare` and `ip`")
    script = 'ip link set lo up && ip addr add 10.9.8.7/24 dev lo && exec "$@"'
    started = ["unshare", "--net", "sh", "-c", script, "sh", sys.executable, "-c", IN_A_NETWORK]
    done = subprocess.run(
        [*started, str(home)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.splitlines() == [
        "refused: On 10.9.8.7 anybody who can reach this machine could send.",
        "not reached", "not reached",
        "wrong 401", "wrong UNAUTHENTICATED", "t0ken 200", "t0ken OK",
    ], done.stderr[-2000:]  # fmt: skip
