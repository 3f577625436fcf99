"""Which rounds there are, in an order that the seed decides."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

__all__ = ["EMBEDDED", "SERVERS", "Round", "faults_of", "part", "rounds"]

EMBEDDED = ("sdk", "spool", "loader", "compaction", "corrupt", "disk", "export", "receiver")
"""Parts that need nothing but this machine."""
SERVERS = ("kafka", "flink")
"""Parts with a real broker, and with Flink and ClickHouse's engine behind it: named, they are tried."""
_WEIGHTS = {"sdk": 3, "spool": 3, "loader": 4, "compaction": 4, "corrupt": 2, "export": 2}


class Round(NamedTuple):
    """One round, which comes out the same wherever it stands."""

    number: int
    part: str
    fault: str


def part(name: str) -> ModuleType:
    """The module of a part."""
    return import_module(f"tests.chaos.parts.{name}")


def faults_of(name: str) -> tuple[str, ...]:
    """The faults of a part, the more frequent ones more than once."""
    return part(name).FAULTS


def rounds(seed: int, parts: Sequence[str]) -> Iterator[Round]:
    """Endless rounds. Every fault of a part comes before any of it comes again."""
    rng = random.Random(seed)
    weights = [_WEIGHTS.get(name, 1) for name in parts]
    left: dict[str, list[str]] = {}
    number = 0
    while True:
        number += 1
        name = rng.choices(parts, weights)[0]
        if not left.get(name):
            left[name] = list(faults_of(name))
            rng.shuffle(left[name])
        yield Round(number, name, left[name].pop())
