"""Exit codes, one-sentence errors, pipes that break and people who press Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from jollyscope.errors import JollyScopeError, StoreError
from jollyscope_cli import failures
from jollyscope_cli.options import hoist, wants_debug
from tests.cli import records

PROGRAM = [sys.executable, "-m", "jollyscope_cli"]


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["nosuch"], 2, "No such command 'nosuch'"),
        (["ls", "--nosuch"], 2, "No such option: --nosuch"),
        (["ls", "--limit", "many"], 2, "'many' is not a whole number."),
        (["ls", "things"], 2, "`things` is none of traces, sessions, spans,"),
        (["ls", "--limit", "-1"], 2, "A limit of -1 is no limit."),
        (["ls", "--since", "soon"], 2, "`soon` is no time."),
        (["ls", "--json", "--csv"], 2, "two forms"),
        (["ls", "--trace", "ab"], 2, "--trace goes with `ls spans` only."),
        (["ls", "sessions", "--session", "x"], 2, "--session does not go"),
        (["show"], 2, "Missing argument 'TRACE|SPAN|SESSION'."),
        (["show", "ab", "--depth", "0"], 2, "--depth begins at 1"),
        (["show", "abc"], 3, "There is no trace, span or session `abc`"),
        (["show", "xyz"], 3, "There is no trace, span or session `xyz`"),
        (["store"], 2, "Missing command."),
        (["--store", "lake:///nowhere/at/all", "ls"], 3, "There is no store at /nowhere/at/all."),
        (["ls", "--store", "ftp://x"], 2, "`ftp:…` is no store"),
        (["ui"], 2, "The explorer needs a terminal."),
    ],
)
def test_misuse_and_absence(program, args, code, says):
    done = program(*args)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("jollyscope: ")
    assert says in done.err
    assert "Traceback" not in done.err


def test_debug_shows_the_traceback_and_the_sentence(program):
    for args in (["--debug", "show", "abc"], ["show", "abc", "--debug"]):
        done = program(*args)
        assert done.code == 3
        assert "Traceback" in done.err
        assert "jollyscope: There is no trace, span or session `abc`" in done.err


def test_an_unexpected_failure_is_one_sentence(run, monkeypatch):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("jollyscope.store.api.open_store", broken)
    done = run("ls")
    assert done.code == 1
    assert done.err == (
        "jollyscope: ZeroDivisionError: by nothing.\n"
        "  This should not happen; run again with --debug to see where.\n"
    )
    assert "Traceback" in run("ls", "--debug").err


def test_errors_of_the_library_keep_their_exit_code(run, monkeypatch):
    def broken(*_: object) -> None:
        raise StoreError("The disk is gone.", hint="Find it.")

    monkeypatch.setattr("jollyscope.store.api.open_store", broken)
    assert run("ls") == (1, "", "jollyscope: The disk is gone.\n  Find it.\n")


def test_interrupt_in_this_process(run, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("jollyscope.store.api.open_store", interrupted)
    assert run("ls") == (130, "", "\n")


def test_a_broken_pipe_is_no_error(home):
    records.store(home, *records.many(2000)).close()
    command = f"{sys.executable} -m jollyscope_cli ls --limit 0 | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)
    header, code = done.stdout.splitlines()
    assert header.startswith("trace_id\t")
    assert code == "0"
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


@pytest.mark.parametrize("command", ["show 7f3a", "--help", "version", "ls --json", "doctor"])
def test_a_pipe_that_was_never_read(home, command):
    records.store(home, *records.run()).close()
    # `true` may be gone before the first byte, or after: neither is an error.
    line = f"{sys.executable} -m jollyscope_cli {command} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    assert done.stdout == "0\n"
    assert "BrokenPipe" not in done.stderr


def test_closed_stdout_is_no_error():
    line = f"{sys.executable} -m jollyscope_cli --help >&-; echo $?"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_ctrl_c_while_it_works(home, tmp_path):
    """A command held up in its store, as by a slow disk, ends at once with 130 and no traceback."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, time\n"
        "class Slow:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'jollyscope.store.lake.store':\n"
        "            print('waiting', flush=True); time.sleep(30)\n"
        "sys.meta_path.insert(0, Slow())\n"
    )
    process = subprocess.Popen(
        [*PROGRAM, "ls"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert time.monotonic() - began < 5


def test_ctrl_c_while_the_engine_works(home, tmp_path):
    """In the middle of a query DuckDB takes the interrupt and raises something of its own."""
    records.store(home, *records.run()).close()
    (tmp_path / "sitecustomize.py").write_text(
        "import jollyscope.query.listing as listing\n"
        "def slow(reader, **_):\n"
        "    print('waiting', flush=True)\n"
        "    reader.query('SELECT count(*) FROM range(3000000) a, range(3000000) b')\n"
        "listing.list_traces = slow\n"
    )
    process = subprocess.Popen(
        [*PROGRAM, "ls", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "waiting\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, err) == (130, "\n")


def test_a_character_set_that_cannot_say_it(home, program):
    records.store(home, *records.run()).close()
    done = program("ls", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.code == 0
    assert "?" in done.out


def test_bare_in_a_pipe_prints_the_help(program):
    done = program()
    assert done.code == 0
    assert done.out.startswith("Usage: jollyscope ")


def test_global_options_stand_anywhere():
    assert hoist(["ls", "--store", "x", "--json"]) == ["--store", "x", "ls", "--json"]
    assert hoist(["ls", "--store=x", "--debug"]) == ["--store=x", "--debug", "ls"]
    assert hoist(["run", "--", "cmd", "--debug"]) == ["run", "--", "cmd", "--debug"]
    assert hoist(["ls", "--store"]) == ["--store", "ls"]
    assert wants_debug(["ls", "--debug"])
    assert not wants_debug(["run", "--", "--debug"])


def test_every_library_error_ends_as_a_sentence(capsys):
    assert failures._explain(JollyScopeError("It broke."), []) == 1
    assert capsys.readouterr().err == "jollyscope: It broke.\n"


def test_a_password_is_never_repeated(program):
    done = program("ls", "--store", "clickhouse://ann:hunter2@nowhere/db")
    assert done.code != 0
    assert "hunter2" not in done.err
    assert "clickhouse://ann@nowhere:8123/db" in done.err
    assert len(done.err.splitlines()) == 2
