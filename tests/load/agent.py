"""One agent in one thread: a session after another, each of some turns, each turn a ReAct loop, with the
pauses that models, tools and people make.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from itertools import count

import msgspec

from tests.bench.corpus import MODELS, TOOL_WEIGHTS, TOOLS
from tests.load.ledger import Ledger
from tests.load.recording import Recording, Taken
from tests.load.texts import Texts

__all__ = ["Agent", "Pace", "Tally"]

_FAILS = 0.04
"""Share of tool calls."""
_LONG = 0.03
"""Share of turns that go round and round."""


class ToolError(Exception):
    """A tool did not do what it should."""


class Pace(msgspec.Struct, frozen=True):
    """Medians (seconds) and spreads of log-normal pauses, all times `factor`."""

    factor: float = 1.0
    think: tuple[float, float] = (3.0, 0.6)
    tool: tuple[float, float] = (0.4, 1.0)
    read: tuple[float, float] = (6.0, 0.5)
    longest: float = 30.0

    def pause(self, chance: random.Random, of: tuple[float, float]) -> float:
        """Seconds to wait."""
        return min(of[0] * chance.lognormvariate(0, of[1]), self.longest) * self.factor


class Tally(msgspec.Struct):
    """What agents did. Times in seconds."""

    steps: int = 0
    runs: int = 0
    failed: int = 0
    asleep: float = 0.0
    """That they meant to wait: for models, tools and people."""
    wall: float = 0.0

    def add(self, other: Tally) -> None:
        """Another agent's too."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Agent(threading.Thread):
    """Goes on until `stop` is set, then ends the turn it is at, its first at least, without waiting."""

    def __init__(
        self, name: str, recording: Recording, ledger: Ledger, pace: Pace, stop: threading.Event
    ) -> None:
        super().__init__(name=name)
        self.tally = Tally()
        self._recording, self._ledger, self._pace, self._stop_asked = recording, ledger, pace, stop
        self._chance = random.Random(name)
        self._texts = Texts(self._chance)

    def run(self) -> None:
        began = time.perf_counter()
        self._wait(self._chance.uniform(0, 2 * self._pace.read[0] * self._pace.factor))
        for number in count(1):
            user = f"user-{self._chance.randrange(200)}"
            with self._recording.session(f"{self.name}-{number}", user):
                for _ in range(1 + int(self._chance.expovariate(1 / 3))):
                    self._turn()
                    self._sleep(self._pace.read)
                    if self._stop_asked.is_set():
                        break
            if self._stop_asked.is_set():
                break
        self.tally.wall = time.perf_counter() - began

    def _turn(self) -> None:
        rounds = 20 if self._chance.random() < _LONG else 1 + int(self._chance.expovariate(1 / 3))
        asked = self._texts.question()
        with self._step("user_input", "assistant", asked) as run:
            for _ in range(rounds):
                self._round()
                if self._stop_asked.is_set():
                    break
            answer = self._texts.answer()
            with self._step("response", "respond", None) as step:
                step.output(answer)
            run.output(answer)
        self.tally.runs += 1

    def _round(self) -> None:
        model = self._chance.choice(MODELS)
        with self._step("think", model, self._texts.prompt()) as thought:
            self._sleep(self._pace.think)
            said = self._texts.thought()
            thought.output(said)
            thought.usage(input_tokens=900, output_tokens=len(said) // 4)
        call = self._texts.call()
        tool = self._chance.choices(TOOLS, cum_weights=TOOL_WEIGHTS)[0]
        seen = "the tool failed"
        with suppress(ToolError), self._step("act", tool, call.arguments) as act:
            self._sleep(self._pace.tool)
            if self._chance.random() < _FAILS:
                raise ToolError(f"{tool} 超时 timed out after 5 s")
            act.output(call.result)
            seen = call.result
        with self._step("observe", "observe", None) as observed:
            observed.output(seen)

    @contextmanager
    def _step(self, kind: str, name: str, given: object) -> Generator[Taken]:
        ids, failed = ("", ""), True
        try:
            with self._recording.step(kind, name, given) as taken:
                ids = taken.trace_id, taken.span_id
                yield taken
            failed = False
        finally:
            self.tally.steps += 1
            self.tally.failed += failed
            if ids[0]:  # empty where nothing is recorded
                self._ledger.note(*ids, kind, failed)

    def _sleep(self, of: tuple[float, float]) -> None:
        self._wait(self._pace.pause(self._chance, of))

    def _wait(self, seconds: float) -> None:
        """Meant to be asleep is what was asked for, less what a stop cut off: waking late counts as the
        agent's own time, since its recording may be why.
        """
        began = time.perf_counter()
        self._stop_asked.wait(seconds)
        self.tally.asleep += min(seconds, time.perf_counter() - began)
