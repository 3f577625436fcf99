"""What is told to end ends in order."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

__all__ = ["ending_in_order"]


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
