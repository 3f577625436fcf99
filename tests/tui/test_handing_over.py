"""What leaves the explorer: the pager and the editor that are set, the clipboard of the terminal."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from jollyscope.errors import UsageError
from jollyscope_tui import pager
from jollyscope_tui.clipboard import doubt
from jollyscope_tui.handing import paged
from jollyscope_tui.navigation import PageAsked


def program(directory: Path, name: str, script: str) -> Path:
    path = directory / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_pager_gets_a_file_of_ones_own_that_is_gone_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    script = f'for last; do :; done; echo "$@" > {told}; stat -c %a "$last" >> {told}; cat "$last" >> {told}'
    monkeypatch.setenv(
        "PAGER", f"{program(tmp_path, 'my pager', script)!s}".replace(" ", "\\ ") + " -x"
    )
    pager.page("天气\nsecond", suffix=".json")
    options, mode, *text = told.read_text().splitlines()
    option, name = options.split(" ", 1)
    assert option == "-x"
    assert name.endswith(".json")
    assert int(mode, 8) == stat.S_IRUSR | stat.S_IWUSR
    assert text == ["天气", "second"]
    assert not Path(name).exists()


def test_the_file_is_gone_when_the_program_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = program(tmp_path, "broken", "")
    broken.write_text("#!/no/such/interpreter\n")
    monkeypatch.setenv("EDITOR", str(broken))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(OSError, match="No such file"):
        pager.page("text", editor=True)
    assert [path.name for path in tmp_path.iterdir()] == ["broken"]


def test_which_program_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("vi", "more", "code", "mine"):
        program(tmp_path, name, "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pager.command(environment={}) == ["more"]
    assert pager.command(editor=True, environment={}) == ["vi"]
    assert pager.command(environment={"PAGER": " "}) == ["more"]
    assert pager.command(environment={"PAGER": "mine -R '-p x'"}) == ["mine", "-R", "-p x"]
    both = {"VISUAL": "code -n", "EDITOR": "mine"}
    assert pager.command(editor=True, environment=both) == ["code", "--wait", "-n"]
    assert pager.command(editor=True, environment={"EDITOR": "mine"}) == ["mine"]


def test_what_is_missing_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"\$PAGER is `most`, and there is no such program"):
        pager.command(environment={"PAGER": "most -s"})
    with pytest.raises(UsageError, match="which is no command"):
        pager.command(environment={"PAGER": "less '"})
    with pytest.raises(UsageError, match="There is no editor: neither nano nor vi is installed"):
        pager.command(editor=True, environment={})


def test_terminals_that_are_known_to_ignore_copying(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert doubt({"TERM": "xterm-256color"}) == ""
    assert "no clipboard" in doubt({"TERM": "linux"})
    assert "Apple" in doubt({"TERM": "xterm", "TERM_PROGRAM": "Apple_Terminal"})
    assert "screen" in doubt({"TERM": "screen", "STY": "1.pts"})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doubt({"TMUX": "x"}) == ""
    program(tmp_path, "tmux", "echo off")
    assert "set-clipboard on" in doubt({"TMUX": "x"})
    program(tmp_path, "tmux", '[ "$3" = set-clipboard ] && echo external || echo off')
    assert doubt({"TMUX": "x"}) == ""
    program(tmp_path, "tmux", '[ "$3" = set-clipboard ] && echo off || echo on')
    assert doubt({"TMUX": "x"}) == ""


def test_a_program_that_is_missing_is_said_where_the_screen_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGER", "nosuchprogram")
    assert "nosuchprogram" in paged(PageAsked("text"))
    broken = program(tmp_path, "broken", "")
    broken.write_text("#!/no/such/interpreter\n")
    monkeypatch.setenv("PAGER", str(broken))
    assert paged(PageAsked("text")).startswith("It does not start: ")
    monkeypatch.setenv("PAGER", "true")
    assert paged(PageAsked("text")) == ""
