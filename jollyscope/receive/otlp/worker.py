"""A worker process: bodies in, durable records out. Started by `ProcessIntake`, ends with its pipe.

python -m jollyscope.receive.otlp.worker < frames > frames
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import Future
from functools import partial

import msgspec

from jollyscope.receive.otlp.frames import (
    Answer,
    Failure,
    Head,
    SinkPlan,
    read_frame,
    write_frame,
)
from jollyscope.receive.otlp.intake import Packed, Taken, submit

__all__ = ["main"]

_SWITCH_S = 0.0005
"""The spool's thread gets its turn so soon, not after the usual 5 ms of decoding: with answers that
much earlier the same senders bring a third more."""


def main() -> None:
    """Serve until stdin ends, then finish what was taken."""
    # Ctrl-C in a terminal, and what ends a whole service, are for the parent: it ends the pipe.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    sys.setswitchinterval(_SWITCH_S)
    frames = sys.stdin.buffer
    out = os.dup(1)
    os.dup2(2, 1)  # what anybody prints here must not come between the answers
    first = read_frame(frames)
    if first is None:
        return
    plan = msgspec.json.decode(first[0], type=SinkPlan)
    try:
        sink = plan.open()
    except Exception as error:  # noqa: BLE001 - the parent tells it
        write_frame(out, Answer(-1, failure=Failure.of(error)))
        return
    write_frame(out, Answer(-1))
    lock = threading.Lock()
    heads = msgspec.json.Decoder(Head)
    while frame := read_frame(frames):
        head = heads.decode(frame[0])
        answer: Future[Taken] = Future()
        answer.add_done_callback(partial(_reply, out, lock, head.id))
        packed = Packed(head.signal, head.format, head.encoding, frame[1])
        submit(sink, packed, plan.max_body, answer)
        del frame, packed
    sink.close()


def _reply(out: int, lock: threading.Lock, number: int, answer: Future[Taken]) -> None:
    error = answer.exception()
    if error is not None:
        told = Answer(number, failure=Failure.of(error))
    else:
        taken = answer.result()
        told = Answer(number, taken.records, taken.rejected, taken.message)
    try:
        with lock:
            write_frame(out, told)
    except BrokenPipeError:
        return  # the receiver is gone; what it was told is durable, the rest is sent again


if __name__ == "__main__":
    main()
