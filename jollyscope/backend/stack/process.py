"""A command of the engine while it runs: its lines as they come, and its end."""

from __future__ import annotations

import queue
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

__all__ = ["Call"]

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f]")
_ERROR = re.compile(r"^(?:ERROR|Error response from daemon|Error|error):\s*", re.IGNORECASE)
_GRACE_S = 8.0
"""Compose takes back what it has half made when it is interrupted, for about so long."""


class Call:
    """One command, in a session of its own so that Ctrl-C reaches us alone. Leaving ends it."""

    def __init__(self, command: list[str], environ: Mapping[str, str]) -> None:
        self._tail: deque[str] = deque(maxlen=200)
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._process = subprocess.Popen(
            command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            clean = _CONTROL.sub("", line.rpartition("\r")[2] or line).strip()
            if clean:
                self._tail.append(clean)
                self._lines.put(clean)
        self._lines.put(None)

    def lines(self) -> Iterator[str]:
        """Each line as it comes, to the end."""
        while (line := self._lines.get()) is not None:
            yield line

    def running(self) -> bool:
        """Whether it is still at it."""
        return self._process.poll() is None

    def code(self) -> int:
        """Its exit code, once it has ended."""
        code = self._process.wait()
        self._thread.join(2)
        return code

    def tail(self, count: int) -> list[str]:
        """The last lines it said."""
        return list(self._tail)[-count:]

    def last(self) -> str:
        """The line that tells most of what went wrong, without the tool's own prefix."""
        errors = [line for line in self._tail if _ERROR.match(line)]
        said = (errors or self.tail(1) or ["no reason given"])[-1]
        return _ERROR.sub("", said).rstrip(".")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self.running():
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._thread.join(2)
