"""What an agent said, or a file says, cannot steer the terminal that shows it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from jollyscope.model.wire import encode_lines
from jollyscope.transport.spool import SpoolWriter, spool_dir
from tests.cli import records
from tests.cli.conftest import Run

TITLE = "\x1b]0;pwned\x07"
CLEAR = "\x1b[2J\x1b[H"
EVIL = f"{TITLE}{CLEAR}\x9b31m\r\x08\u202eabc"
TRACE = "1" * 32
COMMANDS = [
    ["ls"], ["ls", "spans"], ["ls", "sessions"], ["ls", "tools"], ["ls", "users"], ["show", TRACE],
    ["show", TRACE, "--messages"], ["stats"], ["analyze"], ["diff", TRACE, TRACE, "--text"],
    ["sql", "SELECT name, input, tool_name FROM dwd_spans"], ["label", TRACE],
    ["tail", "-n", "5", "--timeout", "200ms"],
]  # fmt: skip
OURS = re.compile(r"\x1b\[[0-9;]*m")
"""Colours and weights that this program gives."""
WRONG = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
IN_A_PIPE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Marks of direction are text there as any other: nothing is drawn."""


@pytest.fixture(autouse=True)
def said(home: Path) -> None:
    """A trace that says it wherever text can stand."""
    writer = SpoolWriter(spool_dir(home))
    for number, step in enumerate(("user_input", "think", "act"), 1):
        span = records.span(
            number, number, 10, parent=None if number == 1 else 1, trace_id=TRACE, step_type=step,
            name=EVIL, input=EVIL, output=EVIL, session_id=EVIL, user_id=EVIL, service=EVIL,
            tool_name=EVIL if step == "act" else None, model=EVIL if step == "think" else None,
            status="error", error_type=EVIL, error_message=EVIL, attributes={EVIL: EVIL},
        )  # fmt: skip
        writer.write("span", encode_lines([span]))
    writer.close()


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_no_command_passes_it_on(run: Run, monkeypatch: pytest.MonkeyPatch, terminal: bool):
    assert run("label", TRACE, "--note", EVIL).code == 0
    for stream in ("stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: terminal, raising=False)
    for command in COMMANDS:
        if terminal and command[0] in ("analyze", "tail"):
            continue  # they draw: what they put there is looked at in a terminal of their own
        done = run(*command)
        for text in (done.out, done.err):
            wrong = WRONG.search(OURS.sub("", text)) if terminal else IN_A_PIPE.search(text)
            assert not wrong, (command, text)
        assert "pwn" in done.out or command[0] == "analyze", command


def test_errors_and_notes_do_not_either(run: Run, tmp_path: Path):
    named = tmp_path / f"{EVIL.replace('/', '')}.json"
    named.write_text(f'[{{"role": "user", "content": {EVIL!r}')
    for command in (
        ["show", f"no {EVIL}"], ["ls", f"status:{EVIL}"], ["ls", "--since", EVIL], [EVIL],
        ["ls", f"--{EVIL}"],
        ["import", str(named)], ["import", f"/no/{EVIL}"], ["sql", EVIL], ["export", "-o", f"/no/{EVIL}.csv"],
        ["--store", f"lake:///{EVIL}", "ls"], ["config", "get", EVIL], ["tail", "--format", f"%{EVIL}"],
    ):  # fmt: skip
        done = run(*command)
        assert done.code, command
        assert not WRONG.search(done.out + done.err), (command, done)
        assert done.err.count("\n") <= 6, command


def test_a_bad_file_on_a_terminal(tmp_path: Path, home: Path):
    """Where a bar is drawn, what is said of files goes another way."""
    named = tmp_path / f"{EVIL}.jsonl"
    named.write_bytes(
        encode_lines([records.span(9, 1, 2)]) + b'{"schema":1,"trace_id":"\x1b]0;x\x07"}\n'
    )
    screen = on_a_terminal("import", str(named))
    assert "1 span" in screen
    for evil in (TITLE, CLEAR, "\x9b31m", "\u202e", "\x1b]0;"):
        assert evil not in screen


def on_a_terminal(*args: str) -> str:
    """All that a command writes to a terminal of its own."""
    main, end = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "jollyscope_cli", *args], stdin=end, stdout=end, stderr=end
    ) as program:
        os.close(end)
        written = b""
        with suppress(OSError):  # it has ended, and its terminal with it
            while more := os.read(main, 65536):
                written += more
        os.close(main)
        program.wait(60)
    return written.decode()
