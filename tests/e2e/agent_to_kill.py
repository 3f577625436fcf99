"""An agent that notes every step it starts and ends, so that a test can check after killing it.

Notes go straight to a file, one `write` each: `S <span id> <Unix ns>` and `E <span id> <Unix ns>`.
"""

from __future__ import annotations

import os
import random
import sys
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


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
