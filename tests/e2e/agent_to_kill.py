"""An agent that notes every step it starts and ends, so that a test can check after killing it.

Notes go straight to a file, one `write` each: `S <span id> <Unix ns>` and `E <span id> <Unix ns>`.
Agents are forked from a process that has loaded the library already, which is all that they share:
200 starts of Python took 50 CPU seconds.
"""

from __future__ import annotations

import importlib
import os
import random
import signal
import sys
import threading
import time

import jollyscope


def main(notes: str, seed: int) -> None:
    rng = random.Random(seed)
    file = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(mark: str, span_id: str) -> None:
        os.write(file, f"{mark} {span_id} {time.time_ns()}\n".encode())

    jollyscope.init(service="to-kill")
    with jollyscope.run("work", input="until killed") as run:
        note("S", run.span_id)
        while True:
            with jollyscope.act("tool", input={"n": rng.random()}) as step:
                note("S", step.span_id)
                time.sleep(rng.choice([0.0005, 0.002, 0.01, 0.25]))
            note("E", step.span_id)


def serve() -> None:
    """Start an agent for every line `<number> <file of notes>`, and answer with its process id."""
    for name in (
        "sdk.api",
        "sdk.provider",
        "sdk.steps",
        "sdk.recorder",
        "sdk.setup",
        "semconv.meaning",
    ):
        importlib.import_module(f"jollyscope.{name}")
    assert threading.active_count() == 1, "a thread does not outlive a fork"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are not waited for
    for line in sys.stdin:
        number, notes = line.rstrip("\n").split(" ", 1)
        process_id = os.fork()
        if not process_id:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                main(notes, int(number))
            finally:
                os._exit(1)
        print(process_id, flush=True)


if __name__ == "__main__":
    serve()
