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

from tests.bench.keys import Terminal, percentile
from tests.load.texts import OPENING

__all__ = ["explore"]

LINES, COLUMNS = 50, 160
_MOVES = 8


def explore(command: list[str], env: dict[str, str]) -> list[tuple[str, float]]:
    """Open the explorer, go through its screens, leave. What was done, and the seconds it took.

    Raises `TimeoutError` where something does not come in 20 s.
    """
    found: list[tuple[str, float]] = []
    began = time.perf_counter()
    with _running(command, env) as terminal:
        terminal.until(OPENING, 20)
        found.append(("explorer, to its rows", time.perf_counter() - began))
        terminal.press("", 0.5, 1.0)
        moves = [terminal.press("j") / 1000 for _ in range(_MOVES)]
        found.append(("key: down the list", percentile(moves, 0.5)))
        for what, key, text in (
            ("screen: a trace", "\r", "every span"),
            ("screen: back to the list", "q", OPENING),
            ("screen: the dashboard", "b", "executions"),
            ("screen: back to the list", "q", OPENING),
            ("screen: the tail", "T", "think"),
        ):
            found.append((what, _until(terminal, key, text)))
            terminal.press("", 0.2, 0.5)
    return found


def _until(terminal: Terminal, key: str, text: str) -> float:
    began = time.perf_counter()
    os.write(terminal.fd, key.encode())
    terminal.until(text, 20)
    return time.perf_counter() - began


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
