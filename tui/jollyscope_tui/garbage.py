"""Python's garbage collector kept away from large traces.

A full collection walks every object: with a trace of 100,000 spans open it stopped the explorer
for 200-300 ms, every few hundred keys. What a loaded trace is made of is therefore set aside
(`gc.freeze`), and freed by breaking its cycles (`Outline.release`), which needs no collector.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["let_go", "set_aside"]


@contextmanager
def set_aside() -> Generator[None]:
    """No collection while loading, and none of what was loaded afterwards."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def let_go() -> None:
    """Give everything set aside back to the collector."""
    gc.unfreeze()
