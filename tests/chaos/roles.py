"""What the children do until they are killed. `folder` holds the data directory `home` and their notes."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jollyscope.config import LakeConfig
from jollyscope.errors import JollyScopeError
from jollyscope.store.lake.store import LakeStore
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.chaos import failing
from tests.chaos.records import WRITER, Notes, lines

__all__ = ["TOLD", "play"]

TOLD = 3
"""The exit code of a child that was told what is wrong, in a sentence for people."""


def play(role: str, folder: Path, fault: list[Any] | None, given: dict[str, Any]) -> int:
    """The exit code of the role."""
    home = folder / "home"
    os.environ["JOLLYSCOPE_HOME"] = str(home)
    os.environ["JOLLYSCOPE_CONFIG"] = str(folder / "none.toml")
    if fault is not None:
        failing.install(*fault, below=str(home))
    code = _ROLES[role](folder, **given)
    return 0 if code is None else code


def agent(folder: Path, *, seed: int, notes: str, skew: int = 0) -> None:
    """An agent with the SDK: notes every step's start and end, and every flush that was done.

    `S <span id> <ns> <number>`, `E <span id> <ns> <number>`, `F 0 <ns> 0`. `skew` has the clock of its
    spans jump by as many seconds, to and fro.
    """
    import jollyscope

    rng = random.Random(seed)
    fd, write = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), os.write

    def note(mark: str, span_id: str, number: int) -> None:
        write(fd, f"{mark} {span_id} {time.monotonic_ns()} {number}\n".encode())

    if skew:
        _skew_spans(rng, skew)
    jollyscope.init(service="to-kill", flush_ms=100)
    number = 0
    with jollyscope.run("work", input="0") as run:
        note("S", run.span_id, 0)
        while True:
            number += 1
            with jollyscope.act(
                "tool", input=f"{number} 北京 👥 {'x' * rng.randrange(2000)}"
            ) as step:
                note("S", step.span_id, number)
                time.sleep(rng.choice([0.0005, 0.002, 0.01]))
            note("E", step.span_id, number)
            if rng.random() < 0.1:
                done = number
                if jollyscope.flush():
                    note("F", "0", done)


def _skew_spans(rng: random.Random, seconds: int) -> None:
    import opentelemetry.sdk.trace as trace

    jump = 0

    def skewed() -> int:
        nonlocal jump
        if rng.random() < 0.1:
            jump = rng.randint(-seconds, seconds) * 10**9
        return time.time_ns() + jump

    trace.time_ns = skewed  # type: ignore[attr-defined]


def write(
    folder: Path, *, writer: int, seed: int, notes: str, batches: int = 10**6, pause: float = 0.002,
    segment_bytes: int = 60_000,
) -> None:  # fmt: skip
    """One that writes to the spool, and tries again what the disk did not take."""
    rng = random.Random(seed)
    noted = Notes(Path(notes))
    spool = SpoolWriter(spool_dir(folder / "home"), segment_bytes=segment_bytes)
    first = writer * WRITER
    for _ in range(batches):
        numbers = range(first, first + rng.randint(1, 30))
        noted.say("W", numbers[0], numbers[-1])
        _write(spool, lines(numbers, start=True))
        noted.say("O", numbers[0], numbers[-1])
        _write(spool, lines(numbers))
        noted.say("A", numbers[0], numbers[-1])
        first = numbers[-1] + 1
        time.sleep(pause)
    spool.close()
    print("done")


def _write(spool: SpoolWriter, data: bytes) -> None:
    while True:
        try:
            return spool.write("span", data)
        except OSError:
            time.sleep(0.01)  # the disk is full: as the SDK does, only sooner


def upkeep(
    folder: Path, *, seed: int, tasks: list[str], turns: int = 10**6, grace_s: int = 600,
    skew: int = 0,
) -> int:  # fmt: skip
    """One that loads, compacts, tidies and prunes, again and again. `skew` has its clock jump."""
    rng = random.Random(seed)

    def now() -> int:
        return time.time_ns() + (rng.randint(-skew, skew) * 10**9 if skew else 0)

    store = LakeStore(folder / "home", LakeConfig(grace_s=grace_s), now=now)
    todo: dict[str, Callable[[], object]] = {
        "load": lambda: store.load(chunk=rng.choice([5_000, 100_000, 64 << 20])),
        "compact": store.compact,
        "tidy": store.tidy,
        "prune": lambda: store.prune(older_than=400 * 86_400_000_000_000),
    }
    print("up")
    for turn in range(turns):
        try:
            todo[rng.choice(tasks)]()
        except (JollyScopeError, OSError) as error:
            print(f"told after {turn}: {type(error).__name__}: {error}")
            return TOLD
    return 0


def command(_folder: Path, *, arguments: list[str]) -> int:
    """The program `jollyscope`."""
    from jollyscope_cli.main import main

    return main(arguments)


def _late(module: str, name: str) -> Callable[..., int | None]:
    """A role of another module, loaded when it is played."""

    def role(folder: Path, **given: Any) -> int | None:
        from importlib import import_module

        return getattr(import_module(f"tests.chaos.{module}"), name)(folder, **given)

    return role


_ROLES: dict[str, Callable[..., int | None]] = {
    "agent": agent,
    "write": write,
    "upkeep": upkeep,
    "command": command,
    "watch": _late("watching", "watch"),
    "hear": _late("watching", "hear"),
    "send": _late("streams", "send"),
    "listen": _late("streams", "listen"),
}
