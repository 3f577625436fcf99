"""What once broke a parser does not again, and a few hundred new inputs do not either."""

from __future__ import annotations

import time
from random import Random

import pytest

from tests.hostile.fuzz.mutate import mutated
from tests.hostile.fuzz.target import CORPUS, evolved, found
from tests.hostile.fuzz.targets import TARGETS

SEED = 20_260_101
TRIES = 60
SLOW_TRIES = 2
SECONDS = 20
"""Of the processor for one input; what takes a thousandth on most."""


def tried(name: str, data: bytes) -> None:
    began = time.process_time()
    TARGETS[name].check(data)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_right_and_what_is_kept(name: str):
    for data in (b"", *TARGETS[name].seeds()) if not TARGETS[name].slow else ():
        tried(name, data)
    for data in (*found(name).values(), *evolved(name)):
        tried(name, data)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_made_of_it(name: str):
    target = TARGETS[name]
    random = Random(f"{SEED} {name}")
    inputs = [*target.seeds(), *found(name).values(), *evolved(name)]
    for _ in range(SLOW_TRIES if target.slow else TRIES):
        data = mutated(random, inputs, target.words)
        try:
            tried(name, data)
        except BaseException:
            print(f"{name}: {data!r}")
            raise


def test_nothing_is_kept_that_no_parser_reads():
    assert {folder.name for folder in CORPUS.iterdir()} <= set(TARGETS)
    assert all(file.stat().st_size <= 1 << 16 for file in CORPUS.rglob("*") if file.is_file())
