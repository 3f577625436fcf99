"""From a key to the last byte of its frame, over a real pseudo-terminal: 100,000 spans, and a chain
5,000 deep.

A frame ends where nothing has come for `QUIET` seconds; the detail pane follows the cursor 50 ms
after it rests, so `SETTLED` waits longer and includes it. The terminal is 200×60. Beside the time on
the wall stands the time that the explorer's process ran on a processor (Linux's `schedstat`), which
does not grow where other programs share the machine. With `BENCH_RUNS` above 1 the best p95 counts.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from tests.bench.table import Row, print_rows, row

SPANS = int(os.environ.get("BENCH_SPANS", "100000"))
DEEP = int(os.environ.get("BENCH_DEEP", "5000"))
RUNS = int(os.environ.get("BENCH_RUNS", "1"))
QUIET, SETTLED = 0.025, 0.15
COLUMNS, LINES = 200, 60


class Terminal:
    """A child on a pseudo-terminal."""

    def __init__(self, fd: int, pid: int) -> None:
        self.fd, self.pid = fd, pid

    def press(self, keys: str, quiet: float = QUIET, longest: float = 5.0) -> float:
        """Milliseconds from writing `keys` to the last byte of what follows."""
        began = last = time.perf_counter()
        os.write(self.fd, keys.encode())
        while True:
            # Nothing has come yet: wait for the frame to begin, however long it takes.
            wait = quiet if last > began else longest
            if not select.select([self.fd], [], [], wait)[0]:
                return (last - began) * 1000
            os.read(self.fd, 1 << 16)
            last = time.perf_counter()

    def cpu(self) -> float:
        """Milliseconds that the child has run so far, all its threads together."""
        total = 0
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            try:
                with open(f"/proc/{self.pid}/task/{thread}/schedstat") as file:
                    total += int(file.read().split()[0])
            except FileNotFoundError:
                continue  # it ended just now
        return total / 1e6

    def rest(self) -> None:
        """Until the last press's late effects (the detail pane) are over."""
        while select.select([self.fd], [], [], 0.08)[0]:
            os.read(self.fd, 1 << 16)

    def until(self, text: str, longest: float = 60.0) -> str:
        """What is drawn up to and with `text`."""
        seen, deadline = "", time.monotonic() + longest
        while text not in seen:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{text!r} did not come; the last of it: {seen[-500:]!r}")
            if select.select([self.fd], [], [], 0.5)[0]:
                try:
                    seen += os.read(self.fd, 1 << 16).decode("utf-8", "replace")
                except OSError:
                    break
        return seen


@contextmanager
def on_terminal(words: list[str], **environ: str) -> Generator[Terminal]:
    """A program on a pseudo-terminal of its own; killed at the end if it still runs."""
    pid, fd = pty.fork()
    if not pid:
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", **environ}
        os.execv(words[0], words)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    try:
        yield Terminal(fd, pid)
    finally:
        if os.waitpid(pid, os.WNOHANG)[0] == 0:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(fd)


def explorer(scene: str) -> AbstractContextManager[Terminal]:
    """The explorer on a scene of `tests.tui.play`."""
    return on_terminal([sys.executable, "-m", "tests.tui.play", scene])


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


Keys = list[tuple[str, list[str]]]

HUGE: Keys = [
    ("cursor down one line", ["j"] * 60),
    ("scroll: a line at a time", ["k"] * 40),
    ("scroll: page down and up", ["\x1b[6~"] * 20 + ["\x1b[5~"] * 20),
    ("scroll: last and first row", ["G", "g"] * 20),
    ("fold and unfold the root (100,000 rows)", [" "] * 40),
    ("fold and unfold a level", ["-", "+"] * 20),
    ("fold and unfold all", ["_", "*"] * 20),
    ("next error", ["]"] * 40),
    ("next repeated call", ["}"] * 40),
    ("steps only and back", ["s"] * 40),
    ("errors only and back", ["x"] * 40),
    ("critical path only and back", ["c"] * 40),
    ("zoom and back", ["z", "Z"] * 20),
    ("half and twice the time", ["v", "v", "V", "V"] * 10),
    ("earlier and later, zoomed", ["v", "v", *[")", "("] * 19]),
    ("gaps shown or not", ["i"] * 40),
]
CHAIN: Keys = [
    ("deep: cursor down and up", ["j"] * 20 + ["k"] * 20),
    ("deep: page down and up", ["\x1b[6~"] * 20 + ["\x1b[5~"] * 20),
    ("deep: last and first row", ["G", "g"] * 20),
    ("deep: fold and unfold the root", [" "] * 40),
    ("deep: fold and unfold a level", ["-", "+"] * 20),
    ("deep: critical path only and back", ["c"] * 40),
]

Press = Callable[[Terminal, str], float]


class Presses(NamedTuple):
    """Milliseconds of one kind of press."""

    what: str
    p50: float
    p95: float
    longest: float
    cpu_p50: float


class Scene(NamedTuple):
    """What was measured of a trace: seconds until rows are there, presses, megabytes at the most."""

    name: str
    first: float
    presses: list[Presses]
    peak: float


class Measured:
    """Rows of a scene: wall and processor time of each kind of press."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.rows: list[Presses] = []

    def add(self, name: str, keys: list[str], press: Press) -> None:
        """Press each of `keys` and add what that took."""
        walls: list[float] = []
        cpus: list[float] = []
        for key in keys:
            before = self.terminal.cpu()
            walls.append(press(self.terminal, key))
            cpus.append(self.terminal.cpu() - before)
            self.terminal.rest()
        self.rows.append(
            Presses(
                name,
                percentile(walls, 0.5), percentile(walls, 0.95), max(walls), percentile(cpus, 0.5),
            )
        )  # fmt: skip


def scene(name: str, keys: Keys) -> Scene:
    """Open a scene, press its keys, and say how long that took and how much memory."""
    with explorer(name) as terminal:
        terminal.until("rows")
        seen = time.monotonic()
        # Open until nothing is drawn any more: a large trace is studied after its rows are there.
        while terminal.press("", 1.0, 1.0) > 0:
            pass
        terminal.press("*", SETTLED)
        measured = Measured(terminal)
        for what, pressed_keys in keys:
            terminal.press("g", SETTLED, 0.3)
            if what.startswith("scroll: a line"):
                terminal.press("\x1b[6~", SETTLED)  # the cursor then stands at the upper edge
            measured.add(what, pressed_keys, pressed)
            terminal.press("Z", SETTLED, 0.3)
        measured.add("cursor down, with the detail pane", ["j"] * 20, settled)
        _search(terminal, measured, name)
        os.write(terminal.fd, b"\x03")
        ended = terminal.until(" kB")
    returned = re.search(r"returned at ([\d.]+)", ended)
    peak = re.search(r"peak (\d+) kB", ended)
    assert returned
    assert peak
    return Scene(name, seen - float(returned[1]), measured.rows, int(peak[1]) / 1000)


def bare() -> float:
    """p95 of the same on a list of as many rows that does nothing else: what Textual itself takes."""
    with on_terminal([sys.executable, "-m", "tests.bench.bare_lines", str(SPANS)]) as terminal:
        terminal.until("line 1 ")
        terminal.press("", 0.5, 1.0)
        measured = Measured(terminal)
        measured.add("page down and up", ["\x1b[6~"] * 20 + ["\x1b[5~"] * 20, pressed)
        os.write(terminal.fd, b"\x11")
    return measured.rows[0].p95


def _search(terminal: Terminal, measured: Measured, name: str) -> None:
    found, missing = ("tool 54321", "zzzzzzzz") if name.startswith("huge") else ("level 432", "zzz")
    terminal.press("/", SETTLED)
    measured.add("search as typed, found", list(found), pressed)
    escape(terminal)
    terminal.press("/", SETTLED)
    measured.add("search as typed, not found", list(missing), pressed)
    escape(terminal)
    terminal.press("/", SETTLED)
    for c in "999":
        pressed(terminal, c)
        terminal.rest()
    terminal.press("", 0.5, 3.0)
    terminal.press("\r", SETTLED)
    measured.add("next match", ["n"] * 40, pressed)
    # While it searches: a text that is nowhere keeps the worker busy as long as it can be.
    escape(terminal)
    terminal.press("/", SETTLED)
    os.write(terminal.fd, b"q")
    time.sleep(0.05)
    measured.add("a key while it searches", ["z", "q", "z"], pressed)
    escape(terminal)


def main() -> list[Row]:
    """A row a kind of key press, in milliseconds, and the peak memory; the best of `RUNS`."""
    rows: list[Row] = []
    least = bare()
    for name, keys in ((f"huge{SPANS}", HUGE), (f"deep{DEEP}", CHAIN)):
        runs = [scene(name, keys) for _ in range(RUNS)]
        rows += told([min(same, key=lambda p: p.p95) for same in
                      zip(*(run.presses for run in runs), strict=True)], least)  # fmt: skip
        first, peak = min(run.first for run in runs), min(run.peak for run in runs)
        rows.append(row(f"{name}: first rows after the query returned", first, "s", aim="< 1",
                        met=first < 1))  # fmt: skip
        rows.append(row(f"{name}: peak memory", peak, "MB", aim="< 400", met=peak < 400))
    print_rows("Explorer, from the key to the last byte of its frame, p95", rows)
    return rows


def told(presses: list[Presses], least: float) -> list[Row]:
    """Rows of the table; the detail pane follows 50 ms after the cursor rests, on purpose."""
    rows: list[Row] = []
    for one in presses:
        slow = "detail pane" in one.what
        rows.append(
            row(
                one.what, one.p95, "ms", peer="bare Line API list", peer_value=least,
                aim="" if slow else "<= 50", met=None if slow else one.p95 <= 50,
            )
        )  # fmt: skip
    return rows


def pressed(terminal: Terminal, key: str) -> float:
    """One press, until its frame is drawn."""
    return terminal.press(key)


def escape(terminal: Terminal) -> None:
    """Esc alone: what follows too soon would make another key of it."""
    terminal.press("\x1b", 0.5, 1.0)


def settled(terminal: Terminal, key: str) -> float:
    """One press, until the detail pane has followed."""
    return terminal.press(key, SETTLED)


if __name__ == "__main__":
    main()
