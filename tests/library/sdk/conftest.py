from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import jollyscope
from jollyscope.model.wire import decode


class Spool:
    """A recording into a folder of its own, and what came of it."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def init(self, **settings: Any) -> None:
        jollyscope.init(home=self.home, **{"service": "test", "sample_ms": 0, **settings})

    def lines(self, kind: str = "span") -> list[Any]:
        files = sorted(self.home.glob(f"spool/*/{kind}-*.jsonl"))
        return [decode(line, kind) for f in files for line in f.read_bytes().splitlines()]

    def closed(self) -> list[Any]:
        """Closed spans after a flush."""
        jollyscope.flush()
        return [r for r in self.lines() if r.state == "closed"]

    def one(self, name: str) -> Any:
        (found,) = [r for r in self.closed() if r.name == name]
        return found


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JOLLYSCOPE_CONFIG", str(tmp_path / "none.toml"))
    for name in list(os.environ):
        if name.startswith("OTEL_"):
            monkeypatch.delenv(name)


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Spool]:
    yield Spool(tmp_path / "home")
    jollyscope.shutdown()


@pytest.fixture
def spool(idle: Spool) -> Spool:
    idle.init()
    return idle


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run code as a program of its own; its spool is `Spool(tmp_path / "home")`."""

    def go(code: str, *, check: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
        program = tmp_path / "program.py"
        program.write_text(code, encoding="utf-8")
        environment = {**os.environ, "JOLLYSCOPE_HOME": str(tmp_path / "home"), **env}
        done = subprocess.run(
            [sys.executable, str(program)],
            env=environment, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr
        return done

    return go


@pytest.fixture
def home(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "home")
