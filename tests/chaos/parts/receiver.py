"""`jollyscope collect` with senders that try again until they are told OK."""

from __future__ import annotations

import http.client
import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from tests.chaos.proxy import Proxy
from tests.chaos.records import WRITER, Ledger, record
from tests.chaos.room import Room
from tests.chaos.zygote import until
from tests.e2e.running import Collect
from tests.kafka_broker import free_ports

__all__ = ["FAULTS", "run"]

FAULTS = ("kill", "worker", "loader", "term", "pause", "cut", "reset", "slow", "silent", "full")
_SENDERS = 3


class _Sender(threading.Thread):
    """Sends batch after batch; a batch counts once the whole answer 200 is here."""

    def __init__(self, number: int, port: int, room: Room) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[int] = []
        self.offered: list[int] = []
        self.tries = 0
        self.problem: BaseException | None = None
        self.over = threading.Event()
        self._port, self._next, self._grpc = port, number * WRITER, False
        self._rng_seed = room.seed()

    def run(self) -> None:
        try:
            while not self.over.is_set():
                batch = list(range(self._next, self._next + 20))
                self._next += 20
                self.offered += batch
                body = _body(batch)
                while not self._sent(body):
                    self.tries += 1
                    if self.over.is_set():
                        return
                    time.sleep(0.02)  # a sender's pause before it tries again
                self.acknowledged += batch
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self.problem = error

    def _sent(self, body: bytes) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            connection.request("POST", "/v1/traces", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        assert answer.status in (200, 429, 503), answer.status
        return answer.status == 200


def _body(numbers: list[int]) -> bytes:
    def value(text: str) -> dict[str, str]:
        return {"stringValue": text}

    spans = [
        {
            "traceId": one.trace_id, "spanId": one.span_id, "name": one.name, "kind": 1,
            "startTimeUnixNano": str(one.start_time), "endTimeUnixNano": str(one.end_time),
            "attributes": [{"key": "input.value", "value": value(one.input or "")}],
            "status": {"code": 1},
        }
        for one in map(record, numbers)
    ]  # fmt: skip
    scoped = [{"scope": {"name": "chaos"}, "spans": spans}]
    return json.dumps({"resourceSpans": [{"resource": {}, "scopeSpans": scoped}]}).encode()


def run(room: Room) -> None:
    """What a sender was told OK for is stored; it goes on being told once all is well again."""
    (port,) = free_ports(1)
    seed = room.seed()
    with _collecting(room, port) as collect, Proxy(port, seed) as proxy:
        senders = [_Sender(number, proxy.port, room) for number in range(_SENDERS)]
        for sender in senders:
            sender.start()
        _come(senders, 3)
        watcher = room.watcher(gapless=False)
        again = _strike(room, collect, proxy)
        began = time.monotonic()
        with _collecting(room, port) if again else _as_it_is(collect) as collect:
            _come(senders, 3)
            room.recovery_s = time.monotonic() - began
            for sender in senders:
                sender.over.set()
            for sender in senders:
                sender.join(60)
                assert sender.problem is None, sender.problem
            collect.stop()
    room.over(watcher)
    ledger = Ledger()
    for sender in senders:
        ledger.offered.update(sender.offered)
        ledger.acknowledged.update(sender.acknowledged)
    room.settled(ledger)


@contextmanager
def _collecting(room: Room, port: int) -> Iterator[Collect]:
    with Collect(room.home, "--http-port", str(port)) as collect:
        process = psutil.Process(collect.process.pid)
        mine = process.children(recursive=True)
        try:
            yield collect
        finally:
            if collect.process.poll() is None:
                collect.process.send_signal(signal.SIGCONT)
                with suppress(psutil.Error):
                    mine = [*mine, *process.children(recursive=True)]
                collect.process.kill()
            collect.process.communicate()
            _, left = psutil.wait_procs(mine, 30)
            for one in left:
                one.kill()
            assert not left, f"the receiver is dead, and there is still {left}"


@contextmanager
def _as_it_is(collect: Collect) -> Iterator[Collect]:
    yield collect


def _come(senders: list[_Sender], batches: int) -> None:
    """Every sender is told OK so many times more."""
    before = [len(sender.acknowledged) for sender in senders]
    until(
        lambda: all(
            len(sender.acknowledged) >= had + 20 * batches or sender.problem
            for sender, had in zip(senders, before, strict=True)
        ),
        "a sender is not told OK any more", pause=0.01,
    )  # fmt: skip


def _strike(room: Room, collect: Collect, proxy: Proxy) -> bool:
    """Whether a new receiver is needed."""
    room.pause(0.3)
    main = psutil.Process(collect.process.pid)
    if room.fault in ("kill", "term"):
        main.send_signal(signal.SIGKILL if room.fault == "kill" else signal.SIGTERM)
        collect.process.communicate()
        assert room.fault == "kill" or collect.process.returncode == 0
        return True
    if room.fault in ("worker", "loader"):
        name = "otlp.worker" if room.fault == "worker" else "backend.loading"
        room.rng.choice([one for one in main.children() if name in " ".join(one.cmdline())]).kill()
    elif room.fault == "pause":
        struck = room.rng.choice([main, *main.children()])
        struck.suspend()
        room.pause(0.8)
        struck.resume()
    elif room.fault == "full":
        _fill(room)
    else:
        proxy.mood = room.fault
        room.pause(1.5, 0.5)
        proxy.mood = "fair"
    return False


def _fill(room: Room) -> None:
    """No file of the receiver may grow any more, and then it may again."""
    import resource

    everybody = [one for one in psutil.process_iter() if _of(one, str(room.home))]
    for one in everybody:
        resource.prlimit(one.pid, resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
    room.pause(1.0, 0.5)
    for one in everybody:
        with suppress(ProcessLookupError):
            free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(one.pid, resource.RLIMIT_FSIZE, free)


def _of(process: psutil.Process, home: str) -> bool:
    try:
        words = " ".join(process.cmdline())
        named = "jollyscope" in words
        return named and process.environ().get("JOLLYSCOPE_HOME") == home
    except psutil.Error:
        return False
