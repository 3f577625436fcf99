"""`jollyscope run` on a real terminal, a pseudo one: its keys and its size are the program's."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.e2e.running import RUN, TOOL_CALL, environment, listed
from tests.terminal import Terminal

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


def on_terminal(home: Path, *command: str, program: Sequence[str] = RUN) -> Terminal:
    environ = environment(home, TERM="xterm-256color", PS1="prompt> ")
    del environ["COLUMNS"]
    return Terminal([*program, *command], environ)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = on_terminal(tmp_path, "--no-instrument", sys.executable, "-c", PROGRAM)
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
    made = on_terminal(tmp_path, "sh", "-c", "echo ready; exec sleep 60")
    made.until("ready\n")
    made.type("\x03")
    assert made.end() == 130
    assert "ended by SIGINT" in made.seen
    assert "Traceback" not in made.seen
    made.close()


def test_ctrl_z_and_on_again_in_a_shell(tmp_path: Path):
    made = on_terminal(tmp_path, "--norc", "-i", program=["bash"])
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
    made = on_terminal(tmp_path, sys.executable, "-c", TOOL_CALL)
    assert made.end() == 0
    (trace,) = listed(tmp_path)
    assert "\x1b[" in made.seen
    assert f"`jollyscope ui {trace['trace_id'][:8]}` opens it" in made.seen
    made.close()


@pytest.mark.slow
def test_ui_opens_the_explorer_at_the_trace_and_the_exit_code_is_the_programs(tmp_path: Path):
    made = on_terminal(tmp_path, "--ui", sys.executable, "-c", TOOL_CALL + "\nsys.exit(4)")
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
    made = on_terminal(tmp_path, "--no-instrument", sys.executable, "-c", code)
    made.until("ready\n")
    os.close(made.fd)
    _, status = os.waitpid(made.pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 1)  # there is nobody left to print to
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
