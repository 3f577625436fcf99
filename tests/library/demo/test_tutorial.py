"""The programs of the tutorials run and record; their commands are typed in tests/newcomer."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jollyscope.demo.tasks import TASKS

from .conftest import read_back

DOCS = Path(__file__).resolve().parents[3] / "docs"
TUTORIALS = ["tutorial.md", "tutorial.zh.md"]


def blocks(name: str, language: str) -> list[str]:
    text = (DOCS / name).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


def environment(home: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JOLLYSCOPE", "OPENAI", "OTEL"))
    }
    return kept | {
        "JOLLYSCOPE_HOME": str(home),
        "JOLLYSCOPE_CONFIG": str(home / "config.toml"),
        "PYTHONIOENCODING": "utf-8",
    }


def run(command: list[str], home: Path) -> str:
    done = subprocess.run(
        command,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("name", TUTORIALS)
def test_programs_run_and_record(name: str, tmp_path: Path) -> None:
    programs = blocks(name, "python")
    assert len(programs) == 4
    for number, program in enumerate(programs):
        path = tmp_path / f"program{number}.py"
        path.write_text(program, encoding="utf-8")
        run([sys.executable, str(path)], tmp_path)
    recorded = [
        " ".join(span.step_type + ("!" if span.status == "error" else "") for span in spans)
        for spans in read_back(tmp_path).values()
    ]
    assert sorted(recorded) == [
        "user_input act act",
        "user_input act!",
        "user_input think act observe think response",
    ]


def test_both_languages_show_the_same_programs_and_commands() -> None:
    assert blocks(TUTORIALS[0], "sh") == blocks(TUTORIALS[1], "sh")

    def calls(name: str) -> list[list[str]]:
        return [re.findall(r"jollyscope\.\w+", program) for program in blocks(name, "python")]

    assert calls(TUTORIALS[0]) == calls(TUTORIALS[1])


@pytest.mark.parametrize("name", TUTORIALS)
def test_every_task_is_described(name: str) -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", (DOCS / name).read_text(encoding="utf-8"), re.M)
    assert rows == [task.name for task in TASKS]
