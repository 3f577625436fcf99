"""The lake at 1,000,000 spans: loading, size, and how fast commands answer.

python -m tests.bench.store [--traces 50000] [--keep DIR]
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from jollyscope.query.listing import list_traces
from jollyscope.store.lake.engine import json_source, literal
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, segments, spool_dir
from tests.bench.corpus import lines
from tests.bench.table import print_rows, row

Rows = list[dict[str, Any]]


def fill(home: Path, traces: int) -> None:
    """A spool of `traces` runs, 20 spans each or nearly."""
    writer = SpoolWriter(spool_dir(home))
    gathered: list[bytes] = []
    for number, text in enumerate(lines(traces)):
        gathered.append(text)
        if len(gathered) == 500 or number == traces - 1:
            writer.write("span", b"".join(gathered))
            gathered.clear()
    writer.close()


def peer_load(home: Path) -> float:
    """Seconds that DuckDB alone takes from the same files to one sorted zstd Parquet file."""
    files = [str(segment.path) for segment in segments(spool_dir(home))]
    source = json_source("span").replace("?", "[" + ", ".join(map(literal, files)) + "]")
    out = home / "peer.parquet"
    began = time.perf_counter()
    con = duckdb.connect()
    con.execute(
        f"COPY (SELECT * FROM {source} ORDER BY start_time) TO {literal(str(out))} "
        "(FORMAT parquet, COMPRESSION zstd)"
    )
    took = time.perf_counter() - began
    out.unlink()
    return took


LOAD = """
import sys, time
from pathlib import Path
from jollyscope.store.lake.store import LakeStore
began = time.perf_counter()
spans = LakeStore(Path(sys.argv[1])).load()
print(spans, time.perf_counter() - began)
"""


def our_load(home: Path) -> tuple[int, float]:
    """Spans and seconds of a load by a fresh process, as a command does it."""
    shutil.rmtree(home / "lake", ignore_errors=True)
    said = subprocess.run(
        [sys.executable, "-c", LOAD, str(home)], capture_output=True, text=True, check=True
    ).stdout
    spans, seconds = said.split()
    return int(spans), float(seconds)


def loading(home: Path) -> Rows:
    """Spool to lake, beside DuckDB's own COPY of the same bytes."""
    os.sync()  # what the filling left to be written is no part of this
    spool_bytes = sum(segment.size for segment in segments(spool_dir(home)))
    spans = 0
    took: list[float] = []
    peer: list[float] = []
    for _ in range(2):
        spans, seconds = our_load(home)
        took.append(seconds)
        peer.append(peer_load(home))
    size = LakeStore(home).info().bytes
    rate, peer_rate = spans / min(took), spans / min(peer)
    return [
        row("spans", spans, "", aim=""),
        row("bytes a record in the spool", spool_bytes / spans, "B"),
        row("load", rate, "spans/s", peer="DuckDB COPY alone", peer_value=peer_rate,
            aim=">= 100,000", met=rate >= 100_000),
        row("spool bytes / lake bytes", spool_bytes / size, "x", aim=">= 8", met=spool_bytes / size >= 8),
    ]  # fmt: skip


def command(home: Path, *arguments: str, repeats: int = 7) -> float:
    """Median seconds of a whole `jollyscope` process."""
    took: list[float] = []
    for _ in range(repeats):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "jollyscope_cli", *arguments],
            env={**os.environ, "JOLLYSCOPE_HOME": str(home)}, capture_output=True, check=False,
        )  # fmt: skip
        took.append(time.perf_counter() - began)
        assert done.returncode == 0, done.stderr.decode()
    return statistics.median(took)


def timed(ask: Callable[[], Any], repeats: int = 7) -> float:
    """Median milliseconds."""
    took: list[float] = []
    for _ in range(repeats):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def asking(home: Path) -> Rows:
    """Listing and showing, as a process and as the query in it."""
    store = LakeStore(home)
    with store.reader() as reader:
        page = list_traces(reader)
        middle = reader.query(
            "SELECT trace_id FROM ads_traces ORDER BY start_time LIMIT 1 OFFSET 20000"
        ).rows
        trace_id = middle[0][0] if middle else page.rows[0].trace_id

    def first_query() -> None:
        with store.reader() as fresh:
            list_traces(fresh)

    bare = command(home, "--version")
    ls, show = command(home, "ls", "traces"), command(home, "show", trace_id)
    query = timed(first_query)
    with store.reader() as reader:
        spans = timed(lambda: reader.spans(trace_id))
    return [
        row("`ls traces`, whole process", ls, "s", peer="jollyscope --version", peer_value=bare,
            aim="< 1", met=ls < 1),
        row("`ls traces`, the query with a new view", query, "ms", aim="< 100", met=query < 100),
        row("`show TRACE`, whole process", show, "s", peer="jollyscope --version", peer_value=bare,
            aim="< 1", met=show < 1),
        row("`show TRACE`, the spans", spans, "ms"),
    ]  # fmt: skip


def main(traces: int = 50_000, keep: Path | None = None) -> Rows:
    """All rows, printed; the data is made, and thrown away unless `keep` names a place."""
    home = keep or Path(tempfile.mkdtemp(prefix="jollyscope-bench-"))
    try:
        if not spool_dir(home).is_dir():
            fill(home, traces)
        rows = loading(home) + asking(home)
    finally:
        if keep is None:
            shutil.rmtree(home, ignore_errors=True)
    print_rows(f"Lake, {traces:,} traces", rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--traces", type=int, default=53_000)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    main(options.traces, options.keep)
