"""The explorer on a pseudo-terminal: from a key to what it asks for."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import termios
import time
from collections.abc import Generator
from contextlib import contextmanager

from tests.bench.keys import Terminal
from tests.load.texts import OPENING

__all__ = ["STARTED", "explore"]

LINES, COLUMNS = 50, 160
STARTED = "explorer, to its rows"
_MOVES = 8
_LONGEST = 60


def explore(command: list[str], env: dict[str, str]) -> list[tuple[str, float, float]]:
    """Open the explorer, go through its screens, leave. What was done, the seconds it took by the clock,
    and those of a core.

    Raises `TimeoutError` where something does not come in a minute.
    """
    began = time.perf_counter()
    with _running(command, env) as terminal:
        terminal.until(OPENING, _LONGEST)
        found = [(STARTED, time.perf_counter() - began, terminal.cpu() / 1000)]
        terminal.press("", 0.5, 1.0)
        found += [_move(terminal) for _ in range(_MOVES)]
        for what, key, text in (
            ("screen: a trace", "\r", "every span"),
            ("screen: back to the list", "q", OPENING),
            ("screen: the dashboard", "b", "executions"),
            ("screen: back to the list", "q", OPENING),
            ("screen: the tail", "T", "think"),
        ):
            found.append(_opened(terminal, what, key, text))
            terminal.press("", 0.2, 0.5)
    return found


def _move(terminal: Terminal) -> tuple[str, float, float]:
    before = terminal.cpu()
    return "key: down the list", terminal.press("j") / 1000, (terminal.cpu() - before) / 1000


def _opened(terminal: Terminal, what: str, key: str, text: str) -> tuple[str, float, float]:
    began, before = time.perf_counter(), terminal.cpu()
    os.write(terminal.fd, key.encode())
    terminal.until(text, _LONGEST)
    return what, time.perf_counter() - began, (terminal.cpu() - before) / 1000


@contextmanager
def _running(command: list[str], env: dict[str, str]) -> Generator[Terminal]:
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    more = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    plain = {key: value for key, value in env.items() if key not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        command,
        env=plain | more,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(ours, process.pid)
        os.write(ours, b"\x11")  # ctrl+q
        process.wait(10)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
