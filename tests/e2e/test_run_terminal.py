"""`jollyscope run` on a real terminal, a pseudo one: its keys and its size are the program's."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shlex
import struct
import sys
import termios
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.e2e.running import RUN, TOOL_CALL, environment, listed

PROGRAM = """
import os, signal, sys, time
def told(number, frame):
    size = os.get_terminal_size()
    print(signal.Signals(number).name, size.columns, flush=True)
for name in ("SIGINT", "SIGQUIT", "SIGWINCH", "SIGCONT"):
    signal.signal(getattr(signal, name), told)
mine = os.tcgetpgrp(0) == os.getpgrp()
print("ready", [os.isatty(n) for n in (0, 1, 2)], mine, flush=True)
for line in sys.stdin:
    print("line", line.strip(), flush=True)
    if line.strip() == "end":
        sys.exit(9)
"""


def _size(fd: int, columns: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))


class Terminal:
    """A session of its own on a pseudo-terminal, as a shell in a window has it."""

    def __init__(self, home: Path, *command: str, program: Sequence[str] = RUN) -> None:
        pid, self.fd = pty.fork()
        if pid == 0:  # pragma: no cover
            _size(0, 100)
            environ = environment(home, TERM="xterm-256color", PS1="prompt> ")
            del environ["COLUMNS"]
            os.execvpe(program[0], [*program, *command], environ)
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


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path, "--no-instrument", sys.executable, "-c", PROGRAM)
    yield made
    made.close()


def test_the_keys_and_the_size_are_the_programs(terminal: Terminal):
    terminal.until("ready [True, True, True] True\n")
    terminal.type("\x03")
    terminal.until("SIGINT 100\n")
    terminal.type("hello\n")
    terminal.until("line hello\n")
    terminal.type("\x1c")
    terminal.until("SIGQUIT 100\n")
    terminal.resize(77)
    terminal.until("SIGWINCH 77\n")
    terminal.type("end\n")
    assert terminal.end() == 9
    assert terminal.seen.count("SIGINT") == 1
    assert terminal.seen.count("SIGQUIT") == 1
    assert "no spans were recorded" in terminal.seen


def test_ctrl_c_ends_a_program_that_does_not_mind_it(tmp_path: Path):
    made = Terminal(tmp_path, "sh", "-c", "echo ready; exec sleep 60")
    made.until("ready\n")
    made.type("\x03")
    assert made.end() == 130
    assert "ended by SIGINT" in made.seen
    assert "Traceback" not in made.seen
    made.close()


def test_ctrl_z_and_on_again_in_a_shell(tmp_path: Path):
    made = Terminal(tmp_path, "--norc", "-i", program=["bash"])
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    made.until("prompt> ")
    made.type(f"{shlex.join([*RUN, '--no-instrument', sys.executable, str(file)])}\n")
    made.until("ready [True, True, True] True\n")
    made.type("\x1a")
    made.until("Stopped")
    made.until("prompt> ")
    made.type("fg\n")
    made.until("SIGCONT 100\n")
    made.type("hello\n")
    made.until("line hello\n")
    made.type("end\n")
    made.until("exit code 9")
    made.until("prompt> ")
    made.type("echo code $?; exit 0\n")
    made.until("code 9\nexit\n")
    made.end()
    made.close()


def test_the_summary_is_drawn_for_the_terminal(tmp_path: Path):
    made = Terminal(tmp_path, sys.executable, "-c", TOOL_CALL)
    assert made.end() == 0
    (trace,) = listed(tmp_path)
    assert "\x1b[" in made.seen
    assert f"`jollyscope ui {trace['trace_id'][:8]}` opens it" in made.seen
    made.close()


@pytest.mark.slow
def test_ui_opens_the_explorer_at_the_trace_and_the_exit_code_is_the_programs(tmp_path: Path):
    made = Terminal(tmp_path, "--ui", sys.executable, "-c", TOOL_CALL + "\nsys.exit(4)")
    made.until("Overview")  # the page of a trace, not the list
    made.type("\x11")
    assert made.end() == 4
    made.close()


def test_a_person_who_closes_the_window_ends_the_program(tmp_path: Path):
    """The shell passes SIGHUP on; here the terminal itself goes away."""
    note = tmp_path / "note"
    code = (
        "import os, signal, sys, time\n"
        f"def told(*_): open({str(note)!r}, 'w').write(str(os.getpid())); sys.exit(0)\n"
        "signal.signal(signal.SIGHUP, told); print('ready', flush=True); time.sleep(60)\n"
    )
    made = Terminal(tmp_path, "--no-instrument", sys.executable, "-c", code)
    made.until("ready\n")
    os.close(made.fd)
    _, status = os.waitpid(made.pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1)  # there is nobody left to print to
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
