"""A program on a terminal, a pseudo one, as a person at a keyboard has it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from typing import Self

__all__ = ["Terminal"]


def _size(fd: int, columns: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))


class Terminal:
    """A session of its own on a pseudo-terminal, as a shell in a window has it."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], columns: int = 100
    ) -> None:
        pid, self.fd = pty.fork()
        if pid == 0:  # pragma: no cover
            _size(0, columns)
            os.execvpe(command[0], command, environ)
        self.pid = pid
        self.seen = ""
        self._at = 0

    def resize(self, columns: int) -> None:
        _size(self.fd, columns)

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def until(self, words: str, seconds: float = 60) -> None:
        """Read on until `words` stand there, behind what was waited for before."""
        deadline = time.monotonic() + seconds
        while (found := self.seen.find(words, self._at)) < 0:
            assert self._more(deadline), f"{words!r} did not come:\n{self.seen}"
        self._at = found + len(words)

    def end(self, seconds: float = 60) -> int:
        """Read to the end; the exit code."""
        deadline = time.monotonic() + seconds
        while self._more(deadline):
            pass
        assert time.monotonic() < deadline, f"it did not end:\n{self.seen}"
        _, status = os.waitpid(self.pid, 0)
        self.pid = 0
        return os.waitstatus_to_exitcode(status)

    def _more(self, deadline: float) -> bool:
        ready, _, _ = select.select([self.fd], [], [], max(0.0, deadline - time.monotonic()))
        try:
            piece = os.read(self.fd, 65536) if ready else b""
        except OSError:  # Linux: the other side has closed
            piece = b""
        self.seen += piece.decode(errors="replace").replace("\r\n", "\n")
        return bool(piece)

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
