"""The spool as a sink: durable before it says so, bounded, and well again after the disk is."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from jollyscope.config import SpoolConfig
from jollyscope.model.records import EventRecord, MetricRecord, SpanRecord
from jollyscope.receive.sink import OverloadedError, SinkDownError
from jollyscope.receive.spool_sink import SpoolSink
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter
from tests.library.receive.serving import spooled


def span(number: int, pad: int = 0) -> SpanRecord:
    return SpanRecord(
        trace_id="1" * 32,
        span_id=f"{number + 1:016x}",
        start_time=1,
        end_time=2,
        input="x" * pad or None,
    )


def mixed(number: int) -> list[SpanRecord | MetricRecord | EventRecord]:
    metric = MetricRecord(record_id=f"m{number}", name="m", time=1)
    return [span(number), metric, EventRecord(record_id=f"e{number}", time=1)]


class Probe:
    """A writer whose writes wait for `go`, and that counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        self.begun = threading.Event()
        self.writes: list[tuple[str, bytes]] = []
        real = SpoolWriter.write

        def write(writer: SpoolWriter, kind: str, lines: bytes) -> None:
            self.begun.set()
            assert self.go.wait(30)
            if lines:
                self.writes.append((kind, lines))
            real(writer, kind, lines)  # type: ignore[arg-type]

        monkeypatch.setattr(SpoolWriter, "write", write)


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Probe:
    return Probe(monkeypatch)


def test_done_means_in_the_file(home: Path):
    with SpoolSink(home) as sink:
        for number in range(20):
            sink.submit(mixed(number)).result(10)
            assert len(spooled(home)) == 3 * (number + 1)
    assert [r.span_id for r in spooled(home) if isinstance(r, SpanRecord)] == [
        span(n).span_id for n in range(20)
    ]


def test_not_done_before_it_is_in_the_file(home: Path, probe: Probe):
    with SpoolSink(home) as sink:
        done = sink.submit([span(0)])
        assert probe.begun.wait(10)
        assert not done.done()
        assert not done.cancel()  # nobody takes it back either
        probe.go.set()
        done.result(10)


def test_what_waits_is_written_at_once_a_write_a_kind(home: Path, probe: Probe):
    with SpoolSink(home) as sink:
        first = sink.submit([span(0)])
        assert probe.begun.wait(10)
        rest = [sink.submit(mixed(number)) for number in range(1, 50)]
        probe.go.set()
        for done in (first, *rest):
            done.result(10)
    assert [kind for kind, _ in probe.writes] == ["span", "span", "metric", "event"]
    assert len(spooled(home)) == 1 + 49 * 3


def test_many_threads(home: Path):
    with SpoolSink(home, SpoolConfig(fsync=True)) as sink, ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: sink.submit([span(n)]), range(400)))
        wait(done, 30)
        assert all(future.exception() is None for future in done)
    assert sorted(r.span_id for r in spooled(home)) == [span(n).span_id for n in range(400)]


def test_nothing_at_all(home: Path):
    with SpoolSink(home) as sink:
        assert sink.submit([]).done()
    assert not home.exists()


def test_a_bound_on_what_waits(home: Path, probe: Probe):
    with SpoolSink(home, queue_bytes=10_000) as sink:
        first = sink.submit([span(0, pad=50_000)])  # nothing waits: of any size
        assert probe.begun.wait(10)
        with pytest.raises(OverloadedError) as caught:
            sink.submit([span(1)])
        assert caught.value.retry_after > 0
        assert sink.waiting > 50_000
        probe.go.set()
        first.result(10)
        sink.submit([span(2)]).result(10)
        assert sink.waiting == 0
    assert [r.span_id for r in spooled(home)] == [span(0).span_id, span(2).span_id]


def test_the_bound_counts_bytes(home: Path, probe: Probe):
    with SpoolSink(home, queue_bytes=10_000) as sink:
        taken = [sink.submit([span(0, pad=900)])]
        each = sink.waiting
        taken += [sink.submit([span(number, pad=900)]) for number in range(1, 10_000 // each)]
        with pytest.raises(OverloadedError):
            sink.submit([span(99, pad=900)])
        probe.go.set()
        wait(taken, 10)
    assert len(spooled(home)) == len(taken)


def test_text_that_utf8_cannot_say_is_refused_and_nothing_else_harmed(home: Path):
    bad = span(0)
    bad.name = "\ud800"
    with SpoolSink(home) as sink:
        with pytest.raises(UnicodeEncodeError):
            sink.submit([span(1), bad])
        sink.submit([span(2)]).result(10)
    assert [r.span_id for r in spooled(home)] == [span(2).span_id]


def test_a_spool_at_its_bound_pushes_back_until_it_is_loaded(home: Path):
    with SpoolSink(home, SpoolConfig(max_mb=1)) as sink:
        number = 0
        while True:
            done = sink.submit([span(number, pad=100_000)])
            if done.exception(10) is not None:
                break
            number += 1
        error = done.exception()
        assert isinstance(error, OverloadedError)
        assert error.hint
        assert number == 10
        store = LakeStore(home)
        store.settings = type(store.settings)(grace_s=0)
        assert store.load() == number
        sink.submit([span(number, pad=100_000)]).result(10)
        assert store.load() == 1


def test_closed(home: Path):
    sink = SpoolSink(home)
    done = sink.submit([span(0)])
    sink.close()
    sink.close()
    assert done.done()
    with pytest.raises(SinkDownError):
        sink.submit([span(1)])


def test_closing_a_sink_that_nobody_used(home: Path):
    SpoolSink(home).close()
    assert not home.exists()


def test_closing_writes_what_waits(home: Path, probe: Probe):
    sink = SpoolSink(home)
    done = [sink.submit([span(number)]) for number in range(10)]
    threading.Timer(0.05, probe.go.set).start()
    sink.close()
    assert all(future.exception(0) is None for future in done)
    assert len(spooled(home)) == 10


def test_a_disk_that_hangs_is_told_of_when_closing(home: Path, probe: Probe):
    sink = SpoolSink(home)
    sink.submit([span(0)])
    assert probe.begun.wait(10)
    late = sink.submit([span(1)])
    sink.close(timeout=0.01)
    assert isinstance(late.exception(10), SinkDownError)
    probe.go.set()


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A file system of 256 kB."""
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(home)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"cannot mount: {error}")
    yield home
    subprocess.run(["umount", str(home)], check=True, capture_output=True)


def test_a_full_disk(small_disk: Path):
    with SpoolSink(small_disk) as sink:
        filler = small_disk / "filler"
        filler.write_bytes(b"x" * 200_000)
        kept: list[str] = []
        refused = 0
        for number in range(40):
            done = sink.submit([span(number, pad=4_000)])
            if done.exception(10) is None:
                kept.append(span(number).span_id)
            else:
                assert isinstance(done.exception(), SinkDownError)
                assert "No space left" in str(done.exception())
                refused += 1
        assert refused
        filler.unlink()
        sink.submit([span(99)]).result(10)
        kept.append(span(99).span_id)
    assert [r.span_id for r in spooled(small_disk)] == kept
