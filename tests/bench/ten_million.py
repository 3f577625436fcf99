"""Asking a lake of 10,000,000 spans (500,000 traces): how long each question takes, and how much
memory; quiet, and while 2,000 spans a second arrive.

python -m tests.bench.ten_million [--spans 10000000] [--keep DIR]

With `--keep`, a place that holds some of them already is filled up and asked again.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jollyscope.config import LakeConfig
from jollyscope.model.wire import encode
from jollyscope.query.filter import DUCKDB, parse
from jollyscope.query.listing import list_spans, list_traces
from jollyscope.store.api import Reader
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.bench.corpus import traces
from tests.bench.table import print_rows, row

Rows = list[dict[str, Any]]

STEP = 50_000
"""Traces (of 20 spans) that are made and loaded at a time."""
START = 1_760_000_000_000_000_000
APART = 250_000_000
"""Nanoseconds from one trace's start to the next: the whole is a day and a half."""
RATE = 2_000
"""Spans a second, while questions are asked."""
JAEGER = "Jaeger on ClickHouse, 10M"
"""On another machine, as published in `internal/storage/v2/clickhouse/BENCHMARKING.md` of
https://github.com/jaegertracing/jaeger."""


def store_at(home: Path) -> LakeStore:
    """Without a grace period: nobody else reads, and the spool would stay as 13 GB."""
    return LakeStore(home, LakeConfig(grace_s=0))


def build(home: Path, spans: int) -> Rows:
    """Fill up the lake at `home`, and compact it."""
    store = store_at(home)
    wanted, held = -(-spans // 20), store.info().traces if (home / "lake").exists() else 0
    began, loaded = time.perf_counter(), 0.0
    # A step that was cut short is made again, and what is there already settles.
    for first in range(held // STEP * STEP, wanted, STEP):
        count = min(STEP, wanted - first)
        writer = SpoolWriter(spool_dir(home))
        for batch in traces(count, seed=first // STEP + 1, start=START + first * APART):
            writer.write("span", b"".join(encode(span) + b"\n" for span in batch))
        writer.close()
        mark = time.perf_counter()
        store.load()
        loaded += time.perf_counter() - mark
        print(f"  {first + count:,} traces after {time.perf_counter() - began:,.0f} s", flush=True)
    made = max(0, wanted - held // STEP * STEP)
    mark = time.perf_counter()
    store.compact()
    compacted = time.perf_counter() - mark
    info = store.info()
    rows = [
        row("load of the machine before asking (cores' worth)", os.getloadavg()[0], ""),
        row("spans", info.spans, ""),
        row("parts", info.parts, ""),
    ]
    if made:
        rows.append(row("load, a million at a time", made * 20 / loaded, "spans/s", aim=">= 100,000",
                        met=made * 20 / loaded >= 100_000))  # fmt: skip
    rows.append(row("`store compact`", compacted, "s"))
    rows.append(row("bytes a span, all files", info.bytes / info.spans, "B"))
    return rows


# -- the questions: name, aim in ms, what is asked ------------------------------------------------

Question = tuple[str, float, Callable[[Reader], Any]]

P95 = """
SELECT tool_name, start_time // 3600000000000 AS hour, quantile_cont(duration_ms, 0.95)
FROM dwd_spans WHERE step_type = 'act' GROUP BY ALL ORDER BY ALL
"""


def questions(trace_id: str) -> list[Question]:
    """As screens and commands ask."""

    def spans(text: str) -> Callable[[Reader], Any]:
        where = parse(text).compile("spans", DUCKDB, time.time_ns())
        return lambda reader: list_spans(reader, where=where).rows

    def runs(text: str) -> Callable[[Reader], Any]:
        where = parse(text).compile("traces", DUCKDB, time.time_ns())
        return lambda reader: list_traces(reader, where=where).rows

    return [
        ("newest 50 traces", 150, lambda reader: list_traces(reader).rows),
        ("traces: status:error tool:search", 200, runs("status:error tool:search")),
        ("spans: status:error tool:search", 200, spans("status:error tool:search")),
        ("one trace by id", 30, lambda reader: reader.spans(trace_id)),
        ("attribute equality, a fifth of the calls", 300,
         spans("attr.http.response.status_code:404")),
        ("attribute equality, nothing matches", 300, spans("attr.http.response.status_code:418")),
        ("free text, a usual word", 2000, spans('"generator"')),
        ("free text, nothing matches", 2000, spans('"xyzzy plugh"')),
        ("p95 latency by tool and hour", 300, lambda reader: reader.query(P95).rows),
        ("50 longest spans", 0, lambda reader: list_spans(reader, sort="duration_ms").rows),
    ]  # fmt: skip


def timed(ask: Callable[[], Any], seconds: float = 8.0, most: int = 20) -> tuple[float, float, int]:
    """Milliseconds, p50 and p95, of up to `most` askings after a first one; and rows found."""
    found = len(ask())
    took: list[float] = []
    began = time.perf_counter()
    while len(took) < 3 or (len(took) < most and time.perf_counter() - began < seconds):
        mark = time.perf_counter()
        ask()
        took.append((time.perf_counter() - mark) * 1000)
    return statistics.median(took), sorted(took)[round(0.95 * (len(took) - 1))], found


def some_trace(store: LakeStore) -> str:
    """One from the middle of the store."""
    with store.reader() as reader:
        info = reader.query("SELECT count(*) FROM ads_traces").rows[0][0]
        at = reader.query(f"SELECT trace_id FROM ads_traces LIMIT 1 OFFSET {info // 2}")
        return str(at.rows[0][0])


def ask_all(home: Path, arriving: bool) -> dict[str, Any]:
    """Every question, in this process: by name p50, p95 and rows; and the peak of memory in MB.

    With `arriving`, each is asked of a view of its own, opening included.
    """
    store = store_at(home)
    asked = questions(some_trace(store))
    opening = timed(lambda: _opened(store))
    found: dict[str, Any] = {"open a view": opening}
    with store.reader() as reader:
        for name, _, ask in asked:
            if arriving:
                found[name] = timed(lambda ask=ask: _fresh(store, ask))
            else:
                found[name] = timed(lambda ask=ask: ask(reader))
    found["rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def _opened(store: LakeStore) -> list[int]:
    with store.reader() as reader:
        return reader.windows()


def _fresh(store: LakeStore, ask: Callable[[Reader], Any]) -> Any:
    with store.reader() as reader:
        return ask(reader)


def keep_writing(home: Path) -> None:
    """`RATE` spans a second into the spool until stopped; says how many when its input ends."""
    writer = SpoolWriter(spool_dir(home))
    began, count = time.time(), 0
    for batch in traces(10**9, seed=time.time_ns(), start=time.time_ns()):
        writer.write("span", b"".join(encode(span) + b"\n" for span in batch))
        count += len(batch)
        ahead = count / RATE - (time.time() - began)
        if ahead > 0:
            time.sleep(ahead)


def in_process(home: Path, *flags: str) -> dict[str, Any]:
    """`ask_all` in a process of its own, whose memory is that of asking alone."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.bench.ten_million", "--ask", str(home), *flags],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return json.loads(said.splitlines()[-1])


def while_arriving(home: Path) -> tuple[dict[str, Any], int]:
    """The same while another process writes; and spans that arrived meanwhile, all of them seen."""
    store = store_at(home)
    before = store.info().spans
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.ten_million", "--write", str(home)]
    )
    try:
        found = in_process(home, "--arriving")
    finally:
        writer.terminate()
        writer.wait()
    store.load()
    return found, store.info().spans - before


def figures(found: dict[str, Any], title: str) -> Rows:
    """Two rows a question."""
    aims = {name: aim for name, aim, _ in questions("")}
    peers = {"one trace by id": 101.0, "attribute equality, a fifth of the calls": 1769.0}
    rows: Rows = []
    for name, aim in [("open a view", 0), *aims.items()]:
        p50, p95, count = found[name]
        peer = peers.get(name)
        rows.append(
            row(f"{name} ({count} rows){title}", p50, "ms p50", peer=JAEGER if peer else "",
                peer_value=peer, aim=f"<= {aim:g} ms" if aim else "", met=p50 <= aim if aim else None)
        )  # fmt: skip
        rows.append(row("", p95, "ms p95"))
    rss = found["rss"]
    rows.append(row(f"resident memory, peak{title}", rss, "MB", aim="< 1,500", met=rss < 1500))
    return rows


def main(spans: int = 10_000_000, keep: Path | None = None) -> Rows:
    """All rows, printed; the lake is thrown away unless `keep` names a place."""
    home = keep or Path(tempfile.mkdtemp(prefix="jollyscope-bench-"))
    try:
        rows = build(home, spans)
        rows += figures(in_process(home), "")
        found, arrived = while_arriving(home)
        rows += figures(found, ", arriving")
        rows.append(row("spans that arrived meanwhile", arrived, ""))
    finally:
        if keep is None:
            shutil.rmtree(home, ignore_errors=True)
    print_rows(f"Asking {spans:,} spans", rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--spans", type=int, default=10_000_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--arriving", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(ask_all(options.ask, options.arriving)))
    elif options.write:
        keep_writing(options.write)
    else:
        main(options.spans, options.keep)
