"""What starting costs, beside the least that Python and Typer themselves take in the same run.

    python -m tests.bench.startup [--quick]

(a) `jollyscope --version` / a bare interpreter. (b) `jollyscope --help` / `python -c "import typer"`.
(c) for information: `ls` and `show` of one trace in a small store, whole processes. Medians of 15,
interleaved, so that a busy machine slows each alike.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.table import print_rows, row
from tests.cli import records

PROGRAM = [str(Path(sys.executable).with_name("jollyscope"))]
BARE = [sys.executable, "-c", "pass"]
TYPER = [sys.executable, "-c", "import typer"]
REPEATS = 15


def main(*, quick: bool = False) -> list[dict[str, Any]]:
    """All measurements, in milliseconds."""
    with tempfile.TemporaryDirectory() as home:
        records.store(Path(home), *records.run(), *records.many(50)).close()
        taken = measure(
            {
                "bare": BARE,
                "version": [*PROGRAM, "--version"],
                "typer": TYPER,
                "help": [*PROGRAM, "--help"],
                "ls": [*PROGRAM, "ls"],
                "show": [*PROGRAM, "show", "7f3a"],
            },
            {**os.environ, "JOLLYSCOPE_HOME": home, "JOLLYSCOPE_CONFIG": os.devnull},
            5 if quick else REPEATS,
        )
    rows = [
        compared("jollyscope --version", taken["version"], "python -c pass", taken["bare"], 3.0),
        compared("jollyscope --help", taken["help"], "import typer", taken["typer"], 1.3),
        row("jollyscope ls, 51 traces in the spool", taken["ls"], "ms", aim="< 1000"),
        row("jollyscope show of one of them", taken["show"], "ms", aim="< 1000"),
    ]
    for told in rows[2:]:
        told["met"] = told["value"] < 1000
    print_rows("Start-up, whole processes", rows)
    return rows


def measure(commands: dict[str, list[str]], env: dict[str, str], repeats: int) -> dict[str, float]:
    """Median milliseconds of each command."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(repeats + 1):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True, env=env)
            if turn:  # the first only fills the disk cache
                taken[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(values) for name, values in taken.items()}


def compared(what: str, ours: float, peer: str, theirs: float, most: float) -> dict[str, Any]:
    """A row of the table: at most `most` times the peer."""
    return row(
        what,
        ours,
        "ms",
        peer=peer,
        peer_value=theirs,
        aim=f"<= {most} x",
        met=ours <= theirs * most,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="5 repeats, not 15")
    main(quick=parser.parse_args().quick)
