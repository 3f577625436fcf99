"""`jollyscope ui`, `jollyscope` alone and `jollyscope demo`: who gets the explorer, who a print."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jollyscope.errors import UsageError
from jollyscope_tui.opening import Asked
from tests.cli import records


@pytest.fixture
def explorer(monkeypatch):
    """A terminal, and an explorer that only says what it was asked for and ends with 7."""
    calls: list[dict[str, object]] = []

    def run_explorer(**asked: object) -> int:
        calls.append(asked)
        return 7

    monkeypatch.setattr("jollyscope_tui.starting.run_explorer", run_explorer)
    for module in ("ui", "demo"):
        monkeypatch.setattr(f"jollyscope_cli.{module}.interactive", lambda: True)
    return calls


def test_the_explorer_is_asked_for_what_was_typed(run, explorer):
    assert run("ui").code == 7
    assert run("ui", "7f3a", "--span", "ab", "--store", "lake:///x").code == 7
    assert run().code == 7
    assert run("--store", "lake:///x").code == 7
    plain = {"store_url": None, "asked": Asked(), "theme": None, "read_only": False}
    elsewhere = plain | {"store_url": "lake:///x"}
    assert explorer == [
        plain,
        elsewhere | {"asked": Asked("7f3a", span="ab")},
        plain,
        elsewhere,
    ]


def test_every_option_reaches_the_explorer(run, explorer):
    words = (
        "ui --filter status:error --since 2h --until 1h --sort=-cost --group sessions --columns when,cost"
        " --theme nord --read-only --dashboard"
    )
    assert run(*words.split()).code == 7
    assert run("ui", "7f3a", "--tab", "messages").code == 7
    first, second = explorer
    assert first["asked"] == Asked(
        filter="status:error", since="2h", until="1h", sort="-cost", group="sessions",
        columns="when,cost", place="dashboard",
    )  # fmt: skip
    assert (first["theme"], first["read_only"]) == ("nord", True)
    assert second["asked"] == Asked("7f3a", tab="messages")


@pytest.mark.parametrize("place", ["tail", "health"])
def test_other_screens_are_opened_at_once(run, explorer, place):
    assert run("ui", f"--{place}").code == 7
    assert explorer[0]["asked"] == Asked(place=place)


def test_only_one_screen_is_opened(run, explorer):
    found = run("ui", "--tail", "--health")
    assert found.code == 2
    assert "--tail and --health are two screens." in found.err
    assert not explorer


def test_the_explorer_needs_a_terminal(run):
    assert run("ui").code == 2


def test_its_errors_are_told(run, explorer, monkeypatch):
    def run_explorer(**_: object) -> int:
        raise UsageError("Not like this.")

    monkeypatch.setattr("jollyscope_tui.starting.run_explorer", run_explorer)
    assert run("ui") == (2, "", "jollyscope: Not like this.\n")


@pytest.mark.slow
def test_bare_on_a_real_terminal_opens_the_explorer(home):
    """In a pseudo-terminal of 100 × 30 the list of traces is drawn, and Ctrl-Q leaves."""
    records.store(home, *records.run()).close()
    pid, fd = pty.fork()
    if pid == 0:  # pragma: no cover
        os.environ["COLUMNS"], os.environ["LINES"] = "100", "30"
        os.execv(sys.executable, [sys.executable, "-m", "jollyscope_cli"])
    seen, deadline = b"", time.monotonic() + 30
    while "查一下".encode() not in seen and time.monotonic() < deadline:
        if select.select([fd], [], [], 0.2)[0]:
            seen += os.read(fd, 65536)
    os.write(fd, b"\x11")
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            break
        if select.select([fd], [], [], 0.1)[0]:
            try:
                os.read(fd, 65536)
            except OSError:  # Linux: the other side has closed
                continue
    else:
        os.kill(pid, 9)
        pytest.fail("the explorer did not leave")
    os.close(fd)
    assert "查一下".encode() in seen
    assert os.waitstatus_to_exitcode(status) == 0


def test_demo_lists_its_tasks(run):
    from jollyscope.demo.api import TASKS

    done = run("demo", "--list")
    assert done.code == 0
    assert len(done.out.splitlines()) == len(TASKS)
    assert all(task.name in done.out and task.question in done.out for task in TASKS)


def test_demo_refuses_another_store_and_unknown_tasks(run, home):
    assert run("demo", "--store", "lake:///x").code == 2
    done = run("demo", "--task", "nosuch")
    assert done.code == 2
    assert "nosuch" in done.err


def test_demo_in_a_pipe_runs_and_prints(home):
    """The real agent, as a user runs it: progress on stderr, the runs drawn on stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "jollyscope_cli", "demo", "--task", "compare", "--task", "failing"],
        capture_output=True,
        text=True,
        timeout=90,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("execution ") == 2
    assert "▸ 珠穆朗玛峰比乔戈里峰高多少米？" in done.stdout
    assert "1/2" in done.stderr
    assert "`jollyscope ls` lists these runs" in done.stderr
    assert "\x1b" not in done.stdout


def test_demo_on_a_terminal_opens_the_explorer(run, explorer, home, monkeypatch):
    asked: list[object] = []

    def run_demo(*, tasks: object, home: Path, on_progress: object) -> list[str]:
        asked.append((tasks, home))
        records.store(home, *records.run()).close()
        return [records.TRACE]

    monkeypatch.setattr("jollyscope.demo.api.run_demo", run_demo)
    assert run("demo").code == 7
    assert [asked["store_url"] for asked in explorer] == [f"lake://{home}"]
    assert asked == [(None, home)]
    done = run("demo", "--no-ui")
    assert done.code == 0
    assert "execution 7f3a" in done.out


def test_a_data_directory_with_spaces_in_its_name(run, tmp_path, monkeypatch):
    home = tmp_path / "my data #1 100%"
    monkeypatch.setenv("JOLLYSCOPE_HOME", str(home))

    def run_demo(*, tasks: object, home: Path, on_progress: object) -> list[str]:
        records.store(home, *records.run()).close()
        return [records.TRACE]

    monkeypatch.setattr("jollyscope.demo.api.run_demo", run_demo)
    done = run("demo", "--no-ui")
    assert (done.code, "execution 7f3a" in done.out) == (0, True)
