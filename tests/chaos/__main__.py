"""`make chaos`, and `make chaos ARGS="--rounds 300 --seed 7 --only spool,loader --minutes 20"`."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from tests.chaos.plan import EMBEDDED, SERVERS, Round, part, rounds
from tests.chaos.trial import Outcome, Trial, table
from tests.chaos.zygote import Zygote


def main(arguments: Sequence[str] | None = None) -> int:
    """Run rounds; 1 where any failed."""
    asked = _asked(arguments)
    for name in list(os.environ):
        if name.startswith(("JOLLYSCOPE_", "OTEL_")):
            del os.environ[name]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # though started in the background
    print(f"seed {asked.seed}", flush=True)
    folder = Path(tempfile.mkdtemp(prefix="jollyscope-chaos-"))
    os.environ["JOLLYSCOPE_CONFIG"] = str(folder / "none.toml")
    outcomes: list[Outcome] = []
    try:
        with Zygote() as zygote:
            trial = Trial(zygote, folder, asked.seed)
            for one in _rounds(asked):
                outcomes.append(trial.run(one))
                _tell(outcomes[-1], asked, folder)
    except KeyboardInterrupt:
        print("interrupted")
    print(f"\n{table(outcomes)}\nseed {asked.seed}")
    failed = any(outcome.problem for outcome in outcomes)
    if not failed:
        shutil.rmtree(folder)
    return int(failed)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=300, help="how many (300)")
    parser.add_argument("--minutes", type=float, help="no round begins after so long")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    parser.add_argument("--only", help=f"of {','.join((*EMBEDDED, *SERVERS))}")
    parser.add_argument("--round", type=int, help="this one alone, of --seed and --only")
    asked = parser.parse_args(arguments)
    asked.parts = tuple(asked.only.split(",")) if asked.only else EMBEDDED
    unknown = set(asked.parts) - {*EMBEDDED, *SERVERS}
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    for name in asked.parts:
        lacking = getattr(part(name), "lacking", lambda: "")()
        if lacking:
            print(f"without {name}: {lacking}")
            asked.parts = tuple(one for one in asked.parts if one != name)
    if not asked.parts:
        parser.error("nothing is left to try")
    return asked


def _rounds(asked: argparse.Namespace) -> Iterator[Round]:
    planned = rounds(asked.seed, asked.parts)
    if asked.round is not None:
        yield from islice(planned, asked.round - 1, asked.round)
        return
    end = time.monotonic() + asked.minutes * 60 if asked.minutes else float("inf")
    for one in islice(planned, asked.rounds):
        if time.monotonic() > end:
            return
        yield one


def _tell(outcome: Outcome, asked: argparse.Namespace, folder: Path) -> None:
    number, name, fault = outcome.round
    head = f"{number:5}  {name:10}  {fault:16}  {outcome.seconds:5.1f} s"
    if not outcome.problem:
        print(f"{head}  {outcome.acknowledged:6,} acknowledged", flush=True)
        return
    only = f" --only {asked.only}" if asked.only else ""
    print(f"{head}  FAILED: {outcome.problem[:600]}")
    print(f'       again: make chaos ARGS="--seed {asked.seed}{only} --round {number}"')
    print(f"       its folder: {folder / f'round-{number}'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
