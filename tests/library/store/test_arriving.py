"""Asking while 2,000 spans a second arrive: every view is whole, and its newest rows are the newest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jollyscope.query.filter import Condition
from jollyscope.query.listing import list_spans, list_traces
from jollyscope.store import windows
from jollyscope.store.api import Reader
from jollyscope.store.lake.manifest import Part
from jollyscope.store.lake.store import LakeStore

SPANS = 4_000
# Each trace in two writes, the second one later: many are cut by a load. Says what is durable.
WRITER = """
import sys, time
from pathlib import Path
from jollyscope.model.records import SpanRecord
from jollyscope.model.wire import encode_lines
from jollyscope.transport.spool import SpoolWriter, spool_dir

writer, began = SpoolWriter(spool_dir(Path(sys.argv[1]))), time.time()
for n in range(int(sys.argv[2]) // 20):
    writer.write("span", encode_lines([
        SpanRecord(
            trace_id=f"{n - half * 15 + 1:032x}", span_id=f"{n * 20 + i + 1:016x}",
            start_time=10**18 + n * 1000 + i // 3, end_time=10**18 + n * 1000 + 500,
            duration_ms=0.5, name="step", status="error" if i == 7 else "ok",
        )
        for i in range(20) for half in [i % 2 if n >= 15 else 0]
    ]))
    print((n + 1) * 20, flush=True)
    time.sleep(max(0, began + (n + 1) * 0.01 - time.time()))
writer.close()
"""


def agrees(reader: Reader, written: int) -> int:
    """Spans in the view, after a look at what it says in several ways."""
    count = reader.query("SELECT count(*), count(DISTINCT span_id) FROM dwd_spans").rows[0]
    assert count[0] == count[1] >= written
    assert reader.query("SELECT sum(span_count) FROM ads_traces").rows == [(count[0],)]
    newest = "SELECT span_id FROM dwd_spans ORDER BY start_time DESC, span_id DESC LIMIT 30"
    assert [(row.span_id,) for row in list_spans(reader, limit=30).rows] == reader.query(
        newest
    ).rows
    failed = newest.replace("ORDER", "WHERE status = 'error' ORDER")
    where = Condition("status = ?", ["error"])
    assert [(row.span_id,) for row in list_spans(reader, limit=30, where=where).rows] == (
        reader.query(failed).rows
    )
    traces = "SELECT trace_id, span_count FROM ads_traces ORDER BY start_time DESC, trace_id DESC"
    found = [(row.trace_id, row.span_count) for row in list_traces(reader, limit=10_000).rows]
    assert found == reader.query(traces).rows
    return count[0]


def test_every_view_is_whole_while_spans_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(windows, "FIRST", 100)
    store = LakeStore(tmp_path)
    seen: list[int] = []
    cuts = 0
    command = [sys.executable, "-c", WRITER, str(tmp_path), str(SPANS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for number, line in enumerate(writer.stdout):
            if number % 12 == 0:
                store.load()
            if number % 60 == 59:
                store.compact()
            if number % 5 == 0:
                with store.reader() as reader:
                    seen.append(agrees(reader, int(line)))
                    cuts = max(cuts, len(reader.windows()))
    assert writer.returncode == 0
    with store.reader() as reader:
        assert agrees(reader, SPANS) == SPANS
    assert seen == sorted(seen)
    assert cuts >= 2


def part(rows: int, first: int, last: int) -> Part:
    return Part(0, "span", "", "", "", rows, 0, first, last, 0)


def test_windows_hold_about_what_they_say():
    parts = [part(1_000_000, n * 10**6, (n + 1) * 10**6 - 1) for n in range(10)]
    found = windows.windows(parts)
    newest = 10 * 10**6
    assert [round(newest - at, -3) for at in found] == [50_000, 200_000, 800_000, 3_200_000]


def test_windows_of_parts_that_lie_over_each_other_or_at_one_moment():
    assert windows.windows([]) == []
    assert windows.windows([part(99_999, 0, 10)]) == []
    assert windows.windows([part(10**6, 5, 5)]) == [6, 6, 6]
    both = windows.windows([part(10**6, 0, 10**6 - 1), part(10**6, 0, 10**6 - 1)])
    assert [10**6 - at for at in both] == [25_000, 100_000, 400_000]
