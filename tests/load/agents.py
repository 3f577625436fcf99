"""A process of agents.

    python -m tests.load.agents '<its plan as JSON>'

says `ready` when it is set up, begins at a line on stdin, stops when stdin ends, and prints what came
of it as JSON. Its ledger is `<folder>/<name>.ledger`.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import msgspec

from tests.load.agent import Agent, Pace, Tally
from tests.load.ledger import Ledger
from tests.load.recording import Kind, opened

__all__ = ["Outcome", "Plan", "main"]


class Plan(msgspec.Struct, frozen=True):
    """What a process is to do."""

    name: str
    kind: Kind
    agents: int
    seed: int
    folder: str
    pace: Pace


class Outcome(msgspec.Struct):
    """What came of it."""

    kind: Kind
    tally: Tally
    cpu: float
    """Seconds of a core, from the start of the agents to the last record's writing."""
    dropped: int


def main(plan: Plan) -> Outcome:
    """Run the agents until stdin ends."""
    recording = opened(plan.kind)
    ledger = Ledger(Path(plan.folder) / f"{plan.name}.ledger")
    stop = threading.Event()
    agents = [
        Agent(f"s{plan.seed}-{plan.name}-{n}", recording, ledger, plan.pace, stop)
        for n in range(plan.agents)
    ]
    print("ready", flush=True)
    sys.stdin.readline()
    spent = time.process_time()
    for agent in agents:
        agent.start()
    sys.stdin.read()
    stop.set()
    total = Tally()
    for agent in agents:
        agent.join()
        total.add(agent.tally)
    dropped = recording.close()
    spent = time.process_time() - spent
    ledger.close()
    return Outcome(plan.kind, total, spent, dropped)


if __name__ == "__main__":
    sys.stdout.write(
        msgspec.json.encode(main(msgspec.json.decode(sys.argv[1], type=Plan))).decode()
    )
