"""On a real terminal, a pseudo one of a size of its own: width, colour, and who is asked."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest
from rich.cells import cell_len

from tests.cli import records


def on_terminal(
    *args: str, columns: int = 90, types: bytes = b"", **environ: str
) -> tuple[int, str]:
    """Run the program with all streams on a terminal; its exit code and what was to be seen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "jollyscope_cli", *args],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**{k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}, **environ},
    )
    os.close(theirs)
    os.write(ours, types)
    seen = b""
    try:
        while piece := os.read(ours, 65536):
            seen += piece
    except OSError:  # Linux: the other side has closed
        pass
    os.close(ours)
    return process.wait(30), seen.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("command", ["ls", "ls spans", "show 7f3a"])
def test_lines_fit_the_terminal(home, command, columns):
    records.store(home, *records.run()).close()
    code, seen = on_terminal(*command.split(), columns=columns, NO_COLOR="1")
    assert code == 0
    drawn = [line for line in seen.splitlines() if not line.startswith(("lake://", "left out"))]
    assert columns * 0.5 < max(cell_len(line) for line in drawn) <= columns


@pytest.mark.parametrize("command", ["ls", "show 7f3a", "doctor"])
def test_colour_only_where_it_is_wanted(home, command):
    records.store(home, *records.run()).close()
    assert "\x1b[" in on_terminal(*command.split())[1]
    assert "\x1b" not in on_terminal(*command.split(), NO_COLOR="1")[1]
    assert "\x1b" not in on_terminal(*command.split(), TERM="dumb")[1]


def test_relative_times_and_a_summary(home):
    records.store(home, *records.run()).close()
    _, seen = on_terminal("ls", NO_COLOR="1", columns=120)
    assert "7f3a0000" in seen
    assert "▸◆●○◆✖✔" in seen
    assert seen.endswith("1 in all\n")


def test_pruning_asks_the_person(home):
    records.store(home, *records.run()).close()
    code, seen = on_terminal("store", "prune", "--older-than", "2030-01-01", types=b"n\n")
    assert (code, "[y/N]" in seen, "Nothing was dropped." in seen) == (0, True, True)
    code, seen = on_terminal("store", "prune", "--older-than", "2030-01-01", types=b"y\n")
    assert (code, "7 spans dropped." in seen) == (0, True)
