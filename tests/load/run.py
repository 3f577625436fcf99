"""A whole run: a system, agents that load it, somebody who looks meanwhile, and the account at the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec

from jollyscope.store.api import open_store
from tests.load import ledger, poller
from tests.load.accounting import Account, account
from tests.load.agent import Pace
from tests.load.fleet import Fleet, Way, by_way
from tests.load.processes import Program
from tests.load.systems import Embedded, Pipeline, System
from tests.load.user import Timing, User
from tests.load.watching import Sample, Watch

__all__ = ["SYSTEMS", "Asked", "Result", "Store", "run"]

Store = Literal["lake", "pipeline"]
SYSTEMS: dict[Store, Callable[[Path], System]] = {"lake": Embedded, "pipeline": Pipeline}
_TELL = 10.0
"""Seconds between two lines of progress."""


class Asked(msgspec.Struct, frozen=True):
    """What a run is to be."""

    store: Store = "lake"
    minutes: float = 10.0
    sessions: int = 1000
    seed: int = 1
    threads: int = 50
    pace: Pace = Pace()
    look: float = 2.0
    """Seconds between two commands of the user."""


class Result(msgspec.Struct):
    """All that a run found. Times in Unix ns."""

    asked: Asked
    began: int
    over: int
    """The agents were told to stop."""
    settled: float
    """Seconds from the end of the last agent to the account."""
    processes: int
    ways: dict[str, Way]
    account: Account
    sent: list[int]
    """When each step ended, ascending."""
    seen: list[poller.Seen]
    timings: list[Timing]
    samples: list[Sample]
    receiver: dict[str, Any]
    complaints: list[str]


def run(asked: Asked, folder: Path, tell: Callable[[str], None]) -> Result:
    """Do it all in `folder`, and end what was started."""
    tell(f"starting: {asked.store}")
    system = SYSTEMS[asked.store](folder)
    try:
        tell(f"starting: agents of {asked.sessions:,} sessions")
        fleet = Fleet(
            system, asked.sessions, seed=asked.seed, pace=asked.pace, folder=folder, threads=asked.threads
        )  # fmt: skip
        try:
            return _Run(asked, folder, tell, system, fleet).done()
        finally:
            fleet.kill()
    finally:
        system.close()


class _Run:
    """From the start of the agents to the account."""

    def __init__(
        self, asked: Asked, folder: Path, tell: Callable[[str], None], system: System, fleet: Fleet
    ) -> None:
        self._asked, self._tell, self._system, self._fleet = asked, tell, system, fleet
        self._seen = folder / "seen"
        self._poller = Program(
            "poller", "tests.load.poller", system.url, str(self._seen),
            env=system.environ, folder=folder,
        )  # fmt: skip
        self._user = User(system, folder, asked.look)
        groups = fleet.groups() | system.groups() | {"looking": lambda: [self._poller.pid]}
        self._watch = Watch(groups, system.folders())

    def done(self) -> Result:
        """See it through."""
        try:
            self._poller.ready()
            began = time.time_ns()
            self._fleet.go()
            self._watch.start()
            self._wait(self._asked.minutes * 60)
            over = time.time_ns()
            self._user.stop()
            self._tell("stopping the agents")
            outcomes = self._fleet.stop()
            ended = time.monotonic()
            sent = sorted(entry.ended for entry in ledger.read(self._fleet.folder))
            self._system.settle(len(sent), self._stored)
            settled = time.monotonic() - ended
            self._poller.ended()
        finally:
            self._user.stop()
            self._watch.stop()
            self._poller.kill()
        self._tell("comparing every step with the store")
        with open_store(self._system.url).reader() as reader:
            found = account(self._fleet.folder, reader)
        return Result(
            self._asked, began, over, settled, self._fleet.processes,
            {str(kind): way for kind, way in by_way(outcomes).items()}, found, sent,
            list(poller.read(self._seen)), self._user.timings, self._watch.samples,
            self._system.said(), self._fleet.complaints() + self._looked(),
        )  # fmt: skip

    def _wait(self, seconds: float) -> None:
        began = time.monotonic()
        told = began
        while (now := time.monotonic()) - began < seconds:
            time.sleep(min(0.2, began + seconds - now))
            if self._seen.exists() and self._seen.stat().st_size:
                self._user.start()
            if now - told >= _TELL:
                told = now
                self._progress(now - began)

    def _progress(self, seconds: float) -> None:
        seen = list(poller.read(self._seen))
        newest = sorted(one.after for one in seen[-2000:])
        p50, p99 = (
            newest[int(len(newest) * share)] / 1e9 if newest else 0.0 for share in (0.5, 0.99)
        )
        rss = sum(sum(sample.memory.values()) for sample in self._watch.samples[-1:])
        self._tell(
            f"{seconds:4.0f} s: {len(seen):,} steps seen, p50 {p50:.2f} s, p99 {p99:.2f} s after they ended; "
            f"{rss / 1e9:.1f} GB of memory; {len(self._user.timings)} looks"
        )

    def _stored(self) -> int:
        with open_store(self._system.url).reader() as reader:
            return int(reader.query("SELECT count(*) FROM dwd_spans").rows[0][0])

    def _looked(self) -> list[str]:
        said = self._poller.complaints()
        return [f"poller: {said.splitlines()[-1]}"] if said else []


def to_stderr(text: str) -> None:
    """A line of progress."""
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)
