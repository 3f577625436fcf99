"""A terminal that is written to and read from at once, and left as it was found."""

from __future__ import annotations

import codecs
import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

__all__ = ["Tty"]

_KEYS = {
    "[A": "up", "[B": "down", "[5~": "pageup", "[6~": "pagedown", "[H": "home", "[F": "end",
    "OA": "up", "OB": "down", "[1~": "home", "[4~": "end",
}  # fmt: skip
ALTERNATE, ORDINARY = "\x1b[?1049h", "\x1b[?1049l"


class Tty:
    """Keys come one by one and unseen. `wake` may be called from any thread, and ends a wait."""

    def __init__(self, parting: Callable[[], str], returning: Callable[[], str]) -> None:
        """What to write before the terminal is given back for a while (Ctrl-Z), and after that."""
        self._returning = returning
        self._parting = parting
        self._before: Any = None
        self._deaf = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._handlers: dict[int, Any] = {}
        self._wake_out, self._wake_in = os.pipe()
        os.set_blocking(self._wake_in, False)

    def __enter__(self) -> Self:
        if sys.stdin is not None and sys.stdin.isatty():  # pyright: ignore[reportUnnecessaryComparison]
            self._before = termios.tcgetattr(0)
            self._handle("SIGTSTP", self._stopped)
            self._raw()
        self._handle("SIGWINCH", self._sized)
        self._handle("SIGTERM", self._ended)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._restore()
        os.close(self._wake_in)
        os.close(self._wake_out)

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        found = os.get_terminal_size(sys.stdout.fileno())
        return found.columns or 80, found.lines or 24

    def wake(self) -> None:
        """End a wait."""
        try:
            os.write(self._wake_in, b".")
        except (BlockingIOError, OSError):  # it has been woken, or is over
            return

    def wait(self, seconds: float) -> None:
        """Until a key, a signal, `wake`, or so long."""
        ready, _, _ = select.select([self._wake_out, *self._inputs], [], [], seconds)
        if self._wake_out in ready:
            os.read(self._wake_out, 65536)

    def pressed(self) -> list[str]:
        """What was pressed: characters, or names of keys that send several."""
        if not self._inputs or not select.select([0], [], [], 0)[0]:
            return []
        data = os.read(0, 4096)
        self._deaf = not data  # the other side is gone
        text = self._decoder.decode(data)
        found: list[str] = []
        while text:
            name = next((n for n in _KEYS if text.startswith(f"\x1b{n}")), None)
            found.append(_KEYS[name] if name else text[0])
            text = text[len(name) + 1 if name else 1 :]
        return found

    @property
    def _inputs(self) -> list[int]:
        return [0] if self._before is not None and not self._deaf else []

    def _raw(self) -> None:
        tty.setcbreak(0)

    def _restore(self) -> None:
        if self._before is not None:
            termios.tcsetattr(0, termios.TCSADRAIN, self._before)

    def _handle(self, name: str, handler: Callable[[int, Any], None]) -> None:
        number = getattr(signal, name, None)
        if number is not None:
            self._handlers[number] = signal.signal(number, handler)

    def _sized(self, _number: int, _frame: Any) -> None:
        self.wake()

    def _ended(self, number: int, _frame: Any) -> None:
        """Leave the terminal clean on the way out; what a shell says of a signal is its exit code."""
        raise SystemExit(128 + number)

    def _stopped(self, number: int, _frame: Any) -> None:
        """Ctrl-Z: the shell gets its terminal as it was, and we take it again afterwards."""
        sys.stdout.write(self._parting())
        sys.stdout.flush()
        self._restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, self._stopped)
        self._raw()
        sys.stdout.write(self._returning())
        self.wake()
