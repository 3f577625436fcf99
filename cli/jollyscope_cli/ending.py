"""What is told to end ends in order."""

from __future__ import annotations

import os
import select
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

__all__ = ["Told", "ending_in_order"]


class Told:
    """Told by a signal's handler, waited for in the same thread. `threading.Event` would wait for itself
    for ever where the signal comes just as the wait begins.
    """

    def __init__(self) -> None:
        self._out, self._in = socket.socketpair()
        self._in.setblocking(False)
        self.yet = False

    def tell(self) -> None:
        """It is over."""
        self.yet = True
        self._in.send(b".")

    def wait(self, seconds: float) -> bool:
        """Whether it was told, at most so much later."""
        return bool(select.select([self._out], [], [], seconds)[0])

    def close(self) -> None:
        """Let go of it; no handler may tell it any more."""
        self._out.close()
        self._in.close()


@contextmanager
def ending_in_order() -> Generator[None]:
    """Inside, SIGTERM and SIGHUP unwind as Ctrl-C does, so that nothing half-written stays; then they
    end the process as they would have at once.
    """
    told: list[int] = []

    def stop(number: int, _frame: Any) -> None:
        signal.signal(number, signal.SIG_DFL)  # a second one ends it where it stands
        told.append(number)
        raise KeyboardInterrupt

    before = {
        number: signal.signal(number, stop)
        for name in ("SIGTERM", "SIGHUP")
        if (number := getattr(signal, name, None)) is not None
        and signal.getsignal(number) is signal.SIG_DFL
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if told:
            os.kill(os.getpid(), told[0])
