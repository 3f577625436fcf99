"""Every command's help ends with examples, and every example is what it should be: a line that works."""

from __future__ import annotations

import shlex

import pytest
import typer

from jollyscope_cli.app import build
from jollyscope_cli.examples import EXAMPLES
from jollyscope_cli.options import hoist
from tests.cli import records
from tests.cli.make_reference import commands
from tests.newcomer import seed

NOT_RUN = {
    "demo": "records for seconds; the docs' tests run it on a clean machine",
    "run": "records a program; the docs' tests run it on a clean machine",
    "ui": "wants a terminal; the docs' tests open it on a clean machine",
    "collect": "listens until it is ended; the docs' tests run it on a clean machine",
    "tail": "follows until it is ended; the docs' tests run it on a clean machine",
    **dict.fromkeys(("up", "down", "restart", "logs"), "wants containers, which tests/e2e starts"),
}
"""Examples that are parsed and not run here, and why."""
ENDS = {"jollyscope diff 1f3a 9c1d --exit-code": 1}
"""Exit codes other than 0: these traces differ."""


def split(line: str) -> tuple[dict[str, str], list[str]]:
    """The variables before the program, and the words behind it."""
    words = shlex.split(line)
    at = words.index("jollyscope")
    return dict(word.split("=", 1) for word in words[:at]), words[at + 1 :]


def parse(args: list[str]) -> str:
    """The command that would run. Raises what the parser has against the words."""
    with build().make_context("jollyscope", hoist(args)) as above:
        path, command, words = "", above.command, above._protected_args + above.args
        while hasattr(command, "commands") and words:
            name, command, words = command.resolve_command(above, words)
            path = f"{path} {name}".strip()
            above = command.make_context(name, list(words), parent=above)
            words = above._protected_args + above.args if hasattr(command, "commands") else []
        return path


def test_every_command_has_two_to_four_and_its_help_ends_with_them():
    paths = {path.removeprefix("jollyscope").strip(): command for path, command in commands()}
    assert set(EXAMPLES) == set(paths)
    for path, command in paths.items():
        assert 2 <= len(EXAMPLES[path]) <= 4, path
        context = typer.Context(command, info_name=f"jollyscope {path}".strip())
        tail = command.get_help(context).splitlines()[-len(EXAMPLES[path]) :]
        assert [line.strip() for line in tail] == list(EXAMPLES[path]), path


@pytest.mark.parametrize("path", EXAMPLES)
def test_they_are_about_the_command_and_can_be_parsed(path):
    for line in EXAMPLES[path]:
        assert parse(split(line)[1]).startswith(path), line


@pytest.mark.parametrize("path", [path for path in EXAMPLES if path and path not in NOT_RUN])
def test_they_run_in_their_order(run, home, monkeypatch, tmp_path, path):
    records.store(home, *seed.runs()).close()
    monkeypatch.chdir(tmp_path)
    seed.write_files(tmp_path)
    for line in EXAMPLES[path]:
        variables, args = split(line)
        args = [word.replace("/srv/traces", str(home)) for word in args]
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            done = run(*args, *(["--yes"] if "--older-than" in args else []))
        assert done.code == ENDS.get(line, 0), (line, done.err)
