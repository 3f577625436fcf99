"""Memory, processor and disk over time, sampled beside the run."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil

from tests.load.processes import used

__all__ = ["Sample", "Watch", "size"]

EACH = 2.0
"""Seconds between two samples."""

Pids = Callable[[], list[int]]


class Sample(msgspec.Struct):
    """What there was at a moment (Unix ns), by what it is of: bytes, and seconds of a core so far; and how
    busy the machine was since the sample before, as a share of all its cores.
    """

    at: int
    memory: dict[str, int]
    cpu: dict[str, float]
    disk: dict[str, int]
    busy: float


class Watch:
    """Samples from `start` to `stop`."""

    def __init__(self, groups: dict[str, Pids], folders: dict[str, Path]) -> None:
        self.samples: list[Sample] = []
        self._groups, self._folders = groups, folders
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        psutil.cpu_percent()
        self._thread.start()

    def stop(self) -> None:
        """The last sample is of now."""
        if self._thread.is_alive():
            self._over.set()
            self._thread.join()
        self._sample()

    def _run(self) -> None:
        while not self._over.wait(EACH):
            self._sample()

    def _sample(self) -> None:
        found = {name: used(pids()) for name, pids in self._groups.items()}
        self.samples.append(
            Sample(
                at=time.time_ns(),
                memory={name: one.memory for name, one in found.items()},
                cpu={name: one.cpu for name, one in found.items()},
                disk={name: size(folder) for name, folder in self._folders.items()},
                busy=psutil.cpu_percent() / 100,
            )
        )


def size(folder: Path) -> int:
    """Bytes that the files below take on the disk: Kafka lays its indexes out larger than they are. What goes
    away meanwhile counts nothing.
    """
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_blocks * 512
    return total
