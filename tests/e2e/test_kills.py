"""`kill -9` at random moments: nothing that was flushed is lost, nothing is doubled."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir

HERE = Path(__file__).parent
KILLS = 200
FLUSH_NS = 100_000_000


def wait_for(path: Path, process: subprocess.Popen[bytes], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not (path.exists() and path.stat().st_size):
        assert process.poll() is None, (
            f"ended by itself: {process.stderr and process.stderr.read()}"
        )
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.002)


class Agents:
    """Starts agents, each a process of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._server = subprocess.Popen(
            [sys.executable, str(HERE / "agent_to_kill.py")],
            env={**os.environ, "JOLLYSCOPE_HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, number: int, notes: Path) -> int:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(f"{number} {notes}\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def close(self) -> None:
        self._server.communicate()


def lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def kill_one(agents: Agents, number: int, seed: int) -> tuple[Path, int]:
    """Start an agent, kill it at a random moment: its notes, and when it was killed."""
    notes = agents.home / f"notes-{number}"
    process_id = agents.start(number, notes)
    try:
        deadline = time.monotonic() + 30
        while not (notes.exists() and notes.stat().st_size):
            assert lives(process_id), "ended by itself"
            assert time.monotonic() < deadline, f"{notes} did not appear"
            time.sleep(0.002)
        time.sleep(random.Random(seed * 1000 + number).uniform(0, 0.7))  # the random moment
        assert lives(process_id), "ended by itself"
        killed = time.time_ns()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGKILL)
    while lives(process_id):
        time.sleep(0.001)
    return notes, killed


def read_notes(notes: Path) -> tuple[dict[str, int], dict[str, int]]:
    started: dict[str, int] = {}
    ended: dict[str, int] = {}
    for line in notes.read_text().splitlines():
        fields = line.split()
        if len(fields) == 3:
            {"S": started, "E": ended}[fields[0]][fields[1]] = int(fields[2])
    return started, ended


def test_an_agent_killed_at_random_200_times(tmp_path: Path):
    seed = int(os.environ.get("JOLLYSCOPE_TEST_SEED", "20261120"))
    print("seed", seed)
    agents = Agents(tmp_path)
    try:
        # One at a time: several would wait for a processor, and their flushes with them.
        killed = [kill_one(agents, number, seed) for number in range(KILLS)]
    finally:
        agents.close()
    store = LakeStore(tmp_path)
    store.load()
    with store.reader() as reader:
        rows = reader.query("SELECT span_id, state FROM dwd_spans").rows
        assert reader.query("SELECT count(*) FROM dwd_open_spans").rows == [(0,)]
    assert len(rows) == len({span_id for span_id, _ in rows}), "a step was stored twice"
    states = dict(rows)
    lost: list[tuple[int, float]] = []
    not_interrupted = 0
    checked = running = 0
    for number, (notes, moment) in enumerate(killed):
        started, ended = read_notes(notes)
        for span_id, at in ended.items():
            if moment - at > FLUSH_NS:
                checked += 1
                if states.get(span_id) != "closed":
                    lost.append((number, (moment - at) / 1e6))
        for span_id, at in started.items():
            if span_id not in ended and moment - at > FLUSH_NS:
                running += 1
                not_interrupted += states.get(span_id) != "interrupted"
    print(f"{checked} ended steps, {running} running ones checked over {KILLS} kills")
    assert lost == []
    assert not_interrupted == 0
    assert checked > KILLS
    assert running > KILLS // 2


LOADER = """
import sys
from pathlib import Path
from jollyscope.store.lake.store import LakeStore
store = LakeStore(Path(sys.argv[1]))
Path(sys.argv[2]).write_text("up")
while True:
    store.load()
    store.compact()
"""


def batches(writer: SpoolWriter) -> Iterator[set[str]]:
    """Endless batches of spans, some in two records, written as they are asked for."""
    number = 0
    while True:
        made: set[str] = set()
        for _ in range(400):
            number += 1
            start = 1_700_000_000_000_000_000 + number * 1_000_000
            record = SpanRecord(
                trace_id=f"{1 + number // 20:032x}", span_id=f"{number:016x}",
                start_time=start, end_time=start + 5, duration_ms=5e-6, input="x" * 200,
            )  # fmt: skip
            if number % 3 == 0:
                opened = SpanRecord(
                    trace_id=record.trace_id, span_id=record.span_id, start_time=start, state="open"
                )
                writer.write("span", encode_lines([opened]))
            writer.write("span", encode_lines([record]))
            made.add(record.span_id)
        yield made


def test_loading_and_compaction_killed_at_random(tmp_path: Path):
    rng = random.Random(int(os.environ.get("JOLLYSCOPE_TEST_SEED", "20261120")))
    writer = SpoolWriter(spool_dir(tmp_path), segment_bytes=200_000)
    source = batches(writer)
    written: set[str] = set()
    for round_ in range(40):
        flag = tmp_path / f"up-{round_}"
        written |= next(source)
        process = subprocess.Popen(
            [sys.executable, "-c", LOADER, str(tmp_path), str(flag)], stderr=subprocess.PIPE
        )
        wait_for(flag, process)
        until = time.monotonic() + rng.uniform(0, 0.35)
        while time.monotonic() < until:
            written |= next(source)
            time.sleep(0.02)  # the pace of a busy agent, not a wait
        process.send_signal(signal.SIGKILL)
        _, complaints = process.communicate()
        assert complaints == b""
    writer.close()
    store = LakeStore(tmp_path)
    for load in (False, True):
        with store.reader(load=load) as reader:
            rows = reader.query("SELECT span_id FROM dwd_spans").rows
            assert len(rows) == len(written)
            assert {row[0] for row in rows} == written
            total = reader.query("SELECT sum(span_count), count(*) FROM ads_traces").rows[0]
            assert int(total[0]) == len(written)
        store.load()
    store.compact()
    assert store.info().spans == len(written)
    assert store.info().problems == []
