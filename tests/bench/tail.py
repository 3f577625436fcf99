"""`jollyscope tail`: how fast it passes records on, how soon a step is on the screen, how much memory.

    python -m tests.bench.tail [--quick]

(a) `--json` into a pipe, of spool and Kafka, beside `kcat` (where it is installed) on the same topic.
(b) From the end of an agent's step to its line on a pseudo-terminal: an agent that uses the SDK, and
a producer of Kafka. (c) Memory of a live screen at each quarter of an hour's worth of records (2,000
a second), written as fast as they are shown; their segments are deleted behind it as the loader does.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from jollyscope.config import KafkaConfig
from jollyscope.model.wire import encode
from jollyscope.transport.kafka import connect, ensure_topics, topics
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests import kafka_broker
from tests.bench.corpus import traces
from tests.bench.table import print_rows, row

Rows = list[dict[str, Any]]
TAIL = [sys.executable, "-m", "jollyscope_cli", "tail"]
TOPIC = topics("jollyscope")["span"]
HOUR = 3600 * 2000

AGENT = """
import random, sys, time
import jollyscope
jollyscope.init(service="bench")
ends = []
with jollyscope.run("run"):
    for number in range(int(sys.argv[1])):
        with jollyscope.think(f"step-{number}-"):
            time.sleep(random.uniform(0.005, 0.04))
        ends.append(time.time_ns())
print(*ends)
"""


def lines(number: int) -> list[bytes]:
    """So many records of 1.3 kB, the same thousand again and again."""
    some = [encode(span) for trace in traces(50) for span in trace]
    return (some * (number // len(some) + 1))[:number]


def environment(home: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "JOLLYSCOPE_HOME": str(home), "TERM": "xterm-256color", **more}


@contextmanager
def broker() -> Iterator[KafkaConfig]:
    """A real one, with the topics; each of one partition, so that all read the same way."""
    with tempfile.TemporaryDirectory() as folder:
        jars = kafka_broker.classpath(Path(folder))
        made = kafka_broker.Broker(Path(folder) / "broker", jars, **{"num.partitions": "1"})
        made.start()
        try:
            yield KafkaConfig(brokers=made.address)
        finally:
            made.stop()


class Spent(NamedTuple):
    """Seconds: by the clock, and of a core."""

    wall: float
    cpu: float


def timed(command: list[str], home: Path, **environ: str) -> Spent:
    """What a program takes to write everything into a pipe that is read at once."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(home, **environ)
    )
    assert process.stdout is not None
    while process.stdout.read(1 << 20):
        pass
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, command
    return Spent(time.perf_counter() - began, usage.ru_utime + usage.ru_stime)


def best(command: list[str], home: Path, **environ: str) -> Spent:
    """The least of three of each."""
    runs = [timed(command, home, **environ) for _ in range(3)]
    return Spent(min(run.wall for run in runs), min(run.cpu for run in runs))


def rates(what: str, number: int, spent: Spent, idle: Spent, aim: str = "") -> Rows:
    """Records a second, without what `tail` takes to do nothing; by the clock and by what one core
    could do, which a busy machine does not change much.
    """
    wall, cpu = number / (spent.wall - idle.wall), number / (spent.cpu - idle.cpu)
    return [
        row(what, wall, "rec/s", aim=aim, met=wall >= 50_000 if aim else None),
        row(f"{what}, a core's worth", cpu, "rec/s"),
    ]


def passing_on(config: KafkaConfig | None, home: Path, number: int) -> Rows:
    """Records a second with `--json`."""
    records = lines(number)
    writer = SpoolWriter(spool_dir(home))
    for at in range(0, number, 1000):
        writer.write("span", b"".join(line + b"\n" for line in records[at : at + 1000]))
    writer.close()
    idle = best([*TAIL, "--source", "spool", "--timeout", "1ms"], home)
    words = ["--from-beginning", "--json", "--count", str(number)]
    spool = [*TAIL, "--source", "spool", *words]
    rows = rates("spool, --json", number, best(spool, home), idle, aim="50,000")
    filtered = best([*spool, "status:unset,ok,error"], home)
    rows += rates("spool, --json with a filter", number, filtered, idle)
    if config is not None:
        rows += _beside_kcat(config, home, records, words, idle)
    return rows


def _beside_kcat(
    config: KafkaConfig, home: Path, records: list[bytes], words: list[str], idle: Spent
) -> Rows:
    producer = connect(config, queue_bytes=1 << 30, on_error=print)
    ensure_topics(producer, config, timeout=30)
    for line in records:
        producer.produce(TOPIC, line)
        producer.poll(0)
    producer.flush(120)
    number = len(records)
    ours = best([*TAIL, "--source", "kafka", *words], home, JOLLYSCOPE_KAFKA_BROKERS=config.brokers)
    wall = number / (ours.wall - idle.wall)
    cpu = number / (ours.cpu - idle.cpu)
    theirs: Spent | None = None
    if shutil.which("kcat"):
        peer = ["kcat", "-C", "-b", config.brokers, "-t", TOPIC, "-o", "beginning", "-e", "-q"]
        theirs = best(peer, home)
    name = "kcat" if theirs else "kcat is not installed"
    return [
        row("Kafka, --json", wall, "rec/s", aim="50,000", met=wall >= 50_000, peer=name,
            peer_value=number / theirs.wall if theirs else None),
        row("Kafka, --json, a core's worth", cpu, "rec/s", peer=name,
            peer_value=number / theirs.cpu if theirs else None),
    ]  # fmt: skip


class Screen:
    """`tail` on a pseudo-terminal that is read all the time; notes when each new name came."""

    def __init__(self, home: Path, *words: str, **environ: str) -> None:
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
        environ = {k: v for k, v in environment(home, **environ).items() if k != "COLUMNS"}
        self.process = subprocess.Popen(
            [*TAIL, *words], stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL,
            env=environ, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self._fd = ours
        self.first: dict[int, int] = {}
        """Unix ns of the first time that a step's end was seen, by its number."""
        self.count = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        assert self._ready.wait(60)

    def _read(self) -> None:
        rest = b""
        while True:
            try:
                data = os.read(self._fd, 1 << 16)
            except OSError:
                return
            now = time.time_ns()
            rest = (rest + data)[-(1 << 17) :]
            if b"space pauses" in rest:
                self._ready.set()
            for found in re.finditer(rb"[^\xef\x97\x90]step-(\d+)-", rest):
                self.first.setdefault(int(found[1]), now)
            told = re.findall(rb"([\d,]+) records", data)
            if told:
                self.count = int(told[-1].replace(b",", b""))
            rest = rest[-200:]

    def wait(self, true: Callable[[], bool], seconds: float = 600) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "it did not come"
            time.sleep(0.005)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        self._thread.join()
        os.close(self._fd)


class Delays(NamedTuple):
    """Milliseconds, sorted."""

    values: list[float]

    def at(self, share: float) -> float:
        return self.values[min(len(self.values) - 1, int(share * len(self.values)))]


def delays_of_spool(home: Path, number: int) -> Delays:
    """An agent's steps, their ends only: a running step stands on the screen before."""
    screen = Screen(home, "state:closed", "--source", "spool")
    agent = subprocess.run(
        [sys.executable, "-c", AGENT, str(number)], env=environment(home), capture_output=True,
        check=True,
    )  # fmt: skip
    ends = [int(word) for word in agent.stdout.split()]
    screen.wait(lambda: len(screen.first) == number)
    screen.close()
    return Delays(sorted((screen.first[n] - end) / 1e6 for n, end in enumerate(ends)))


def delays_of_kafka(config: KafkaConfig, home: Path, number: int) -> Delays:
    """From handing a record to the producer."""
    producer = connect(config, queue_bytes=1 << 26, on_error=print)
    ensure_topics(producer, config, timeout=30)
    words = ["--source", "kafka", "--kinds", "span"]
    screen = Screen(home, *words, JOLLYSCOPE_KAFKA_BROKERS=config.brokers)
    form = '{"schema":1,"trace_id":"%032x","span_id":"%016x","name":"step-%d-","start_time":1,"end_time":2}'
    ends: list[int] = []
    for at in range(number):
        ends.append(time.time_ns())
        producer.produce(TOPIC, (form % (1, at + 1, at)).encode())
        producer.poll(0.02)
    producer.flush(60)
    screen.wait(lambda: len(screen.first) == number)
    screen.close()
    return Delays(sorted((screen.first[n] - end) / 1e6 for n, end in enumerate(ends)))


def memory(home: Path, number: int) -> Rows:
    """Resident memory of a live screen that is shown `number` records."""
    writer = SpoolWriter(spool_dir(home), max_bytes=1 << 40, segment_bytes=8 << 20)
    batch = b"".join(line + b"\n" for line in lines(2000))
    screen = Screen(home, "--source", "spool")
    process = psutil.Process(screen.process.pid)
    found: Rows = []
    began = time.monotonic()
    written = 0
    for quarter in range(1, 5):
        while written < number * quarter // 4:
            writer.write("span", batch)
            written += 2000
            for loaded in sorted(writer.folder.glob("span-*.jsonl"))[:-2]:
                loaded.unlink()
            screen.wait(lambda: screen.count > written - 8000)  # noqa: B023 - called at once
        screen.wait(lambda: screen.count >= written)  # noqa: B023
        found.append(
            row(f"memory after {written:,} records", process.memory_info().rss / 1e6, "MB")
        )
    rate = written / (time.monotonic() - began)
    found.append(row("shown on a live screen", rate, "rec/s", aim="2,000", met=rate >= 2000))
    idle = process.cpu_times()
    time.sleep(5)
    after = process.cpu_times()
    spent = (after.user + after.system - idle.user - idle.system) / 5 * 100
    found.append(row("an idle live screen", spent, "% of core", aim="1", met=spent < 1))
    screen.close()
    writer.close()
    return found


def main(argv: list[str] | None = None) -> None:
    """Run and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args(argv).quick
    number, steps = (50_000, 100) if quick else (300_000, 500)
    if kafka_broker.missing():
        print(f"(Kafka is left out: {kafka_broker.missing()}.)")
        _all(None, number, steps, quick)
        return
    with broker() as config:
        _all(config, number, steps, quick)


def _all(config: KafkaConfig | None, number: int, steps: int, quick: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        print_rows("tail: records passed on", passing_on(config, home / "a", number))
        rows = _delays("SDK → spool → line", delays_of_spool(home / "b", steps), 300)
        if config is not None:
            rows += _delays("Kafka → line", delays_of_kafka(config, home / "c", steps), 500)
        print_rows("tail: from a step's end to its line on a terminal", rows)
        wanted = int(os.environ.get("TAIL_BENCH_RECORDS", HOUR // 36 if quick else HOUR))
        print_rows("tail: an hour at 2,000/s, faster", memory(home / "d", wanted))


def _delays(what: str, found: Delays, aim: float) -> Rows:
    return [
        row(f"{what}, p50", found.at(0.5), "ms"),
        row(f"{what}, p99", found.at(0.99), "ms", aim=f"{aim:.0f}", met=found.at(0.99) < aim),
    ]


if __name__ == "__main__":
    main()
