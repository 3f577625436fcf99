"""A program on the terminal of this one, with the signals that are meant for it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Any, Self

from jollyscope.errors import ExitCode
from jollyscope.receive.run.program import CannotRunError

__all__ = ["Process"]

_FROM_KEYS = ("SIGINT", "SIGQUIT")
"""A terminal sends these to every process in its foreground."""
_PASSED = ("SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")


class Process:
    """Runs a program as if it had been started directly: same terminal, same process group, so that
    Ctrl-C, Ctrl-Z and a change of the window's size reach it without help. What is sent to this
    process alone is passed on. Signals that this process ignores stay ignored, here and there.

    Use from the main thread, as a context: signals mean the usual again at its end.
    """

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        self._argv = list(argv)
        self._environ = dict(environ)
        self._before: dict[int, Any] = {}
        self._early: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        for name in (*_FROM_KEYS, *_PASSED):
            number = getattr(signal, name, None)  # not every system has all
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self) -> int:
        """Start it and wait for its end: its exit code, or minus the signal that ended it.

        Raises `CannotRunError`.
        """
        try:
            process = self._process = subprocess.Popen(self._argv, env=self._environ)
        except OSError as error:
            raise CannotRunError(
                f"`{self._argv[0]}` cannot be run: {error.strerror or error}.",
                exit_code=ExitCode.CANNOT_RUN,
                hint="A script needs a first line such as `#!/usr/bin/env python3`.",
            ) from None
        for number in self._early:
            process.send_signal(number)
        return _wait(process)

    def _take(self, number: int, _frame: FrameType | None) -> None:
        if self._process is None:
            self._early.append(number)
        elif signal.Signals(number).name not in _FROM_KEYS or not _in_foreground():
            self._process.send_signal(number)


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end, with an ear for signals.

    The system may hand a signal to any thread, and Python's handlers run in the main one: were that
    one in `waitpid`, it would not notice before the program ends. So a thread waits for the program,
    and the main thread for a byte, from that thread or from a signal.
    """
    heard, say = os.pipe()
    os.set_blocking(say, False)
    before = signal.set_wakeup_fd(say, warn_on_full_buffer=False)
    try:
        waiter = threading.Thread(target=_watch, args=(process, say), daemon=True)
        waiter.start()
        while process.returncode is None:
            os.read(heard, 4096)
        waiter.join()
    finally:
        signal.set_wakeup_fd(before)
    # Not where something was raised: the thread still has them.
    os.close(heard)
    os.close(say)
    return process.returncode


def _watch(process: subprocess.Popen[bytes], say: int) -> None:
    process.wait()
    with suppress(BlockingIOError):  # full of signals: the main thread is awake then
        os.write(say, b"\0")


def _in_foreground() -> bool:
    """Whether this process is one of those that the terminal's keys speak to."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
