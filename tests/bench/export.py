"""Tables of a lake to files, beside DuckDB's own COPY of the same rows.

python -m tests.bench.export [--spans 1000000]

The peer reads one Parquet file of the same rows and columns and writes it with the same options: what
the engine takes where there is nothing to settle, choose or shape. Speeds by the clock and by CPU
seconds, which say more on a machine that others use. Memory is that of a process that does nothing but
export: of half the rows and of all, which must not matter.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from jollyscope.export.asked import Asked
from jollyscope.export.job import export
from jollyscope.model.wire import encode_lines
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.bench.corpus import traces
from tests.bench.table import print_rows, row

ROWS_A_SECOND = 500_000
MEMORY_MB = 400
GROWTH = 1.15
BEGIN = 1_760_000_000
"""Unix seconds of the first trace of the corpus; four traces of 20 spans a second follow."""
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


class Taken(NamedTuple):
    """Seconds: by the clock, and of all threads."""

    wall: float
    cpu: float


def best(act: Callable[[], object], times: int = 3) -> Taken:
    """The least of each."""
    found: list[Taken] = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        act()
        found.append(Taken(time.perf_counter() - wall, time.process_time() - cpu))
    return Taken(min(one.wall for one in found), min(one.cpu for one in found))


def written(home: Path, file: Path, **more: Any) -> None:
    """One export of steps; the file is gone again."""
    store = LakeStore(home)
    job = Asked(output=str(file), table="steps", **more).job(time.time_ns())
    with store.reader() as reader:
        export(reader, store.state, job, file)
    store.close()
    file.unlink()


def copied(source: Path, file: Path, options: str, columns: str = "*") -> None:
    """The same rows by DuckDB alone."""
    with duckdb.connect(config={"preserve_insertion_order": "false"}) as con:
        con.execute("SET enable_progress_bar = false")  # It draws one amid the figures.
        con.execute(f"COPY (SELECT {columns} FROM '{source}') TO '{file}' ({options})")
    file.unlink()


def speeds(folder: Path, home: Path, spans: int) -> list[dict[str, Any]]:
    whole = folder / "whole.parquet"
    asked = Asked(output=str(whole), table="steps", format="parquet").job(0)
    store = LakeStore(home)
    with store.reader() as reader:
        export(reader, store.state, asked, whole)
    store.close()
    rows: list[dict[str, Any]] = []
    for kind, options in KINDS.items():
        for title, fields in (("all 36 columns", None), ("10 columns", NARROW)):
            file = folder / f"out.{kind}"
            ours = best(partial(written, home, file, fields=fields))
            peer = best(partial(copied, whole, file, options, fields or "*"))
            rows += both(f"{kind}, {title}", spans, ours, peer)
    ours = best(partial(written, home, folder / "sorted.csv", sort="-start_time"), 1)
    return [*rows, row("csv, all columns, sorted", spans / ours.wall, "rows/s")]


def both(what: str, spans: int, ours: Taken, peer: Taken) -> list[dict[str, Any]]:
    """A row by the clock, which the aim is of, and one by CPU seconds to understand it by."""
    wall, cpu = spans / ours.wall, spans / ours.cpu
    return [
        row(what, wall, "rows/s", peer="DuckDB COPY", peer_value=spans / peer.wall,
            aim="500,000/s or 0.9 x", met=wall >= min(ROWS_A_SECOND, 0.9 * spans / peer.wall)),
        row(f"{what}, a CPU second", cpu, "rows", peer="DuckDB COPY", peer_value=spans / peer.cpu),
    ]  # fmt: skip


def memory(folder: Path, home: Path, spans: int) -> list[dict[str, Any]]:
    """Peak memory of a process that exports half the steps, and all of them."""
    middle = datetime.fromtimestamp(BEGIN + spans / 20 / 4 / 2, UTC).isoformat()
    found: list[dict[str, Any]] = []
    for kind in KINDS:
        half, whole = (
            alone(home, folder / f"large.{kind}", until) for until in (middle, "2100-01-01")
        )
        found.append(
            row(f"memory, {kind}, {spans:,} rows", whole, "MB", peer="half the rows",
                peer_value=half, aim=f"<{MEMORY_MB} MB, {GROWTH} x",
                met=whole < MEMORY_MB and whole <= GROWTH * half)
        )  # fmt: skip
    return found


def alone(home: Path, file: Path, until: str) -> float:
    """Peak memory of a process that does one export, in MB."""
    command = [sys.executable, "-m", "tests.bench.export", "--only", str(home), str(file), until]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def only(home: str, file: str, until: str) -> None:
    """One export, and this process's peak of memory on stdout."""
    written(Path(home), Path(file), until=until)
    # Not `getrusage`: its peak is that of whoever started this process, too.
    status = Path("/proc/self/status").read_text()
    print(next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line) / 1024)


def main(spans: int = 1_000_000) -> list[dict[str, Any]]:
    """All rows, printed."""
    with tempfile.TemporaryDirectory(prefix="jollyscope-bench-") as made:
        folder = Path(made)
        build(folder / "home", spans)
        rows = speeds(folder, folder / "home", spans)
        rows += memory(folder, folder / "home", spans)
    print_rows(f"Exporting {spans:,} steps", rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--spans", type=int, default=1_000_000)
    parser.add_argument("--only", nargs=3)
    given = parser.parse_args()
    if given.only:
        only(*given.only)
    else:
        main(given.spans)
