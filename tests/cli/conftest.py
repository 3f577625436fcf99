"""A data directory of its own for every test, and the program run in this process or its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from jollyscope_cli.main import main


class Result(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data directory; the test's environment is the same on every machine."""
    for name in list(os.environ):
        if name.startswith(("JOLLYSCOPE_", "OTEL_", "_JOLLYSCOPE")) or name in ("NO_COLOR", "TMUX"):
            monkeypatch.delenv(name)
    data = tmp_path / "data"
    monkeypatch.setenv("JOLLYSCOPE_HOME", str(data))
    monkeypatch.setenv("JOLLYSCOPE_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield data
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program in this process."""

    def call(*args: str) -> Result:
        capsys.readouterr()
        code = main(list(args))
        out, err = capsys.readouterr()
        return Result(int(code), out, err)

    return call


@pytest.fixture
def program() -> Run:
    """Run the program as a process of its own."""

    def call(*args: str, **environ: str) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "jollyscope_cli", *args],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **environ},
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return call
