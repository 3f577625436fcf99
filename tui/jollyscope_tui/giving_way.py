"""Workers that compute give way to the screen.

Python switches threads every 5 ms where several want to run; an answer to a key takes the lock a
dozen times, and would wait as often.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["giving_way"]

_SWITCH_SECONDS = 0.0005
_lock = threading.Lock()
_inside = 0
_before = 0.0


@contextmanager
def giving_way() -> Generator[None]:
    """For as long as any thread is inside, threads take turns ten times as often."""
    global _inside, _before
    with _lock:
        if not _inside:
            _before = sys.getswitchinterval()
            sys.setswitchinterval(_SWITCH_SECONDS)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                sys.setswitchinterval(_before)
