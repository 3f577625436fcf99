"""`jollyscope store`"""

from __future__ import annotations

import io
import json
import os

import pytest

from jollyscope_cli.main import main
from tests.cli import records


class Terminal(io.StringIO):
    """Standard input with a person at it, who types this."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def person(monkeypatch):
    def types(text: str) -> None:
        monkeypatch.setattr("sys.stdin", Terminal(text))
        monkeypatch.setattr("jollyscope_cli.store.interactive", lambda: True)

    return types


def test_info(run, home):
    records.store(home, *records.run()).close()
    found = json.loads(run("store", "info", "--json").out)
    assert found["url"] == f"lake://{home}"
    assert (found["traces"], found["spans"]) == (1, 7)
    out = run("store", "info").out
    assert "traces    1\n" in out
    assert "newest    2026-11-20 14:03:18\n" in out


def test_info_without_a_store(run, home):
    done = run("store", "info")
    assert done.code == 0
    assert "spans     0 and 0 running\n" in done.out


def test_compact(run, home):
    records.store(home, *records.run()).close()
    assert run("store", "compact").code == 0
    done = run("store", "compact")
    assert (done.code, done.out, done.err) == (0, "", "There was nothing to merge.\n")
    assert json.loads(run("ls", "--json").out)[0]["span_count"] == 7


def test_prune_needs_a_measure_and_a_yes(run, home):
    done = run("store", "prune")
    assert done.code == 2
    assert "Say what may go." in done.err
    done = run("store", "prune", "--older-than", "30d")
    assert done.code == 2
    assert "--yes" in done.err
    for args in (["--older-than", "long"], ["--max-size", "big"]):
        assert run("store", "prune", "--yes", *args).code == 2


def test_prune(run, home):
    records.store(home, *records.many(5)).close()
    cut = "2026-11-20T14:03:13Z"
    done = run("store", "prune", "--older-than", cut, "--yes")
    assert (done.code, done.err) == (0, "2 spans dropped.\n")
    assert len(json.loads(run("ls", "--json").out)) == 3


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("yes\n", 0), ("n\n", 1), ("", 1)])
def test_prune_asks(run, home, person, answer, left):
    records.store(home, *records.run()).close()
    person(answer)
    done = run("store", "prune", "--older-than", "2030-01-01")
    assert done.code == 0
    assert (
        f"Drop what ended before 2030-01-01 00:00 from lake://{home}, for good? [y/N]" in done.err
    )
    assert len(json.loads(run("ls", "--json").out)) == left


def test_another_store_by_its_address(run, home, tmp_path, monkeypatch):
    records.store(home, *records.run()).close()
    monkeypatch.setenv("JOLLYSCOPE_HOME", str(tmp_path / "elsewhere"))
    assert json.loads(run("ls", "--json").out) == []
    assert len(json.loads(run("ls", "--json", "--store", f"lake://{home}").out)) == 1


def test_a_read_only_data_directory_is_read(home, capsys):
    records.store(home, *records.run()).close()
    os.chmod(home, 0o500)
    try:
        assert main(["ls", "--json"]) == 0
    finally:
        os.chmod(home, 0o700)
    assert len(json.loads(capsys.readouterr().out)) == 1
