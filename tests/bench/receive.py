"""Receiving OTLP/HTTP into durable storage, beside trace-view in the same run.

    python -m tests.bench.receive [--quick]

Bodies of 500 spans with seven attributes, protobuf, over four kept-alive connections: the same bytes
from the same sender to both, in turns. `collect` runs as a user runs it, with its workers and the
loader beside it; it answers when a body is durable, trace-view (`tv serve`) when it has taken it.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import segments, spool_dir
from tests.bench.senders import SPANS, Bodies, Sender, send_all
from tests.bench.table import print_rows, row

Rows = list[dict[str, Any]]
PEER = Path(sys.executable).with_name("tv")


class Collecting(NamedTuple):
    """A running `jollyscope collect`."""

    process: subprocess.Popen[bytes]
    port: int
    home: Path

    def rss(self) -> Peak:
        """Memory now."""
        receiver = loader = 0
        main = psutil.Process(self.process.pid)
        for process in [main, *main.children(recursive=True)]:
            try:
                size = process.memory_info().rss
                if any("loading" in part for part in process.cmdline()):
                    loader += size
                else:
                    receiver += size
            except psutil.NoSuchProcess:
                continue
        return Peak(receiver / 1e6, (receiver + loader) / 1e6)


@contextmanager
def collecting(home: Path) -> Iterator[Collecting]:
    """`jollyscope collect` on free ports."""
    process = subprocess.Popen(
        [sys.executable, "-m", "jollyscope_cli", "collect", "--json",
         "--http-port", "0", "--grpc-port", "0"],
        env={**os.environ, "JOLLYSCOPE_HOME": str(home)},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield Collecting(process, int(told["http"].rpartition(":")[2]), home)
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def peer(folder: Path) -> Iterator[int]:
    """The port of a running `tv serve`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [str(PEER), "-p", str(port), "-d", str(folder / "traces.db"), "serve"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "tv does not listen"
                time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def speed(scratch: Path, bodies: list[bytes], rounds: int) -> tuple[Rows, float]:
    """Spans a second of both, in turns; the peer's bytes a span."""
    ours: list[float] = []
    theirs: list[float] = []
    peer_bytes = 0.0
    spans = len(bodies) * SPANS
    for number in range(rounds):
        folder = scratch / f"peer-{number}"
        folder.mkdir()
        with peer(folder) as port:
            theirs.append(spans / send_all(port, bodies))
            rows = settled(folder / "traces.db", spans)
        peer_bytes = sum(f.stat().st_size for f in folder.iterdir()) / max(rows, 1)
        with collecting(scratch / f"ours-{number}") as receiver:
            ours.append(spans / send_all(receiver.port, bodies))
    rate, peer_rate = statistics.median(ours), statistics.median(theirs)
    return [
        row("OTLP/HTTP protobuf, 500 spans a body", rate, "spans/s",
            peer="trace-view", peer_value=peer_rate, aim=">= 4 x", met=rate >= 4 * peer_rate)
    ], peer_bytes  # fmt: skip


def settled(database: Path, spans: int) -> int:
    """Spans in the peer's database, once all are there or no more come."""
    deadline = time.monotonic() + 60
    count = 0
    while count < spans and time.monotonic() < deadline:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
            count = db.execute("SELECT count(*) FROM spans").fetchone()[0]
        time.sleep(0.1)
    return count


def long_run(scratch: Path, bodies: Bodies, few: int, many: int, peer_bytes: float) -> Rows:
    """One receiver from the first body to the last: visibility, memory, size on disk.

    Memory is compared between two peaks: of the spans between `few` bodies, by which every process
    has done all kinds of its work once, and three times as many; and of all that come after.
    """
    plateau = 3 * few
    home = scratch / "long"
    with collecting(home) as receiver:
        watch = _Watch(receiver)
        send_all(receiver.port, (bodies[n] for n in range(few)))
        burst = visible(receiver, bodies.trace_id(few - 1))
        idle(home)
        watch.lap()  # warm: the first loads have been
        took = send_all(receiver.port, (bodies[n] for n in range(few, plateau)))
        idle(home)
        early = watch.lap()
        took += send_all(receiver.port, (bodies[n] for n in range(plateau, many)))
        waiting = LakeStore(home).info().waiting_bytes
        drained = idle(home)
        late = watch.lap()
        watch.stop()
        calm = statistics.median(calm_look(receiver, bodies, many + n) for n in range(5))
    spool = sum(segment.size for segment in segments(spool_dir(home)))
    store = LakeStore(home)
    store.compact()
    info = store.info()
    spans = (many + 5) * SPANS
    assert info.spans == spans, f"{info.spans} spans stored of {spans}"
    return [
        row(f"the same over {many * SPANS:,} spans", (many - few) * SPANS / took, "spans/s"),
        row("answer to `ls spans`, whole process, one body", calm, "s", aim="< 1", met=calm < 1),
        row(f"answer to `ls spans` after {few * SPANS:,} at once", burst, "s", aim="< 1", met=burst < 1),
        row("waiting for the loader at the end", waiting / 1e6, "MB"),
        row("until the loader had it all", drained, "s"),
        *memory("receiver and workers", early.receiver, late.receiver, few, plateau, many),
        *memory("with the loader", early.all, late.all, few, plateau, many),
        row("bytes a span, spool", spool / spans, "B", peer="trace-view", peer_value=peer_bytes),
        row("bytes a span, lake", info.bytes / spans, "B", peer="trace-view", peer_value=peer_bytes),
    ]  # fmt: skip


class Peak(NamedTuple):
    """MB."""

    receiver: float
    all: float


class _Watch:
    """Samples the memory of a receiver and its children."""

    def __init__(self, receiver: Collecting) -> None:
        self._receiver = receiver
        self._peak = Peak(0, 0)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._end.wait(0.1):
            now, peak = self._receiver.rss(), self._peak
            self._peak = Peak(max(now.receiver, peak.receiver), max(now.all, peak.all))

    def lap(self) -> Peak:
        """The peak since the last lap."""
        peak, self._peak = self._peak, Peak(0, 0)
        return peak

    def stop(self) -> None:
        self._end.set()
        self._thread.join()


def memory(what: str, early: float, late: float, few: int, plateau: int, many: int) -> Rows:
    """Peaks after the warm-up and after the plateau, each with the loads that belong to it."""
    return [
        row(f"peak memory, {what}, spans {few * SPANS:,} to {plateau * SPANS:,}", early, "MB"),
        row(f"peak memory, {what}, from there to {many * SPANS:,}", late, "MB",
            peer="the former", peer_value=early, aim="< 1.2 x", met=late < 1.2 * early),
    ]  # fmt: skip


def visible(receiver: Collecting, trace_id: str) -> float:
    """Seconds until a `jollyscope ls` shows all that was sent, its own start included."""
    began = time.perf_counter()
    while True:
        said = subprocess.run(
            [sys.executable, "-m", "jollyscope_cli", "ls", "spans", "--trace", trace_id, "--json"],
            env={**os.environ, "JOLLYSCOPE_HOME": str(receiver.home)},
            capture_output=True, check=False,
        ).stdout  # fmt: skip
        if trace_id.encode() in said:
            return time.perf_counter() - began
        assert time.perf_counter() - began < 60, "never seen"


def calm_look(receiver: Collecting, bodies: Bodies, number: int) -> float:
    """Seconds from the answer to one body until `ls` shows it."""
    sender = Sender(receiver.port)
    assert sender.send(bodies[number]) == 200
    sender.close()
    return visible(receiver, bodies.trace_id(number))


def idle(home: Path) -> float:
    """Seconds until the loader has loaded all but the little that it leaves to readers."""
    began = time.perf_counter()
    store = LakeStore(home)
    while store.info().waiting_bytes > 1 << 20:
        assert time.perf_counter() - began < 300, "the loader does not come to an end"
        time.sleep(0.5)
    return time.perf_counter() - began


def main(*, quick: bool = False) -> Rows:
    """All rows, printed."""
    few, many, rounds = (80, 400, 1) if quick else (400, 4000, 3)
    bodies = Bodies()
    with tempfile.TemporaryDirectory(prefix="jollyscope-bench-") as scratch:
        rows, peer_bytes = speed(Path(scratch), [bodies[n] for n in range(few)], rounds)
        rows += long_run(Path(scratch), bodies, few, many, peer_bytes)
    print_rows(f"Receiver, {few * SPANS:,} spans", rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    main(quick=parser.parse_args().quick)
