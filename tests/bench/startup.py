"""What starting costs, beside the least that Python and Typer themselves take in the same run.

    python -m tests.bench.startup [--quick]

Whole processes, from the start to the end, of every command: those that go on until they are ended,
from the start until they are ready. Over a small store, so that it is the start that is measured.
Medians, interleaved, so that a busy machine slows each alike; the first turn, which fills the disk
cache, is left out. What is slowest is profiled: `bench-data/profiles/`.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench.keys import on_terminal
from tests.bench.table import PROFILES, print_rows, row
from tests.cli import records

PROGRAM = [str(Path(sys.executable).with_name("jollyscope"))]
BARE = [sys.executable, "-c", "pass"]
TYPER = [sys.executable, "-c", "import typer"]
REPEATS = 15
ENDING = {
    "ls": "ls",
    "show": "show 7f3a",
    "diff": "diff 7f3a 00000001",
    "stats": "stats",
    "analyze": "analyze",
    "export": "export -o -",
    "label": "label 7f3a",
    "sql": "sql SELECT+1",
    "store": "store info",
    "tail": "tail --last 1 --count 1",
    "import": "import {file}",
    "run": "run -- true",
    "demo": "demo --no-ui",
    "status": "status",
    "health": "health",
    "config": "config",
    "doctor": "doctor",
    "version": "version",
}
"""A small job of each command that ends by itself; `+` stands for a blank."""
READY = {"ui": ("ui", "traces"), "collect": ("collect --http-port 0 --grpc-port 0", "http://")}
"""Those that go on, and what they say when they are ready."""
BACKEND = {"up", "down", "restart", "logs"}
"""What they take is Docker's."""
THINKING = {"demo"}
"""What it takes is thinking, as an agent does."""
SLOWEST = 3
AIM_MS = 500


def main(*, quick: bool = False) -> list[dict[str, Any]]:
    """All measurements, in milliseconds."""
    repeats = 3 if quick else REPEATS
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder) / "home", Path(folder) / "document.json"
        records.store(home, *records.run(), *records.many(50)).close()
        env = {"JOLLYSCOPE_HOME": str(home), "JOLLYSCOPE_CONFIG": os.devnull}
        shown = subprocess.run(
            [*PROGRAM, "show", "7f3a", "--json"], env=os.environ | env, capture_output=True
        )
        file.write_bytes(shown.stdout)
        jobs: dict[str, Callable[[], None]] = {
            "bare": _ending(BARE, env),
            "typer": _ending(TYPER, env),
            "--version": _ending([*PROGRAM, "--version"], env),
            "--help": _ending([*PROGRAM, "--help"], env),
            **{name: _ending(_words(job, file), env) for name, job in ENDING.items()},
            **{name: _ready(_words(job, file), word, env) for name, (job, word) in READY.items()},
        }
        taken = measure(jobs, repeats)
        slowest = sorted(ENDING.keys() - THINKING, key=lambda name: -taken[name])[:SLOWEST]
        for name in slowest:
            profile(name, _words(ENDING[name], file)[1:], env)
    rows = [
        compared("jollyscope --version", taken["--version"], "python -c pass", taken["bare"], 3.0),
        compared("jollyscope --help", taken["--help"], "import typer", taken["typer"], 1.3),
        *(asking(name, taken[name], taken["typer"]) for name in [*ENDING, *READY]),
    ]
    print_rows("Start-up, whole processes, 51 traces", rows)
    print(f"  profiles of {', '.join(slowest)}: {PROFILES}/")
    return rows


def _words(job: str, file: Path) -> list[str]:
    return [*PROGRAM, *(word.format(file=file).replace("+", " ") for word in job.split())]


def _ending(words: list[str], env: dict[str, str]) -> Callable[[], None]:
    """Runs until it ends. `status`, `health` and `doctor` say by their exit code what is missing here."""

    def run() -> None:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, env=os.environ | env, check=False
        )
        assert b"Traceback" not in done.stderr, done.stderr
        assert done.returncode in (0, 1, 4), (words, done.returncode, done.stderr)

    return run


def _ready(words: list[str], said: str, env: dict[str, str]) -> Callable[[], None]:
    def run() -> None:
        with on_terminal(words, **env) as terminal:
            terminal.until(said)

    return run


def measure(jobs: dict[str, Callable[[], None]], repeats: int) -> dict[str, float]:
    """Median milliseconds of each job."""
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    for turn in range(repeats + 1):
        for name, job in jobs.items():
            began = time.perf_counter()
            job()
            if turn:
                taken[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(values) for name, values in taken.items()}


def profile(name: str, words: list[str], env: dict[str, str]) -> None:
    """Keep where the time of a command goes, by function, the dearest first."""
    PROFILES.mkdir(parents=True, exist_ok=True)
    raw, text = PROFILES / f"{name}.pstats", PROFILES / f"{name}.txt"
    program = [sys.executable, "-m", cProfile.__name__, "-o", str(raw), *PROGRAM, *words]
    subprocess.run(program, env=os.environ | env, capture_output=True, check=False)
    with text.open("w") as out:
        pstats.Stats(str(raw), stream=out).sort_stats("cumulative").print_stats(60)
    raw.unlink()


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


def asking(name: str, ours: float, theirs: float) -> dict[str, Any]:
    """A row of a command, beside the least that a program of this kind takes."""
    told = f"jollyscope {name}" + (" until it is ready" if name in READY else "")
    more = {"peer": "import typer", "peer_value": theirs}
    if name in THINKING:
        return row(told, ours, "ms", **more)
    return row(told, ours, "ms", **more, aim=f"< {AIM_MS}", met=ours < AIM_MS)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="3 repeats, not 15")
    main(quick=parser.parse_args().quick)
