"""`make load`: a thousand agents at a time, on the embedded store or the pipeline.

    make load ARGS="--store pipeline --minutes 10 --sessions 1000 --seed 7 --out DIR"

Progress goes to stderr. `report.txt` and `load.svg` are left in DIR beside all that the run wrote. The exit
code is 1 where a step is not in the store as it was, or agents were slowed by more than is promised.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from pathlib import Path

from tests.load import report
from tests.load.plot import plot
from tests.load.run import SYSTEMS, Asked, Result, run, to_stderr

OUT = Path("load-data")


def main(argv: list[str]) -> int:
    """Run, report; the exit code."""
    options = argparse.ArgumentParser(
        prog="make load", description="Load a store and account for it."
    )
    options.add_argument("--store", choices=tuple(SYSTEMS), default="lake")
    options.add_argument("--minutes", type=float, default=10.0)
    options.add_argument("--sessions", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path, help=f"a new folder; else one in {OUT}, emptied")
    given = options.parse_args(argv)
    # So that what was started is ended then too.
    signal.signal(signal.SIGTERM, _terminated)
    folder = _emptied(given.store) if given.out is None else _new(given.out)
    try:
        result = run(
            Asked(given.store, given.minutes, given.sessions, given.seed), folder, to_stderr
        )
    except KeyboardInterrupt:
        return 130
    text = report.text(result)
    (folder / "report.txt").write_text(text)
    (folder / "load.svg").write_text(plot(result))
    print(text)
    print(f"{folder / 'report.txt'}\n{folder / 'load.svg'}")
    return 0 if good(result) else 1


def _terminated(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)


def good(result: Result) -> bool:
    """Whether what is promised of every run held. Times depend on the machine and are told only."""
    off = result.ways["off"]
    slow = (report.slower(way, off) for name, way in result.ways.items() if name != "off")
    return result.account.exact and all(share <= report.SLOWER for share in slow)


def _emptied(store: str) -> Path:
    folder = OUT / store
    shutil.rmtree(folder, ignore_errors=True)
    return _new(folder)


def _new(folder: Path) -> Path:
    if folder.exists():
        sys.exit(f"{folder} is there already; name a new folder.")
    folder.mkdir(parents=True)
    return folder.resolve()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
