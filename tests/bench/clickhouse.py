"""Asking ClickHouse the questions of `ten_million`, beside the lake, over the same spans.

python -m tests.bench.clickhouse [--spans 10000000]

The engine runs in this process (`chdb`); records come in by the way that Kafka's take. Each question
is asked with the views planned anew, as a server does.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

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

P95 = """
SELECT tool_name, intDiv(start_time, 3600000000000) AS hour, quantileExactInclusive(0.95)(duration_ms)
FROM dwd_spans WHERE step_type = 'act' GROUP BY ALL ORDER BY ALL
"""


def build(store: ClickHouseStore, spans: int) -> Rows:
    """Fill an empty database, and have it merge."""
    store.migrate()
    made = 0.0
    with connect(store.address) as client:
        for first in range(0, spans // 20, 2_500):
            count = min(2_500, spans // 20 - first)
            start = ten_million.START + first * ten_million.APART
            lines = [
                Line(encode(span), "bench", first)
                for batch in traces(count, seed=first + 1, start=start)
                for span in batch
            ]
            mark = time.perf_counter()
            write(client, "span", lines, topic="bench")
            made += time.perf_counter() - mark
        mark = time.perf_counter()
        store.compact()
        merged = time.perf_counter() - mark
        size = client.query(
            "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND table NOT LIKE 'ods%' "
            "AND database = currentDatabase()"
        ).result_rows[0][0]
    return [
        row("load", spans / made, "spans/s"),
        row("merging all", merged, "s"),
        row("bytes a span, without ODS", size / spans, "B"),
    ]


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


def main(spans: int = 10_000_000) -> Rows:
    """All rows, printed."""
    home = Path(tempfile.mkdtemp(prefix="jollyscope-bench-"))
    try:
        store = ClickHouseStore(Address(folder=str(home / "clickhouse"), database="bench"))
        rows = build(store, spans)
        beside = ten_million.build(home / "lake", spans)
        lake = ten_million.store_at(home / "lake")
        size = next(r for r in beside if r["what"] == "bytes a span, all files")
        rows[-1] = row(
            rows[-1]["what"], rows[-1]["value"], "B", peer="lake", peer_value=size["value"]
        )
        with store.reader() as ours, lake.reader() as theirs:
            trace_id = list_traces(ours, limit=1).rows[0].trace_id
            known = ten_million.some_trace(lake)
            asked = questions(theirs, known)
            for name, ask in questions(ours, trace_id).items():
                p50, p95, count = ten_million.timed(ask)
                peer, _, _ = ten_million.timed(asked[name])
                rows.append(
                    row(f"{name} ({count} rows)", p50, "ms p50", peer="lake", peer_value=peer)
                )
                rows.append(row("", p95, "ms p95"))
        rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows.append(row("resident memory, peak, both", rss, "MB"))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print_rows(f"Asking {spans:,} spans of ClickHouse", rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--spans", type=int, default=10_000_000)
    main(parser.parse_args().spans)
