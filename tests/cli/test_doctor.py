"""`jollyscope doctor`: what is wrong is found, named and mended by the fix that is given."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import namedtuple

import pytest

from jollyscope.backend.doctor import diagnose
from jollyscope.backend.surroundings import Terminal, environment, terminal
from tests.cli import records

PIPE = Terminal(False, "utf-8", 80, 24)
GOOD = Terminal(True, "UTF-8", 120, 40)


def checks(run) -> dict[str, dict[str, str]]:
    report = json.loads(run("doctor", "--json").out)
    return {check["name"]: check for check in report["checks"]}


def test_a_fresh_machine_is_well(run, home):
    done = run("doctor")
    assert done.code == 0
    assert {line[0] for line in done.out.splitlines()} == {"✔"}
    assert not home.exists()  # looking changes nothing


def test_it_counts_what_is_there(run, home):
    alive = records.store(home, *records.run())
    found = checks(run)
    alive.close()
    assert found["spool"]["detail"].startswith("1 recording now, 1 segments, ")
    assert "7 spans in 1 traces" in found["store"]["detail"]


def test_a_broken_settings_file(run, tmp_path):
    (tmp_path / "config.toml").write_text("[sdk]\nflush_sm = 1\n")
    done = run("doctor")
    assert done.code == 1
    assert "✖ settings" in done.out
    assert "→ Did you mean `sdk.flush_ms`?" in done.out


def test_a_data_directory_that_is_a_file(run, home):
    home.write_text("not a directory")
    done = run("doctor")
    assert done.code == 1
    assert "✖ data directory" in done.out


@pytest.fixture
def read_only(home):
    """The data directory, read-only also to root, who may write what only permissions protect."""
    home.mkdir(mode=0o500)
    mounted = os.geteuid() == 0
    if mounted and subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "none", home]).returncode:
        pytest.skip("root here may not mount")
    yield home
    if mounted:
        subprocess.run(["umount", home], check=True)


def test_a_data_directory_that_cannot_be_written(run, read_only):
    assert "✖ data directory" in run("doctor").out


def test_a_full_disk(run, monkeypatch):
    usage = namedtuple("usage", "total used free")
    for free, sign in ((900_000_000, "!"), (1_000_000, "✖")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage(1, 1, free))
        assert f"{sign} disk space" in run("doctor").out


def test_a_store_that_is_not_there(run):
    done = run("doctor", "--store", "clickhouse://ann:hunter2@nowhere/db")
    assert done.code == 1
    assert "✖ store" in done.out
    assert "hunter2" not in done.out + done.err


def test_problems_of_the_store_are_warnings(home):
    records.store(home, *records.run()).close()
    with open(next(home.glob("spool/*/span-*.jsonl")), "ab") as segment:
        segment.write(b"this is no record\n")
    from jollyscope.store.api import open_store

    open_store().load()
    report = diagnose(None, PIPE)
    assert report.state == "warn"
    assert [check for check in report.checks if check.name == "store" and check.state == "warn"]


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"OTEL_SDK_DISABLED": "true"}, "nothing is recorded"),
        ({"JOLLYSCOPE_SDK_ENABLED": "false"}, "nothing is recorded"),
        ({"OTEL_TRACES_SAMPLER": "always_off"}, "no trace is recorded"),
        (
            {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.1"},
            "a share of 0.1",
        ),
        ({"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "64"}, "texts are cut"),
    ],
)
def test_variables_that_bite(variables, says):
    (check,) = environment(variables)
    assert (check.state, says in check.detail) == ("warn", True)
    assert check.fix


def test_variables_that_do_not():
    for quiet in ({}, {"OTEL_TRACES_SAMPLER": "always_on"}, {"OTEL_SDK_DISABLED": "false"}):
        assert [check.state for check in environment(quiet)] == ["ok"]


def test_no_secret_is_shown(run, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hunter2")
    monkeypatch.setenv("JOLLYSCOPE_STORE", "clickhouse://ann:hunter2@nowhere/db")
    done = run("doctor")
    assert "hunter2" not in done.out + done.err
    assert "hunter2" not in run("doctor", "--json").out


@pytest.mark.parametrize(
    ("shown", "variables", "name", "state"),
    [
        (PIPE, {}, "terminal", "ok"),
        (GOOD, {"TERM": "xterm-256color"}, "terminal", "ok"),
        (GOOD, {"TERM": "dumb"}, "terminal kind", "warn"),
        (GOOD, {}, "terminal kind", "warn"),
        (Terminal(True, "utf-8", 79, 24), {"TERM": "xterm"}, "terminal size", "warn"),
        (Terminal(True, "ANSI_X3.4-1968", 80, 24), {"TERM": "xterm"}, "character set", "warn"),
        (GOOD, {"TERM": "tmux-256color", "TMUX": "/tmp/x"}, "multiplexer", "ok"),
        (GOOD, {"TERM": "xterm", "TMUX": "/tmp/x"}, "multiplexer", "warn"),
    ],
)
def test_terminals(shown, variables, name, state):
    found = {check.name: check for check in terminal(shown, variables)}
    assert found[name].state == state
    assert bool(found[name].fix) == (state != "ok")


def test_colours_are_named():
    def said(**variables: str) -> str:
        return next(iter(terminal(GOOD, {"TERM": "xterm-256color", **variables}))).detail

    assert "256 colours" in said()
    assert "16 million" in said(COLORTERM="truecolor")
    assert "no colour" in said(NO_COLOR="1")
