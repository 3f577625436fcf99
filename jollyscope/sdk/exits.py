"""The ways a process goes on or ends: fork, exit, SIGTERM."""

from __future__ import annotations

import _thread
import os
import signal
import threading
from collections.abc import Callable
from typing import Any

__all__ = ["guard_fork", "guard_sigterm", "release_sigterm"]

FLUSH_S = 2.0
"""Seconds that a SIGTERM waits for the last records: supervisors give 10 before SIGKILL."""


def guard_fork(
    before: Callable[[], None], parent: Callable[[], None], child: Callable[[], None]
) -> None:
    """Call these around every fork of this process, for good. Nothing where there is no fork."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=before, after_in_parent=parent, after_in_child=child)


class _Sigterm:
    flush: Callable[[float], bool] | None = None


def guard_sigterm(flush: Callable[[float], bool]) -> None:
    """Flush before a SIGTERM ends the process, if nobody else handles that signal.

    A handler of the program's own, set before or after, is left alone: then the program decides.
    """
    _Sigterm.flush = flush
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _on_sigterm)


def release_sigterm() -> None:
    """Back to the default, if the handler is still ours."""
    _Sigterm.flush = None
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGTERM) is _on_sigterm:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _on_sigterm(number: int, frame: Any) -> None:
    # Default first: a second SIGTERM during the flush ends the process at once.
    signal.signal(number, signal.SIG_DFL)
    if _Sigterm.flush is not None:
        _beside(_Sigterm.flush)
    os.kill(os.getpid(), number)


def _beside(flush: Callable[[float], bool]) -> None:
    """Flush in a thread of its own, and wait for that so long and no longer: the signal may have come
    while this thread held the very lock that a flush needs.
    """
    done = _thread.allocate_lock()
    done.acquire()

    def work() -> None:
        try:
            flush(FLUSH_S)
        finally:
            done.release()

    # Not `threading.Thread`, whose start takes locks that this thread may hold too.
    _thread.start_new_thread(work, ())
    done.acquire(timeout=FLUSH_S)
