"""What is said where no engine answers, by programs that say what Docker and Podman say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jollyscope.backend.stack.engine import find_engine
from jollyscope.backend.stack.trouble import EngineError

COMPOSE_PLUGIN = '[ "$1" = compose ] && exit 0\n'
ANSWERS = '[ "$1" = info ] && echo 1000 && exit 0\n'
NO_PLUGIN = '[ "$1" = compose ] && exit 1\n'


def program(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}")
    path.chmod(0o755)


def around(folder: Path, **more: str) -> dict[str, str]:
    return {"PATH": f"{folder}{os.pathsep}/nowhere", **more}


def test_the_plugin_comes_first(tmp_path: Path):
    program(tmp_path, "docker", COMPOSE_PLUGIN + ANSWERS)
    program(tmp_path, "docker-compose", "exit 0\n")
    found = find_engine(around(tmp_path))
    assert found.compose == ("docker", "compose")
    assert found.memory == 1000


def test_the_program_where_there_is_no_plugin(tmp_path: Path):
    program(tmp_path, "docker", NO_PLUGIN + ANSWERS)
    program(tmp_path, "docker-compose", "exit 0\n")
    assert find_engine(around(tmp_path)).compose == ("docker-compose",)


def test_podman_where_docker_does_not_answer(tmp_path: Path):
    program(tmp_path, "docker", "echo Cannot connect to the Docker daemon >&2; exit 1\n")
    program(tmp_path, "podman", COMPOSE_PLUGIN + ANSWERS)
    assert find_engine(around(tmp_path)).name == "podman compose"


def test_the_one_that_is_asked_for(tmp_path: Path):
    program(tmp_path, "docker", COMPOSE_PLUGIN + ANSWERS)
    program(tmp_path, "podman", ANSWERS)
    program(tmp_path, "podman-compose", "exit 0\n")
    found = find_engine(around(tmp_path, JOLLYSCOPE_COMPOSE="podman-compose"))
    assert (found.program, found.compose) == ("podman", ("podman-compose",))


@pytest.mark.parametrize(
    ("says", "message", "hint"),
    [
        ("permission denied while trying to connect to the Docker daemon socket",
         "does not let this user in", "group `docker`"),
        ("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?",
         "installed but not running", "Start it"),
        ("something else", "does not answer: something else", ""),
    ],
    ids=["permission", "stopped", "other"],
)  # fmt: skip
def test_refusals(tmp_path: Path, says: str, message: str, hint: str):
    program(tmp_path, "docker", f"echo '{says}' >&2; exit 1\n")
    with pytest.raises(EngineError, match=message) as caught:
        find_engine(around(tmp_path))
    assert hint in caught.value.hint


def test_no_compose(tmp_path: Path):
    program(tmp_path, "docker", NO_PLUGIN + ANSWERS)
    with pytest.raises(EngineError, match="Compose is not") as caught:
        find_engine(around(tmp_path))
    assert "docker-compose-plugin" in caught.value.hint


def test_nothing_at_all(tmp_path: Path):
    with pytest.raises(EngineError, match="Docker or Podman is not installed"):
        find_engine(around(tmp_path))
