"""A round: a folder of its own, a seed of its own, and what came of it."""

from __future__ import annotations

import random
import shutil
import signal
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from jollyscope.store.lake.store import LakeStore
from tests.chaos.failing import KILLED
from tests.chaos.records import OLD, WRITER, Ledger
from tests.chaos.roles import TOLD
from tests.chaos.shared import shared_lake
from tests.chaos.watching import Look
from tests.chaos.zygote import PATIENCE_S, Child, Zygote, until

__all__ = ["PLANTED", "Room"]

PLANTED = ("exit", "error", "size-kill", "size-error")
"""Faults that a process is started with; the others come from outside."""


class Room:
    """What a round uses. Its counts stand in the summary."""

    def __init__(self, zygote: Zygote, folder: Path, seed: str, fault: str, shared: Path) -> None:
        self.zygote, self.folder, self.fault, self.shared = zygote, folder, fault, shared
        self.rng = random.Random(seed)
        self.home = folder / "home"
        self.stop = folder / "stop"
        self.acknowledged = self.stored = self.doubled = self.looks = 0
        self.recovery_s = self.late_ms = 0.0
        self.notes: list[str] = []
        """What is worth counting: sentences that were told, damage that nobody noticed."""
        self.killed_ns = 0
        """When the last child was struck dead, by the clock that never goes back."""
        self._started = 0
        folder.mkdir(parents=True)
        self.home.mkdir()

    def start(self, role: str, *, fault: list[Any] | None = None, **given: Any) -> Child:
        """A child of this round."""
        self._started += 1
        name = f"{self._started:02}-{role}"
        return self.zygote.start(role, self.folder, name, fault, **given)

    def seed(self) -> int:
        """A number for somebody else's chance."""
        return self.rng.getrandbits(32)

    def pause(self, most: float, least: float = 0.0) -> None:
        """The random moment."""
        time.sleep(self.rng.uniform(least, most))

    # -- striking ------------------------------------------------------------------------------

    def planted(self, *, operations: int = 150, size: int = 1 << 11) -> list[Any] | None:
        """The fault of this round for a child to be started with, None where it comes from outside.

        `size` is the least of the bounds on files, of a child's own notes too.
        """
        fault = self.fault
        if fault not in PLANTED:
            return None
        if fault.startswith("size"):
            return [fault, int(size * 2 ** self.rng.uniform(0, 6))]
        # As likely among the first operations as among the many later ones.
        return [fault, int(operations ** self.rng.random())]

    def strike(self, child: Child, most: float = 0.4) -> None:
        """Do to it what this round is about, until it is dead or was told of its trouble."""
        code = self._struck(child, most)
        allowed = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGXFSZ, KILLED, TOLD}
        assert code in allowed, f"it ended by itself with {code}: {child.out}{child.err}"
        if code == TOLD:
            assert self.fault in ("error", "size-error"), child.out
            self.notes.append("told")

    def strike_command(self, child: Child, most: float) -> int:
        """The same to a command, which may have come to its end, or have said why it did not; its
        exit code.
        """
        code = self._struck(child, most)
        if code >= 0 and code != KILLED:
            self.said(child)
        return code

    def _struck(self, child: Child, most: float) -> int:
        if self.fault in PLANTED:
            deadline = time.monotonic() + most * 3
            while child.lives() and time.monotonic() < deadline:
                time.sleep(0.005)
        else:
            self.pause(most)
        if self.fault == "term":
            child.signal(signal.SIGTERM)
            child.wait()
        elif self.fault == "pause":
            for _ in range(self.rng.randint(1, 3)):
                child.signal(signal.SIGSTOP)
                self.pause(0.15)
                child.signal(signal.SIGCONT)
                self.pause(0.05)
        self.killed_ns = time.monotonic_ns()
        return child.kill()

    # -- looking -------------------------------------------------------------------------------

    def watcher(self, **given: Any) -> Child:
        """A reader that looks until `over`."""
        child = self.start("watch", seed=self.seed(), stop=self.stop, **given)
        until(lambda: "up" in child.out or not child.lives(), "no watcher")
        return child

    def over(self, *watchers: Child) -> None:
        """Nothing more happens: what did the watchers see?"""
        self.stop.touch()
        for child in watchers:
            assert child.wait() == 0, f"a reader saw: {child.out}{child.err}"
            self.looks += int(child.out.split("looked ")[1].split()[0])

    def settled(
        self,
        ledger: Ledger,
        *,
        noted: bool = False,
        changed: Collection[int] = (),
        compact: bool = True,
    ) -> None:
        """All processes are dead: what is stored now, from the spool, loaded and compacted?

        `noted` allows for notes of files that cannot be read, `changed` for records that are not as
        they were written.
        """  # fmt: skip
        began = time.monotonic()
        store = LakeStore(self.home)
        states: dict[int, str] = {}
        compact = compact and self.rng.random() < 0.5
        for step in ("read", "load", "compact")[: 3 if compact else 2]:
            if step != "read":
                getattr(store, step)()
            with store.reader(load=False) as reader:
                found = Look(reader)
                assert noted or not reader.notes, reader.notes
            self.doubled = max(self.doubled, found.doubled)
            self._judge(step, found, ledger, changed)
            if step == "read":
                self.recovery_s = max(self.recovery_s, time.monotonic() - began)
            lost = states.keys() - found.states.keys() - ledger.may_go
            lost -= {number for number in states if number % WRITER >= OLD}
            assert not lost, f"{_some(lost)} went at the {step}"
            states = found.states
        self.stored = len(states)
        self.acknowledged = len(ledger.acknowledged)
        store.close()

    def _judge(self, step: str, found: Look, ledger: Ledger, changed: Collection[int]) -> None:
        problems = [p for p in found.problems if not _about(p, changed)]
        assert not problems, f"after {step}: {problems[:5]}"
        unknown = found.states.keys() - ledger.offered - set(changed)
        assert not unknown, f"after {step}: {_some(unknown)} were never written"
        lost = ledger.acknowledged - ledger.may_go - found.ended
        assert not lost, f"after {step}: {_some(lost)} were acknowledged and are lost"
        lost = ledger.started - ledger.may_go - found.states.keys()
        assert not lost, f"after {step}: the starts of {_some(lost)} are lost"
        running = [number for number, state in found.states.items() if state == "open"]
        assert not running, f"after {step}: {_some(running)} still run, and their writers are dead"

    def said(self, child: Child) -> int:
        """A command has ended: as it should, or with one sentence. Its exit code."""
        code = child.wait(PATIENCE_S)
        clear = child.err.startswith("jollyscope: ") or "\njollyscope: " in child.err
        clear = clear or (bool(child.out) and not child.err)  # `doctor` says it there
        bad = "Traceback" in child.err or "should not happen" in child.err
        assert not bad, f"{code}: {child.err}"
        assert code == 0 or clear, f"{code} and not a word for people: {child.err!r}"
        if code:
            self.notes.append("told")
        return code

    def furnish(self) -> Ledger:
        """The lake that all rounds share, copied: many small parts, some open steps, some of 1971."""
        lake = shared_lake(self.shared)
        shutil.copytree(lake / "home", self.home, dirs_exist_ok=True)
        return Ledger().read(lake / "notes")


def _some(numbers: Collection[int]) -> str:
    first = ", ".join(map(str, sorted(numbers)[:5]))
    return f"{len(numbers)} records ({first}, …)" if len(numbers) > 5 else f"record {first}"


def _about(problem: str, numbers: Collection[int]) -> bool:
    """Whether a problem is of one of these, or of a count that they are part of."""
    if not numbers:
        return False
    return problem.startswith("traces count") or any(f" {number} " in problem for number in numbers)
