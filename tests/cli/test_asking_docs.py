"""Every command in docs/asking.md does what it says there."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path

import pytest

from tests.cli import records

PAGE = Path(__file__).parents[2] / "docs" / "asking.md"
BLOCKS = re.findall(r"(?s)```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"))
LINES = [line for block in BLOCKS for line in block.splitlines()]


@pytest.mark.parametrize("line", LINES)
def test_it_runs(run, home, monkeypatch, line):
    records.store(home, *records.run(), *records.many(3)).close()
    said, _, command = line.rpartition("| ")
    if said:
        monkeypatch.setattr("sys.stdin", io.StringIO(shlex.split(said)[1]))
    program, *args = shlex.split(command)
    assert program == "jollyscope"
    done = run(*args)
    assert done.code == 0, done.err
    assert done.out


def test_all_four_are_there():
    assert len(LINES) > 25
    assert {line.rpartition("| ")[2].split()[1] for line in LINES} == {"ls", "stats", "show", "sql"}
