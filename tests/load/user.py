"""Somebody who looks meanwhile: the commands as programs of their own, and the explorer on a terminal, each
timed by the clock from the start, or from the key, to what was asked for.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tests.load.screens import STARTED, explore
from tests.load.systems import System

__all__ = ["COMMAND", "Timing", "User"]

COMMAND = 2.0
"""Seconds that a command may take."""
SCREEN = 0.5
"""Seconds from a key to another screen with its rows."""
PAUSE = 2.0
"""Between two commands."""


class Timing(msgspec.Struct):
    """One look. `at` is Unix ns; `seconds` by the clock, `cpu` of a core, and `promised` are seconds; `wrong`
    says what else went wrong.
    """

    at: int
    what: str
    seconds: float
    cpu: float
    promised: float
    wrong: str = ""


class User:
    """Gives command after command until told to stop."""

    def __init__(self, system: System, folder: Path, pause: float = PAUSE) -> None:
        self.timings: list[Timing] = []
        self._system, self._folder, self._pause = system, folder, pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Begin, once there is something to be seen; again: nothing."""
        if not self._thread.ident:
            self._thread.start()

    def stop(self) -> None:
        """No further command; wait for the one that is under way."""
        if self._thread.is_alive():
            self._over.set()
            self._thread.join()

    def look_around(self) -> None:
        """Everything once."""
        steps: list[Callable[[], None]] = [
            lambda: self._command("ls"),
            lambda: self._command("ls", "spans"),
            lambda: self._command("ls", "traces", "status:error", "--since", "5m"),
            lambda: self._command("ls", "sessions", "--since", "5m"),
            self._show,
            lambda: self._command("stats", "--since", "5m"),
            lambda: self._command("stats", "--by", "tool", "--since", "5m"),
            self._tail,
            lambda: self._command(
                "export", "--since", "1m", "-o", str(self._folder / "minute.jsonl")
            ),
            self._explore,
        ]
        for step in steps:
            if self._over.is_set():
                return
            step()
            self._over.wait(self._pause)

    def _run(self) -> None:
        while not self._over.is_set():
            self.look_around()

    def _show(self) -> None:
        listed = self._said("ls", "traces", "--limit", "1", "--json")
        rows: list[dict[str, Any]] = json.loads(listed) if listed else []
        if rows:
            self._command("show", rows[0]["trace_id"], name="show")

    def _tail(self) -> None:
        """Its first record ends it."""
        words = ["tail", "--source", self._system.source, "--count", "1", "--timeout", "20s"]
        self._command(*words, name="tail, to the first record")

    def _explore(self) -> None:
        try:
            found = explore(self._call("ui"), self._system.environ)
        except (TimeoutError, OSError) as error:
            self._note("explorer", 0.0, 0.0, SCREEN, str(error).partition(";")[0])
            return
        for what, seconds, cpu in found:
            self._note(what, seconds, cpu, COMMAND if what == STARTED else SCREEN)

    def _command(self, *words: str, name: str = "") -> None:
        began, before = time.perf_counter(), _cpu_of_children()
        done = self._done(*words)
        seconds, cpu = time.perf_counter() - began, _cpu_of_children() - before
        wrong = ""
        if done.returncode:
            wrong = f"exit code {done.returncode}: {done.stderr.decode(errors='replace')[:300]}"
        elif not done.stdout and words[0] != "export":
            wrong = "it said nothing"
        self._note(name or _plain(words), seconds, cpu, COMMAND, wrong)

    def _said(self, *words: str) -> bytes:
        done = self._done(*words)
        return done.stdout if done.returncode == 0 else b""

    def _done(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self._call(*words), env=self._system.environ, capture_output=True, timeout=120, check=False
        )  # fmt: skip

    def _call(self, *words: str) -> list[str]:
        # Records are followed where they are written, which the environment says.
        store = [] if words[0] == "tail" else ["--store", self._system.url]
        return [sys.executable, "-m", "jollyscope_cli", *store, *words]

    def _note(
        self, what: str, seconds: float, cpu: float, promised: float, wrong: str = ""
    ) -> None:
        self.timings.append(Timing(time.time_ns(), what, seconds, cpu, promised, wrong))


def _cpu_of_children() -> float:
    """Seconds of a core of all programs that have ended: while agents run, nobody else's end."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _plain(words: tuple[str, ...]) -> str:
    """The command as one would write it, without the file's name."""
    return " ".join(word for word in words if not word.startswith("/")).removesuffix(" -o")
