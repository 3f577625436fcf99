"""The dashboard's numbers are those of its parts, and its gauges those of plain Python."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

from jollyscope.model.records import MetricRecord, SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.query.dashboard import Dashboard, dashboard
from jollyscope.query.groups import grouped
from jollyscope.query.histogram import histogram
from jollyscope.query.scope import scope
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir

S = 10**9
NOW = 1_800_000_000 * S
HOUR = 3600 * S


def spans() -> list[SpanRecord]:
    dice = random.Random(3)
    found: list[SpanRecord] = []
    for n in range(60):
        start = NOW - dice.randrange(2 * HOUR)
        for at, (step, tool) in enumerate((("user_input", None), ("act", f"tool{n % 30}"))):
            failed = n % 9 == 0 and at == n % 2
            found.append(
                SpanRecord(
                    trace_id=f"{n + 1:032x}",
                    span_id=f"{at + 1:016x}",
                    parent_span_id=f"{1:016x}" if at else None,
                    name=step,
                    step_type=step,
                    tool_name=tool,
                    start_time=start + at,
                    end_time=start + (at + 1) * S,
                    duration_ms=1000.0 * (n + 1),
                    status="error" if failed else "ok",
                    error_type="Timeout" if failed else None,
                )
            )
    return found


def metrics() -> list[MetricRecord]:
    dice = random.Random(4)
    names = ("process.cpu.utilization", "process.memory.usage", "queue.depth")
    return [
        MetricRecord(
            record_id=f"m{n}", name=names[n % 3], time=NOW - dice.randrange(2 * HOUR), type="gauge",
            value=float(dice.randrange(100)),
        )
        for n in range(300)
    ]  # fmt: skip


def asked(home: Path, since: str | None, *, filter: str = "") -> tuple[Dashboard, Dashboard]:
    """The answer over what is still in the spool, and once it is loaded."""
    found: list[Dashboard] = []
    for load in (False, True):
        store = LakeStore(home)
        try:
            with store.reader(load=load) as reader:
                found.append(dashboard(reader, scope(filter, now=NOW, since=since), cells=24))
        finally:
            store.close()
    return found[0], found[1]


def filled(home: Path) -> Path:
    writer = SpoolWriter(spool_dir(home))
    writer.write("span", encode_lines(spans()))
    writer.write("metric", encode_lines(metrics()))
    writer.close()
    return home


def test_its_parts_are_the_queries_own(tmp_path: Path):
    home = filled(tmp_path)
    waiting, loaded = asked(home, "1h")
    assert waiting == loaded
    wanted = scope(now=NOW, since="1h")
    with LakeStore(home).reader() as reader:
        assert loaded.time == histogram(reader, wanted, cells=24)
        assert loaded.total == grouped(reader, "total", wanted, limit=0).rows[0]
        tools = grouped(reader, "tool", wanted, sort="p95_ms", limit=20)
        assert loaded.tools == tools.rows
        assert ("tools" in loaded.more) == (tools.next is not None)
    assert loaded.total is not None
    assert loaded.total.count == sum(
        s.parent_span_id is None and s.start_time >= NOW - HOUR for s in spans()
    )
    assert {row.key for row in loaded.errors} <= {"Timeout"}


def test_gauges_are_means_and_peaks_of_their_bucket(tmp_path: Path):
    shown, _ = asked(filled(tmp_path), "1h")
    width, buckets = shown.time.width, shown.time.buckets
    for gauge, metric in zip(
        shown.gauges, ("process.cpu.utilization", "process.memory.usage"), strict=True
    ):
        held: dict[int, list[float]] = defaultdict(list)
        for sample in metrics():
            if sample.name == metric and sample.value is not None:
                held[sample.time - sample.time % width].append(sample.value)
        values = [held.get(bucket.start_time) for bucket in buckets]
        assert gauge.peaks == [max(v) if v else None for v in values]
        assert [m and round(m, 9) for m in gauge.means] == [
            round(sum(v) / len(v), 9) if v else None for v in values
        ]
        assert any(peak is not None for peak in gauge.peaks)


def test_a_stretch_without_traces_still_has_time(tmp_path: Path):
    """The samples of it may tell why nothing began."""
    shown, _ = asked(filled(tmp_path), "1h", filter="tool:nowhere")
    assert shown.total is None
    assert not any(bucket.count for bucket in shown.time.buckets)
    first, last = shown.time.buckets[0], shown.time.buckets[-1]
    assert first.start_time <= NOW - HOUR < first.end_time
    assert last.start_time <= NOW < last.end_time
    assert len(shown.time.buckets) <= 24
    assert [gauge.name for gauge in shown.gauges] == ["cpu", "memory"]


def test_an_empty_store(tmp_path: Path):
    shown, _ = asked(tmp_path, None)
    assert (shown.time.buckets, shown.total, shown.gauges, shown.tools) == ([], None, [], [])
    assert all(not stage.records for stage in shown.stages)
