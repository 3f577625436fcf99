"""From a key to the last byte of its frame, over a real pseudo-terminal, with 100,000 spans.

A frame ends where nothing has come for `QUIET` seconds; the detail pane follows the cursor 50 ms
after it rests, so `settled` waits longer and includes it. The terminal is 200×60.
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
from collections.abc import Iterator
from contextlib import contextmanager

SPANS = int(os.environ.get("BENCH_SPANS", "100000"))
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
def explorer(scene: str) -> Iterator[Terminal]:
    """The explorer on a scene of `tests.tui.play`."""
    pid, fd = pty.fork()
    if not pid:
        os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        os.execv(sys.executable, [sys.executable, "-m", "tests.tui.play", scene])
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    try:
        yield Terminal(fd, pid)
    finally:
        if os.waitpid(pid, os.WNOHANG)[0] == 0:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        os.close(fd)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


KEYS = [
    ("cursor down one line", ["j"] * 60),
    ("scroll: a line at a time", ["k"] * 40),
    ("scroll: page down and up", ["\x1b[6~"] * 20 + ["\x1b[5~"] * 20),
    ("scroll: last and first row", ["G", "g"] * 10),
    ("fold and unfold the root (100,000 rows)", [" "] * 20),
    ("fold and unfold a level", ["-", "+"] * 10),
    ("next error", ["]"] * 40),
    ("steps only and back", ["s"] * 20),
    ("errors only and back", ["x"] * 20),
    ("zoom and back", ["z", "Z"] * 10),
]


def main() -> list[dict[str, object]]:
    """A row a kind of key press, in milliseconds, and the peak memory."""
    rows: list[dict[str, object]] = []

    def add(name: str, times: list[float]) -> None:
        rows.append(
            {
                "what": name,
                "presses": len(times),
                "p50_ms": round(percentile(times, 0.5), 1),
                "p95_ms": round(percentile(times, 0.95), 1),
                "max_ms": round(max(times), 1),
            }
        )

    with explorer(f"huge{SPANS}") as terminal:
        began = time.perf_counter()
        terminal.until("rows")
        rows.append(
            {"what": "open, made-up spans included", "s": round(time.perf_counter() - began, 2)}
        )
        terminal.press("", SETTLED, 1.0)
        terminal.press("*", SETTLED)
        for name, keys in KEYS:
            terminal.press("g", SETTLED, 0.3)
            if name.startswith("scroll: a line"):
                terminal.press("\x1b[6~", SETTLED)  # the cursor then stands at the upper edge
            add(name, [pressed(terminal, key) for key in keys])
        add("cursor down, with the detail pane", [terminal.press("j", SETTLED) for _ in range(20)])
        terminal.press("/", SETTLED)
        add("search as typed, found", [pressed(terminal, c) for c in "call tool 54321"])
        add("search as typed, not found", [pressed(terminal, c) for c in "zzzzzzzz"])
        terminal.press("\x1b", SETTLED)
        terminal.press("/", SETTLED)
        for c in "999":
            pressed(terminal, c)
        terminal.press("\r", SETTLED)
        add("next match", [pressed(terminal, "n") for _ in range(40)])
        os.write(terminal.fd, b"qq")
        peak = re.search(r"peak (\d+) kB", terminal.until(" kB", 10))
        rows.append({"what": "peak memory", "MB": round(int(peak[1]) / 1000) if peak else None})
    print_keys(rows)
    return rows


def print_keys(rows: list[dict[str, object]]) -> None:
    """The rows on stdout; the aim is 50 ms at p95."""
    print(f"\nExplorer, {SPANS:,} spans, from the key to the last byte of its frame")
    for row in rows:
        figures = ", ".join(f"{key} {value}" for key, value in row.items() if key != "what")
        p95 = row.get("p95_ms")
        met = "" if not isinstance(p95, float) else "met" if p95 < 50 else "NOT MET"
        print(f"  {row['what']!s:<40} {figures:<50} {met}")


def pressed(terminal: Terminal, key: str) -> float:
    """One press, after the last one's late effects (the detail pane) are over."""
    took = terminal.press(key)
    while select.select([terminal.fd], [], [], 0.08)[0]:
        os.read(terminal.fd, 1 << 16)
    return took


if __name__ == "__main__":
    main()
