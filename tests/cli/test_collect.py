"""`jollyscope collect` as a process: what it says, what it survives, and how it ends."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import psutil
import pytest
import zstandard

from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import spool_dir
from tests.cli.conftest import Run
from tests.library.receive.serving import post, span_ids, spooled, traces
from tests.library.receive.test_grpc import NAMES
from tests.library.receive.test_under_load import Senders

COLLECT = [
    sys.executable,
    "-m",
    "jollyscope_cli",
    "collect",
    "--http-port",
    "0",
    "--grpc-port",
    "0",
]


class Collecting:
    """A running `collect --json`; stands in for a server where one is sent to."""

    def __init__(self, *args: str, **environ: str) -> None:
        self.process = subprocess.Popen(
            [*COLLECT, "--json", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **environ},
        )
        assert self.process.stdout is not None
        self.told: Any = json.loads(self.process.stdout.readline() or b"{}")
        assert self.told, self.process.communicate()[1].decode()
        self.http_port = int(self.told["http"].rpartition(":")[2])
        self.grpc_port = int(self.told["grpc"].rpartition(":")[2])

    def __call__(self, body: bytes, **headers: Any) -> int:
        return post(self, body, **headers).status  # type: ignore[arg-type]

    def counts(self) -> Any:
        found = json.loads(post(self, b"", "/", method="GET").body)  # type: ignore[arg-type]
        return SimpleNamespace(**found)

    def family(self) -> list[psutil.Process]:
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]

    def end(self, number: int = signal.SIGTERM) -> tuple[int, list[Any], str]:
        """Exit code, the JSON lines after the first, and stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        return (
            self.process.returncode,
            [json.loads(line) for line in out.splitlines()],
            err.decode(),
        )


Start = Callable[..., Collecting]


@pytest.fixture
def start() -> Iterator[Start]:
    made: list[Collecting] = []

    def begin(*args: str, **environ: str) -> Collecting:
        made.append(Collecting(*args, **environ))
        return made[-1]

    yield begin
    for collecting in made:
        if collecting.process.poll() is None:
            collecting.process.kill()
        collecting.process.communicate()


def until(true: Callable[[], Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def gone(processes: list[psutil.Process]) -> bool:
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)


def test_what_it_says(start: Start, home: Path):
    collecting = start()
    body = traces(3)
    assert collecting(body) == 200
    assert sorted(record.span_id for record in spooled(home)) == sorted(span_ids(body))
    family = collecting.family()
    code, events, err = collecting.end()
    assert code == 0
    assert events[-1]["event"] == "stopped"
    assert events[-1]["spans"] == 3
    assert {event["event"] for event in events} <= {"status", "stopped"}
    assert f"127.0.0.1:{collecting.http_port}" in err
    assert f"127.0.0.1:{collecting.grpc_port}" in err
    for protocol, name in (("http/protobuf", "http"), ("grpc", "grpc")):
        endpoint = collecting.told[name]
        assert (
            f"OTEL_EXPORTER_OTLP_ENDPOINT={endpoint} OTEL_EXPORTER_OTLP_PROTOCOL={protocol}" in err
        )
    assert "Received 3 spans" in err
    assert "Traceback" not in err
    until(lambda: gone(family))


def test_what_it_received_is_listed(start: Start, run: Run):
    assert start()(traces(3)) == 200
    rows = json.loads(run("ls", "spans", "--json").out)
    assert [row["name"] for row in rows] == ["chat 你好 🙂"] * 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_under_load_loses_nothing_that_was_acknowledged(
    start: Start, home: Path, number: int
):
    collecting = start()
    senders = Senders(collecting)  # type: ignore[arg-type]
    assert senders.enough.wait(60)
    code, _, err = collecting.end(number)
    senders.stop()
    assert code == 0
    assert "Traceback" not in err
    found = [record.span_id for record in loaded_and_spooled(home)]
    assert set(senders.acknowledged) <= set(found)
    assert len(found) == len(set(found))


def test_kill_9_loses_nothing_that_was_acknowledged(start: Start, home: Path):
    collecting = start()
    senders = Senders(collecting)  # type: ignore[arg-type]
    assert senders.enough.wait(60)
    family = collecting.family()
    collecting.end(signal.SIGKILL)
    senders.stop()
    until(lambda: gone(family))
    found = {record.span_id for record in loaded_and_spooled(home)}
    assert set(senders.acknowledged) <= found


def loaded_and_spooled(home: Path) -> list[Any]:
    """Every span of the store, by whichever way it went there."""
    store = LakeStore(home)
    with store.reader() as reader:
        return [
            SimpleNamespace(span_id=row[0])
            for row in reader.query("SELECT span_id FROM dwd_spans").rows
        ]


def test_a_second_ctrl_c_does_not_wait(start: Start):
    collecting = start()
    held = post_half(collecting)
    collecting.process.send_signal(signal.SIGINT)
    assert collecting.process.stderr is not None
    said = b""
    while b"Stopping" not in said and (line := collecting.process.stderr.readline()):
        said += line
    code, _, _ = collecting.end(signal.SIGINT)
    assert code == 130
    held.close()


def post_half(collecting: Collecting) -> Any:
    """A request that is under way for long."""
    import socket

    sock = socket.create_connection(("127.0.0.1", collecting.http_port))
    sock.sendall(
        b"POST /v1/traces HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-protobuf\r\n"
        b"content-length: 100\r\n\r\nabc"
    )
    until(lambda: collecting.counts().waiting == 3)
    return sock


def test_a_terminal_gets_one_line_that_changes(home: Path):
    ours, theirs = pty.openpty()
    process = subprocess.Popen(COLLECT, stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    said = bytearray()

    def read() -> None:
        try:
            while data := os.read(ours, 4096):
                said.extend(data)
        except OSError:  # the other side is closed
            return

    reading = threading.Thread(target=read)
    reading.start()
    until(lambda: b"Ctrl-C" in said)
    found = re.search(rb"HTTP on 127\.0\.0\.1:(\d+)", said)
    assert found
    target: Any = SimpleNamespace(http_port=int(found[1]))
    assert post(target, traces(7)).status == 200
    until(lambda: b"7 spans" in said)
    lines = said.count(b"\n")
    assert post(target, traces(5)).status == 200
    until(lambda: b"12 spans" in said)
    assert said.count(b"\n") == lines
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    reading.join()
    os.close(ours)
    text = said.decode()
    assert "\r\x1b[K" in text
    assert "Received 12 spans" in text
    assert "Traceback" not in text


def test_the_token_by_option_and_by_variable(start: Start):
    for collecting in (start("--token", "s3cret"), start(JOLLYSCOPE_COLLECT_TOKEN="s3cret")):
        assert collecting(traces(1)) == 401
        assert collecting(traces(1), authorization="Bearer s3cret") == 200
        _, _, err = collecting.end()
        assert "OTEL_EXPORTER_OTLP_HEADERS" in err
        assert "s3cret" not in err


def test_other_addresses_want_a_token(start: Start, program: Run):
    done = program(*COLLECT[3:], "--host", "0.0.0.0")
    assert done.code == 2
    assert "token" in done.err
    assert done.err.count("\n") == 2
    assert start("--host", "0.0.0.0", "--insecure")(traces(1)) == 200
    assert start("--host", "0.0.0.0", "--token", "t")(traces(1)) == 401


def test_a_port_in_use(start: Start, program: Run):
    collecting = start()
    for option, port in (
        ("--http-port", collecting.http_port),
        ("--grpc-port", collecting.grpc_port),
    ):
        done = program(*COLLECT[3:], option, str(port))
        assert done.code == 1
        assert f"Port {port} on 127.0.0.1 is in use" in done.err
        assert option in done.err
        assert done.err.count("\n") == 2, done.err
    assert collecting(traces(1)) == 200


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--http-port", "70000"], "collect.http_port"),
        (["--to", "nowhere"], "spool, kafka"),
        (["--host", "no such host", "--insecure"], "no address"),
        (["--store", "lake:///tmp"], "data directory"),
    ],
)
def test_misuse(program: Run, args: list[str], said: str):
    done = program(*COLLECT[3:], *args)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_broker_that_is_not_there(program: Run):
    done = program(*COLLECT[3:], "--to", "kafka", JOLLYSCOPE_KAFKA_BROKERS="127.0.0.1:1")
    assert done.code == 1
    assert "127.0.0.1:1" in done.err
    assert "Traceback" not in done.err


def test_a_data_directory_that_cannot_be_written(start: Start, home: Path):
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file")
    collecting = start()
    assert [collecting(traces(1)) for _ in range(3)] == [503] * 3
    home.unlink()
    assert collecting(traces(1)) == 200
    _, events, err = collecting.end()
    assert (events[-1]["down"], events[-1]["spans"]) == (3, 1)
    assert err.count("warning:") == 1  # said once, not for every request
    assert str(spool_dir(home)) in err


@pytest.mark.slow
def test_the_spool_is_loaded_in_the_background(start: Start, home: Path):
    collecting = start()
    body = traces(500, pad=4_000)
    for _ in range(5):  # 10 MB: more than a reader would leave, less than is loaded at once
        assert collecting(traces(500, pad=4_000)) == 200
    assert collecting(body) == 200
    store = LakeStore(home)
    until(lambda: store.manifest.exists() and store.info().waiting_bytes == 0, 60)
    assert store.info().spans == 3_000
    assert collecting.end()[0] == 0


@pytest.mark.slow
def test_bombs_take_no_memory(start: Start):
    """A gigabyte that packs to a megabyte or less, by every way in; all processes together."""
    collecting = start()
    assert collecting(traces(1)) == 200
    bomb = bytes(1 << 30)
    packed = {
        "gzip": gzip.compress(bomb, 1),
        "deflate": zlib.compress(bomb, 1),
        "zstd": zstandard.compress(bomb),
    }
    del bomb
    before = memory(collecting)
    peak = [before]
    end = threading.Event()

    def watch() -> None:
        while not end.wait(0.01):
            peak[0] = max(peak[0], memory(collecting))

    watching = threading.Thread(target=watch)
    watching.start()
    statuses = [
        collecting(body, content_encoding=name) for name, body in packed.items() for _ in range(3)
    ]
    with grpc.insecure_channel(f"127.0.0.1:{collecting.grpc_port}") as channel:
        call = channel.unary_unary(NAMES["traces"])
        # Packed by hand: what arrives is the same as where gRPC packs it.
        codes = [call.future(packed[name], timeout=60).code() for name in ("gzip", "deflate")]
    end.set()
    watching.join()
    assert set(statuses) == {413}
    assert set(codes) == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert peak[0] - before < 100 << 20  # the limit of 16 MB, a copy of it, in two workers
    assert collecting(traces(1)) == 200


def memory(collecting: Collecting) -> int:
    total = 0
    for process in collecting.family():
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
