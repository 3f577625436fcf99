"""Programs of a run: started, told to stop, their memory; none outlives it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil

__all__ = ["Program", "Used", "family", "used"]

_ROOT = Path(__file__).parents[2]


class Program:
    """A module of ours as a process: it says `ready` in its first line, and stops when its stdin ends. What
    it says on stderr is kept in `<name>.stderr`.
    """

    def __init__(
        self, name: str, module: str, *words: str, env: dict[str, str], folder: Path
    ) -> None:
        self.name = name
        self._said = folder / f"{name}.stderr"
        with self._said.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, *words],
                cwd=_ROOT, env={**env, "PYTHONUNBUFFERED": "1"}, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self.process.pid

    def ready(self) -> str:
        """Wait until it is set up; what it said behind `ready`."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline().decode()
        assert line.startswith("ready"), f"{self.name} did not start:\n{self.complaints()}"
        return line.removeprefix("ready").strip()

    def go(self) -> None:
        """Let it begin."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()

    def ask_to_stop(self) -> None:
        """End its stdin."""
        if self.process.stdin is not None:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
            self.process.stdin = None

    def ended(self, timeout: float = 300) -> bytes:
        """Wait for its end; what it printed."""
        self.ask_to_stop()
        out, _ = self.process.communicate(timeout=timeout)
        assert self.process.returncode == 0, f"{self.name} failed:\n{self.complaints()}"
        return out

    def complaints(self) -> str:
        """What it said on stderr."""
        return self._said.read_text(errors="replace").strip()

    def kill(self) -> None:
        """End it, whatever it does."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, 9)
            self.process.communicate()


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return [pid, *(child.pid for child in process.children(recursive=True))]
    return []


class Used(NamedTuple):
    """What processes have together: resident bytes now, and seconds of a core since they began."""

    memory: int
    cpu: float


def used(pids: Iterable[int]) -> Used:
    """Of those that are there."""
    memory, cpu = 0, 0.0
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            with process.oneshot():
                memory += process.memory_info().rss
                cpu += sum(process.cpu_times()[:2])
    return Used(memory, cpu)
