"""docs/cli.md says what the program has, all of it and no more."""

from __future__ import annotations

from jollyscope_cli.app import COMMANDS
from tests.cli.make_reference import FILE, commands, reference


def test_the_reference_is_fresh():
    assert FILE.read_text(encoding="utf-8") == reference(), "python -m tests.cli.make_reference"


def test_everything_says_what_it_does():
    for path, command in commands():
        assert command.help, path
        first = command.help.strip().split("\n\n")[0]
        assert first.endswith("."), path
        assert "\n" not in first, path
        assert len(first) <= 80, path
        for param in command.params:
            assert param.help, (path, param.name)
            assert param.help.endswith("."), (path, param.name)


def test_the_help_says_what_the_commands_say():
    for path, command in commands():
        name = path.removeprefix("jollyscope").strip()
        if name in COMMANDS:
            assert COMMANDS[name] == command.help.strip().split("\n\n")[0]
