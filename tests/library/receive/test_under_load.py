"""Many senders at once: what was answered OK is in the spool once, whatever happens around it."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from jollyscope.receive.otlp.frames import SinkPlan
from jollyscope.receive.otlp.server import OtlpServer
from jollyscope.receive.otlp.workers import ProcessIntake
from jollyscope.receive.sink import SinkDownError
from tests.library.receive.serving import PROTOBUF, Start, post, send, span_ids, spooled, traces
from tests.library.receive.test_grpc import NAMES

SENDERS = 16


class Senders:
    """Threads that each send a body again and again; what was answered is kept."""

    def __init__(self, server: OtlpServer, *, pad: int = 0) -> None:
        self._server, self._pad = server, pad
        self._end = threading.Event()
        self._lock = threading.Lock()
        self.acknowledged: list[str] = []
        self.sent: set[str] = set()
        self.statuses: Counter[object] = Counter()
        self.enough = threading.Event()
        """Set when a hundred requests were answered OK."""
        senders = (self._over_http, self._over_grpc)
        self._threads = [threading.Thread(target=senders[n % 4 == 3]) for n in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _over_http(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.http_port, timeout=30)
        self._run(lambda body: send(connection, body).status)

    def _over_grpc(self) -> None:
        with grpc.insecure_channel(f"127.0.0.1:{self._server.grpc_port}") as channel:
            call = channel.unary_unary(NAMES["traces"])

            def once(body: bytes) -> object:
                try:
                    call(body, timeout=30)
                except grpc.RpcError as error:
                    return error.code()  # type: ignore[attr-defined]
                return 200

            self._run(once)

    def _run(self, once: Callable[[bytes], object]) -> None:
        while not self._end.is_set():
            body = traces(5, pad=self._pad)
            ids = span_ids(body)
            with self._lock:
                self.sent.update(ids)
            try:
                status = once(body)
            except (OSError, http.client.HTTPException) as error:
                status = type(error)
            with self._lock:
                self.statuses[status] += 1
                if status == 200:
                    self.acknowledged += ids
                    if self.statuses[200] == 100:
                        self.enough.set()
            if status is ConnectionRefusedError or status is grpc.StatusCode.UNAVAILABLE:
                return


def check(senders: Senders, home: Path) -> None:
    """All that was answered OK is there, nothing is there twice, and nothing that nobody sent."""
    found = [record.span_id for record in spooled(home)]
    assert senders.acknowledged
    assert set(senders.acknowledged) <= set(found)
    assert len(found) == len(set(found))
    assert set(found) <= senders.sent


def test_overload_pushes_back_and_drops_nothing(start: Start, home: Path):
    limit = 200_000
    server = start(limits={"queue": limit})
    senders = Senders(server, pad=10_000)  # 50 kB each: a few fit at a time
    most = 0
    deadline = time.monotonic() + 60
    turned_away = {429, grpc.StatusCode.RESOURCE_EXHAUSTED}
    while not (senders.enough.is_set() and turned_away & set(senders.statuses)):
        most = max(most, server.stats.waiting)
        assert time.monotonic() < deadline, senders.statuses
    senders.stop()
    assert most <= limit
    assert set(senders.statuses) <= {200, *turned_away}
    assert server.stats.waiting == 0
    check(senders, home)


def test_a_stop_under_load_loses_nothing_that_was_acknowledged(start: Start, home: Path):
    server = start()
    senders = Senders(server)
    assert senders.enough.wait(60)
    server.stop()
    senders.stop()
    assert server.stats.waiting == 0
    check(senders, home)


def processes(home: Path, most: int = 2) -> ProcessIntake:
    return ProcessIntake(SinkPlan(home=str(home)), most)


def test_workers_take_what_a_thread_takes(start: Start, home: Path):
    intake = processes(home)
    intake.start()
    try:
        server = start(intake=intake)
        senders = Senders(server)
        assert senders.enough.wait(60)
        senders.stop()
        assert set(senders.statuses) == {200}
        assert post(server, b"\xff\xff").status == 400
        assert post(server, b"{}", content_type="text/plain").status == 415
        assert len(intake.pids()) == 2
    finally:
        intake.close()
    check(senders, home)


def test_a_worker_that_dies_is_replaced(start: Start, home: Path):
    intake = processes(home)
    intake.start()
    try:
        server = start(intake=intake)
        senders = Senders(server)
        assert senders.enough.wait(60)
        first = intake.pids()
        os.kill(first[0], signal.SIGKILL)
        deadline = time.monotonic() + 60
        while set(intake.pids()) <= set(first):
            assert time.monotonic() < deadline
            post(server, traces(1))
        senders.stop()
        # 503 for what it had; over gRPC the same.
        assert set(senders.statuses) <= {200, 503, grpc.StatusCode.UNAVAILABLE}
        assert post(server, traces(1)).status == 200
        assert server.stats.waiting == 0
    finally:
        intake.close()
    found = [record.span_id for record in spooled(home)]
    assert set(senders.acknowledged) <= set(found)


def test_workers_that_cannot_start(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    intake = processes(home)
    with pytest.raises(SinkDownError):
        intake.start()
    intake.close()


def test_workers_end_with_their_parents_pipe(home: Path):
    intake = processes(home)
    intake.start()
    pids = intake.pids()
    intake.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(SinkDownError):
        intake.take(None)  # type: ignore[arg-type]


def test_two_receivers_and_a_port_that_is_taken(start: Start):
    from jollyscope.config import CollectConfig
    from jollyscope.errors import JollyScopeError
    from jollyscope.receive.spool_sink import SpoolSink

    one, other = start(), start()
    assert len({one.http_port, one.grpc_port, other.http_port, other.grpc_port}) == 4
    for config in (
        CollectConfig(http_port=one.http_port, grpc_port=0),
        CollectConfig(http_port=0, grpc_port=one.grpc_port),
    ):
        third = OtlpServer(SpoolSink(Path("/nowhere")), config)
        with pytest.raises(JollyScopeError, match="in use"):
            third.start()
        third.stop()
    assert post(one, b"").status == 200


def test_stopping_is_safe_twice_and_before_the_start(home: Path):
    from jollyscope.receive.spool_sink import SpoolSink

    server = OtlpServer(SpoolSink(home))
    server.stop()
    server.stop()


def test_exposure(home: Path):
    from jollyscope.config import CollectConfig
    from jollyscope.errors import UsageError
    from jollyscope.receive.spool_sink import SpoolSink

    for host in ("0.0.0.0", "::", "192.0.2.7"):
        with pytest.raises(UsageError, match="anybody"):
            OtlpServer(SpoolSink(home), CollectConfig(host=host, http_port=0)).start()
    for config, insecure in (
        (CollectConfig(host="0.0.0.0", http_port=0, grpc_port=0, token="t"), False),
        (CollectConfig(host="0.0.0.0", http_port=0, grpc_port=0), True),
        (CollectConfig(host="localhost", http_port=0, grpc_port=0), False),
        (CollectConfig(host="127.0.0.2", http_port=0, grpc_port=0), False),
    ):
        with OtlpServer(SpoolSink(home), config, insecure=insecure) as server:
            assert server.http_port


def test_the_pool_of_senders_is_not_the_bound(start: Start, home: Path):
    """More gRPC requests at a time than threads: all are answered."""
    server = start(limits={"grpc_threads": 2})
    with (
        grpc.insecure_channel(f"127.0.0.1:{server.grpc_port}") as channel,
        ThreadPoolExecutor(20) as pool,
    ):
        call = channel.unary_unary(NAMES["traces"])
        answers = list(pool.map(lambda _: call(traces(1), timeout=30), range(200)))
    assert answers == [b""] * 200
    assert len(spooled(home)) == 200


def test_the_media_type_is_the_requests(start: Start):
    assert post(start(), traces(1)).headers["content-type"] == PROTOBUF
