"""Tables of a lake to files, beside DuckDB's own COPY of the same rows.

python -m tests.bench.export [--spans 100000] [--memory 1000000]

The peer reads one Parquet file of the same rows and columns and writes it with the same options: what
the engine takes where there is nothing to settle, choose or shape. Memory is that of a process that
does nothing but export.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from jollyscope.export.asked import Asked
from jollyscope.export.job import export
from jollyscope.model.wire import encode_lines
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.bench.corpus import traces
from tests.bench.table import print_rows, row

ROWS_A_SECOND = 500_000
MEMORY_MB = 2_500
KINDS = {
    "csv": "FORMAT csv, HEADER true, NEW_LINE '\\r\\n'",
    "parquet": "FORMAT parquet, COMPRESSION zstd",
    "jsonl": "FORMAT json",
}
NARROW = (
    "trace_id,span_id,name,step_type,start_time,duration_ms,status,tool_name,model,input_tokens"
)


def build(home: Path, spans: int) -> None:
    """A lake of so many spans."""
    writer = SpoolWriter(spool_dir(home))
    for trace in traces(spans // 20):
        writer.write("span", encode_lines(trace))
    writer.close()
    store = LakeStore(home)
    store.compact()
    store.close()


def written(home: Path, file: Path, **more: Any) -> float:
    """Seconds that an export takes, the best of three."""
    return min(_once(home, file, more) for _ in range(3))


def _once(home: Path, file: Path, more: dict[str, Any]) -> float:
    store = LakeStore(home)
    job = Asked(output=str(file), table="steps", **more).job(time.time_ns())
    with store.reader() as reader:
        begun = time.perf_counter()
        export(reader, store.state, job, file)
        taken = time.perf_counter() - begun
    store.close()
    file.unlink()
    return taken


def copied(source: Path, file: Path, options: str, columns: str = "*") -> float:
    """Seconds that DuckDB takes for the same rows, the best of three."""
    taken: list[float] = []
    for _ in range(3):
        with duckdb.connect(config={"preserve_insertion_order": "false"}) as con:
            begun = time.perf_counter()
            con.execute(f"COPY (SELECT {columns} FROM '{source}') TO '{file}' ({options})")
            taken.append(time.perf_counter() - begun)
        file.unlink()
    return min(taken)


def speeds(folder: Path, spans: int) -> list[dict[str, Any]]:
    home, whole = folder / "home", folder / "whole.parquet"
    build(home, spans)
    asked = Asked(output=str(whole), table="steps", format="parquet").job(0)
    store = LakeStore(home)
    with store.reader() as reader:
        export(reader, store.state, asked, whole)
    store.close()
    rows: list[dict[str, Any]] = []
    for kind, options in KINDS.items():
        for title, fields in (("all 36 columns", None), ("10 columns", NARROW)):
            file = folder / f"out.{kind}"
            ours = spans / written(home, file, fields=fields)
            peer = spans / copied(whole, file, options, fields or "*")
            what = f"{kind}, {title}"
            rows.append(
                row(what, ours, "rows/s", peer="DuckDB COPY", peer_value=peer, aim="500,000/s or the peer's",
                    met=ours >= min(ROWS_A_SECOND, 0.9 * peer))
            )  # fmt: skip
    ours = spans / written(home, folder / "sorted.csv", sort="-start_time")
    rows.append(row("csv, all columns, sorted", ours, "rows/s"))
    return rows


def memory(folder: Path, spans: int) -> list[dict[str, Any]]:
    """Peak memory of a process that exports so many steps."""
    build(folder / "large", spans)
    found: list[dict[str, Any]] = []
    for kind in KINDS:
        done = subprocess.run(
            [sys.executable, "-m", __spec__.name if __spec__ else __name__, "--only",
             str(folder / "large"), str(folder / f"large.{kind}")],
            capture_output=True, text=True, check=True, env=dict(os.environ),
        )  # fmt: skip
        peak = float(done.stdout)
        found.append(
            row(f"memory, {kind}, {spans:,} rows", peak, "MB", aim=f"<{MEMORY_MB} MB",
                met=peak < MEMORY_MB)
        )  # fmt: skip
    return found


def only(home: Path, file: Path) -> None:
    """One export, and this process's peak of memory on stdout."""
    _once(home, file, {})
    # Not `getrusage`: its peak is that of whoever started this process, too.
    status = Path("/proc/self/status").read_text()
    print(next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024)


def main(spans: int = 100_000, large: int = 1_000_000) -> list[dict[str, Any]]:
    """All rows, printed."""
    folder = Path(tempfile.mkdtemp(prefix="jollyscope-bench-"))
    try:
        rows = speeds(folder, spans)
        if large:
            rows += memory(folder, large)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print_rows(f"Exporting {spans:,} steps", rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--spans", type=int, default=100_000)
    parser.add_argument("--memory", type=int, default=1_000_000)
    parser.add_argument("--only", nargs=2, type=Path)
    given = parser.parse_args()
    if given.only:
        only(*given.only)
    else:
        main(given.spans, given.memory)
