"""The main job, as a user does it: an agent that nobody here wrote, then `ls` and `show`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jollyscope.store.lake.store import LakeStore
from tests.e2e.test_sdk_pydantic_ai import AGENT

ROOT = Path(__file__).parents[2]


class Machine:
    """A user's machine: a data directory, and the programs run against it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "JOLLYSCOPE_"))}
        self.env = {
            **kept,
            "JOLLYSCOPE_HOME": str(home),
            "JOLLYSCOPE_CONFIG": str(home / "none.toml"),
            "COLUMNS": "180",
        }

    def python(self, code: str) -> str:
        return self._run([sys.executable, "-c", code])

    def jollyscope(self, *arguments: str) -> str:
        return self._run([sys.executable, "-m", "jollyscope_cli", *arguments])

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command, env=self.env, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, list[dict[str, Any]]]:
    machine = Machine(tmp_path_factory.mktemp("home"))
    return machine, json.loads(machine.python(AGENT))


def test_every_span_of_a_pydantic_ai_agent_is_stored(foreign: tuple[Machine, list[dict[str, Any]]]):
    machine, exported = foreign
    with LakeStore(machine.home).reader() as reader:
        assert reader.query("SELECT count(*) FROM dwd_open_spans").rows == [(0,)]
        for trace_id in {span["trace"] for span in exported}:
            theirs = {span["id"]: span for span in exported if span["trace"] == trace_id}
            ours = {span.span_id: span for span in reader.spans(trace_id)}
            assert ours.keys() == theirs.keys()
            for span_id, span in ours.items():
                other = theirs[span_id]
                assert (span.name, span.parent_span_id) == (other["name"], other["parent"])
                assert (span.start_time, span.end_time) == (other["start"], other["end"])
                lifted = {"jollyscope.input", "jollyscope.output"}
                assert span.attributes == {
                    k: v for k, v in other["attributes"].items() if k not in lifted
                }


def test_they_are_listed_and_shown(foreign: tuple[Machine, list[dict[str, Any]]]):
    machine, exported = foreign
    listed = json.loads(machine.jollyscope("ls", "traces", "--json"))
    assert {row["trace_id"] for row in listed} == {span["trace"] for span in exported}
    assert sum(row["span_count"] for row in listed) == len(exported)
    spans = json.loads(machine.jollyscope("ls", "spans", "--json"))
    assert {row["span_id"] for row in spans} == {span["id"] for span in exported}
    asked = next(row for row in listed if row["name"] == "ask")
    assert (asked["session_id"], asked["user_id"]) == ("s-1", "ann")
    drawn = machine.jollyscope("show", asked["trace_id"][:12])
    assert drawn.count("█") > 5
    assert "北京" in drawn
    assert "weather" in drawn
    document = json.loads(machine.jollyscope("show", asked["trace_id"], "--json"))
    assert {span["span_id"] for span in document["spans"]} == {
        span["id"] for span in exported if span["trace"] == asked["trace_id"]
    }
    assert list(document) == ["session_id", "conversation_id", "user_id", "timestamp", "spans"]


def test_readme_programs_run_as_written(tmp_path: Path):
    machine = Machine(tmp_path)
    for block in re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL):
        machine.python(block)
    rows = json.loads(machine.jollyscope("ls", "--json"))
    assert [row["step_strip"] for row in rows] == ["utaor"]
    assert rows[0]["session_id"] == "chat-42"
    assert rows[0]["input_tokens"] == 120
    assert "Paris" in machine.jollyscope("show", rows[0]["trace_id"])


def test_the_readme_names_only_commands_that_exist():
    text = (ROOT / "README.md").read_text()
    from tests.cli.make_reference import reference  # the generated reference lists them all

    known = reference()
    for command in set(re.findall(r"^jollyscope (\w+)", text, re.MULTILINE)):
        assert f"jollyscope {command}" in known
    for name in set(re.findall(r"\]\((docs/[\w.]+)\)", text)):
        assert (ROOT / name).is_file(), name
