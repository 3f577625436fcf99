"""Tries parsers for some minutes: `make fuzz ARGS="--minutes 10 --only filter"`.

Guided by coverage where `atheris` (libFuzzer for Python) is installed, which `make fuzz` does where
there is one for this machine; else by mutation alone. An input that breaks a parser is saved below
`tests/hostile/corpus/`, which the tests replay; so is, with `--keep`, what reaches far into one.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import sys
import time
import traceback
from pathlib import Path
from random import Random

import msgspec

from tests.hostile.fuzz import libfuzzer
from tests.hostile.fuzz.mutate import mutated
from tests.hostile.fuzz.target import CORPUS, Target, evolved, found
from tests.hostile.fuzz.targets import TARGETS

WORK = Path("build/fuzz")
KEPT_BYTES = 24_000
"""Of the inputs kept of a guided run, for one parser."""


def main() -> int:
    """Every parser in turn, or those that are named; 1 where any of them broke."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    asked.add_argument("--minutes", type=float, default=5, help="all parsers together (5)")
    asked.add_argument("--only", default=",".join(TARGETS), help=f"of {', '.join(TARGETS)}")
    asked.add_argument("--seed", type=int, default=int(time.time()))
    asked.add_argument("--keep", action="store_true", help="keep what reached far")
    said = asked.parse_args()
    names = said.only.split(",")
    if unknown := set(names) - set(TARGETS):
        asked.error(f"there is no {', '.join(sorted(unknown))}")
    seconds = max(2, round(said.minutes * 60 / len(names)))
    guided = importlib.util.find_spec("atheris") is not None
    print(f"{'guided' if guided else 'mutating'}, seed {said.seed}, {seconds} s each", flush=True)
    broken = 0
    for name in names:
        target = TARGETS[name]
        try_it = _guided if guided and not target.slow else _mutating
        tries, finding = try_it(target, seconds, said.seed)
        print(f"{name:14} {tries:>9,} inputs  {finding or 'well'}", flush=True)
        broken += bool(finding)
        if said.keep and guided and not target.slow:
            _keep(target)
    return min(broken, 1)


def _save(target: Target, data: bytes) -> Path:
    file = CORPUS / target.name / f"found-{hashlib.sha256(data).hexdigest()[:10]}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def _mutating(target: Target, seconds: int, seed: int) -> tuple[int, str]:
    random = Random(f"{seed} {target.name}")
    inputs = [*target.seeds(), *found(target.name).values(), *evolved(target.name)]
    end = time.monotonic() + seconds
    tries = 0
    while time.monotonic() < end:
        data = mutated(random, inputs, target.words)
        tries += 1
        try:
            target.check(data)
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            traceback.print_exc()
            return tries, f"BROKEN: {_save(target, data)}"
    return tries, ""


def _guided(target: Target, seconds: int, seed: int) -> tuple[int, str]:
    known = [*target.seeds(), *found(target.name).values(), *evolved(target.name)]
    done = libfuzzer.run(target, known, WORK / target.name, seconds, seed)
    if done.broke:
        sys.stderr.write(done.said[-6000:])
        return (
            done.tries or 0,
            f"BROKEN: {', '.join(str(_save(target, data)) for data in done.broke)}",
        )
    if done.tries is None:
        sys.stderr.write(done.said[-3000:])
        return 0, "BROKEN: it did not run"
    return done.tries, ""


def _keep(target: Target) -> None:
    """The smallest of what libFuzzer found worth keeping."""
    files = sorted((WORK / target.name / "corpus").iterdir(), key=lambda file: file.stat().st_size)
    inputs: list[bytes] = []
    for file in files:
        inputs.append(file.read_bytes())
        if sum(map(len, inputs)) > KEPT_BYTES:
            break
    texts = sorted(data.decode("latin-1") for data in inputs)
    (CORPUS / target.name).mkdir(parents=True, exist_ok=True)
    (CORPUS / target.name / "evolved.json").write_bytes(msgspec.json.encode(texts) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
