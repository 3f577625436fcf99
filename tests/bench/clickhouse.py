"""Asking ClickHouse the questions of `ten_million`, beside the lake, over the same spans.

python -m tests.bench.clickhouse [--spans 10000000] [--alone]

`BENCH_CLICKHOUSE_SPANS` says how many when nothing else does (200,000). The engine runs in this process
(`chdb`); records come in by the way that Kafka's take. Each question is asked with the views planned
anew, as a server does. CPU is that of all threads; unlike the time it hardly depends on what else runs.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from jollyscope.model.wire import encode
from jollyscope.query.filter import engine, parse
from jollyscope.query.listing import list_spans, list_traces
from jollyscope.store.api import Reader
from jollyscope.store.clickhouse.connection import connect
from jollyscope.store.clickhouse.store import ClickHouseStore
from jollyscope.store.clickhouse.url import Address
from jollyscope.store.clickhouse.writing import Line, write
from tests.bench import ten_million
from tests.bench.corpus import traces
from tests.bench.table import print_rows, row

Rows = list[dict[str, Any]]

SPANS = int(os.environ.get("BENCH_CLICKHOUSE_SPANS", "200000"))
P95 = """
SELECT tool_name, intDiv(start_time, 3600000000000) AS hour, quantileExactInclusive(0.95)(duration_ms)
FROM dwd_spans WHERE step_type = 'act' GROUP BY ALL ORDER BY ALL
"""


def build(store: ClickHouseStore, spans: int) -> Rows:
    """Fill an empty database, and have it merge."""
    store.migrate()
    made = spent = 0.0
    with connect(store.address) as client:
        for first in range(0, spans // 20, 2_500):
            count = min(2_500, spans // 20 - first)
            start = ten_million.START + first * ten_million.APART
            lines = [
                Line(encode(span), "bench", first)
                for batch in traces(count, seed=first + 1, start=start)
                for span in batch
            ]
            mark, used = time.perf_counter(), time.process_time()
            write(client, "span", lines, topic="bench")
            made += time.perf_counter() - mark
            spent += time.process_time() - used
        mark = time.perf_counter()
        store.compact()
        merged = time.perf_counter() - mark
        largest = client.query(_LARGEST).result_rows
        ((size,),) = client.query(_SIZE).result_rows
    return [
        row("load", spans / made, "spans/s"),
        row("load, CPU", spent / spans * 1e6, "us/span"),
        row("merging all", merged, "s"),
        *(row(f"bytes a span, {column}", held / spans, "B") for column, held in largest),
        row(SIZE, size / spans, "B"),
    ]


SIZE = "bytes a span, without ODS"
_SIZE = """
SELECT sum(bytes_on_disk) FROM system.parts
WHERE active AND table NOT LIKE 'ods%' AND database = currentDatabase()
"""
_LARGEST = """
SELECT table || '.' || column, sum(column_bytes_on_disk) FROM system.parts_columns
WHERE active AND table NOT LIKE 'ods%' AND database = currentDatabase()
GROUP BY ALL ORDER BY 2 DESC LIMIT 6
"""


def questions(reader: Reader, trace_id: str) -> dict[str, Callable[[], Any]]:
    """Those of `ten_million`, by the same names, for a reader's own dialect."""

    def spans(text: str) -> Callable[[], Any]:
        where = parse(text).compile("spans", engine(reader), time.time_ns())
        return lambda: list_spans(reader, where=where).rows

    def runs(text: str) -> Callable[[], Any]:
        where = parse(text).compile("traces", engine(reader), time.time_ns())
        return lambda: list_traces(reader, where=where).rows

    p95 = P95 if reader.dialect == "clickhouse" else ten_million.P95
    return {
        "newest 50 traces": lambda: list_traces(reader).rows,
        "traces: status:error tool:search": runs("status:error tool:search"),
        "spans: status:error tool:search": spans("status:error tool:search"),
        "one trace by id": lambda: reader.spans(trace_id),
        "attribute equality, a fifth of the calls": spans("attr.http.response.status_code:404"),
        "attribute equality, nothing matches": spans("attr.http.response.status_code:418"),
        "free text, a usual word": spans('"generator"'),
        "free text, nothing matches": spans('"xyzzy plugh"'),
        "p95 latency by tool and hour": lambda: reader.query(p95).rows,
        "50 longest spans": lambda: list_spans(reader, sort="duration_ms").rows,
    }


class Cost(NamedTuple):
    """What asking costs, in ms: half of all times are below `p50`; `cpu` is the average."""

    p50: float
    p95: float
    cpu: float
    found: int


def cost(ask: Callable[[], Any]) -> Cost:
    """Of asking it again and again."""
    asked, used = 0, time.process_time()

    def counted() -> Any:
        nonlocal asked
        asked += 1
        return ask()

    p50, p95, found = ten_million.timed(counted)
    return Cost(p50, p95, (time.process_time() - used) / asked * 1000, found)


def main(spans: int = SPANS, *, beside: bool = True) -> Rows:
    """All rows, printed; the lake's at as many spans unless not `beside`."""
    home = Path(tempfile.mkdtemp(prefix="jollyscope-bench-"))
    try:
        store = ClickHouseStore(Address(folder=str(home / "clickhouse"), database="bench"))
        rows = build(store, spans)
        with store.reader() as reader:
            known = list_traces(reader, limit=1).rows[0].trace_id
            ours = {name: cost(ask) for name, ask in questions(reader, known).items()}
        theirs = _lakes(home / "lake", spans, rows) if beside else {}
        for name, held in ours.items():
            peer = theirs.get(name)
            what = f"{name} ({held.found} rows)"
            for field, unit in (("p50", "ms p50"), ("p95", "ms p95"), ("cpu", "ms CPU")):
                rows.append(
                    row(what, getattr(held, field), unit, peer="lake" if peer else "",
                        peer_value=getattr(peer, field, None))
                )  # fmt: skip
                what = ""
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append(row("resident memory, peak", rss, "MB"))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print_rows(f"Asking {spans:,} spans of ClickHouse", rows)
    return rows


def _lakes(home: Path, spans: int, rows: Rows) -> dict[str, Cost]:
    """What the same costs a lake; its size goes beside ours."""
    built = ten_million.build(home, spans)
    size = next(r["value"] for r in built if r["what"] == "bytes a span, all files")
    at = next(n for n, r in enumerate(rows) if r["what"] == SIZE)
    rows[at] = row(SIZE, rows[at]["value"], "B", peer="lake", peer_value=size)
    lake = ten_million.store_at(home)
    known = ten_million.some_trace(lake)
    with lake.reader() as reader:
        return {name: cost(ask) for name, ask in questions(reader, known).items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--spans", type=int)
    parser.add_argument("--alone", action="store_true", help="without the lake")
    options = parser.parse_args()
    chosen = {} if options.spans is None else {"spans": options.spans}
    main(**chosen, beside=not options.alone)
