"""All agents of a run: processes of some tens of threads each."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec

from tests.load.agent import Pace, Tally
from tests.load.agents import Outcome, Plan
from tests.load.processes import Program
from tests.load.recording import Kind
from tests.load.systems import System
from tests.load.watching import Pids

__all__ = ["Fleet", "Way", "by_way"]

_AT_ONCE = 4
"""Processes that are started side by side: each loads for half a second of a core."""


class Way(msgspec.Struct):
    """What came of all agents that record one way."""

    tally: Tally
    cpu: float
    dropped: int

    @property
    def awake(self) -> float:
        """Time that agents did not mean to wait, as a share of that which they did: their own work, their
        recording's, and what the machine made them wait for it.
        """
        return (self.tally.wall - self.tally.asleep) / self.tally.asleep

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of a core a step, all threads of the process together."""
        return self.cpu / max(self.tally.steps, 1) * 1000


class Fleet:
    """`sessions` that are recorded, half each way, and a tenth more that are not."""

    def __init__(
        self, system: System, sessions: int, *, seed: int, pace: Pace, folder: Path, threads: int = 50
    ) -> None:  # fmt: skip
        self.folder = folder / "agents"
        self.folder.mkdir(parents=True)
        first, second = system.kinds
        wanted: dict[Kind, int] = {
            first: sessions - sessions // 2,
            second: sessions // 2,
            "off": max(sessions // 10, 1),
        }
        plans = [
            plan
            for kind, many in wanted.items()
            for plan in self._plans(kind, many, seed, pace, threads)
        ]
        self._programs: dict[str, tuple[Plan, Program]] = {}
        try:
            self._start(plans, system)
        except BaseException:
            self.kill()
            raise

    def _plans(self, kind: Kind, many: int, seed: int, pace: Pace, threads: int) -> list[Plan]:
        return [
            Plan(f"{kind}-{at}", kind, min(threads, many - at), seed, str(self.folder), pace)
            for at in range(0, many, threads)
        ]

    def _start(self, plans: list[Plan], system: System) -> None:
        for at in range(0, len(plans), _AT_ONCE):
            for plan in plans[at : at + _AT_ONCE]:
                said = msgspec.json.encode(plan).decode()
                program = Program(
                    plan.name, "tests.load.agents", said,
                    env=system.variables(plan.kind), folder=self.folder,
                )  # fmt: skip
                self._programs[plan.name] = plan, program
            for plan in plans[at : at + _AT_ONCE]:
                self._programs[plan.name][1].ready()

    @property
    def processes(self) -> int:
        """How many there are."""
        return len(self._programs)

    def go(self) -> None:
        """Let all agents begin."""
        for _, program in self._programs.values():
            program.go()

    def groups(self) -> dict[str, Pids]:
        """Process ids, by the way they record."""
        kinds = {plan.kind for plan, _ in self._programs.values()}
        return {f"agents, {kind}": partial(self._pids, kind) for kind in sorted(kinds)}

    def _pids(self, kind: str) -> list[int]:
        return [program.pid for plan, program in self._programs.values() if plan.kind == kind]

    def stop(self) -> list[Outcome]:
        """Let all agents come to an end; what came of each process."""
        for _, program in self._programs.values():
            program.ask_to_stop()
        return [
            msgspec.json.decode(program.ended(), type=Outcome)
            for _, program in self._programs.values()
        ]

    def complaints(self) -> list[str]:
        """First lines of what programs said on stderr."""
        said = ((name, program.complaints()) for name, (_, program) in self._programs.items())
        return [f"{name}: {text.splitlines()[0]}" for name, text in said if text]

    def kill(self) -> None:
        """End them all."""
        for _, program in self._programs.values():
            program.kill()


def by_way(outcomes: list[Outcome]) -> dict[Kind, Way]:
    """Sums over the processes of each way."""
    found: dict[Kind, Way] = {}
    for one in outcomes:
        way = found.setdefault(one.kind, Way(Tally(), 0.0, 0))
        way.tally.add(one.tally)
        way.cpu += one.cpu
        way.dropped += one.dropped
    return found
