"""Shell completion: scripts, commands, options and trace ids."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from contextlib import suppress

import pytest

from jollyscope.query.completion import complete_traces
from jollyscope.store.api import open_store
from tests.cli import records


def complete(words: str, shell: str = "zsh", **environ: str) -> subprocess.CompletedProcess[str]:
    """What the program answers a shell at the end of a line of `words`."""
    return subprocess.run(
        [sys.executable, "-m", "jollyscope_cli"],
        capture_output=True,
        text=True,
        timeout=60,
        env={
            **os.environ,
            "_JOLLYSCOPE_COMPLETE": f"complete_{shell}",
            "_TYPER_COMPLETE_ARGS": words,
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
            **environ,
        },
    )


def test_commands_and_options():
    assert set(complete("jollyscope s", "bash").stdout.split()) == {
        "show",
        "sql",
        "stats",
        "status",
        "store",
    }
    assert "--limit" in complete("jollyscope ls --li", "bash").stdout
    found = set(complete("jollyscope ls s", "bash").stdout.split())
    assert found >= {"services", "sessions", "spans", "status:"}
    assert "traces" not in found
    assert "compact" in complete("jollyscope store c", "bash").stdout


@pytest.mark.parametrize("command", ["show", "ui"])
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_trace_ids(home, shell, command):
    records.store(home, *records.run(), *records.many(2)).close()
    done = complete(f"jollyscope {command} 7f", shell)
    assert done.stderr == ""
    assert records.TRACE in done.stdout
    assert "00000001" not in done.stdout.replace(records.TRACE, "")
    assert ("查一下" in done.stdout) == (shell != "bash")


def test_trace_ids_of_another_store(home, tmp_path):
    records.store(home, *records.run()).close()
    done = complete(
        f"jollyscope --store lake://{home} show 7f", JOLLYSCOPE_HOME=str(tmp_path / "none")
    )
    assert records.TRACE in done.stdout


def test_failure_is_silent(home, tmp_path):
    home.write_text("no directory")
    done = complete("jollyscope show 7f", "bash")
    assert (done.stdout.strip(), done.stderr) == ("", "")
    (tmp_path / "config.toml").write_text("not toml")
    assert complete("jollyscope show 7f", "bash").stderr == ""


def test_the_spool_is_not_loaded(home):
    records.store(home, *records.many(3000)).close()
    complete("jollyscope show 0", "bash")
    assert not (home / "lake").exists()


def test_the_newest_come_first(home):
    records.store(home, *records.many(30)).close()
    with open_store().reader(load=False) as reader:
        found = complete_traces(reader, "")
        assert [text for _, text in found[:2]] == ["question 29", "question 28"]
        assert len(found) == 20
        assert complete_traces(reader, "0000001A") == [
            ("0000001aabababababababababababab"[:32], "question 25")
        ]
        assert complete_traces(reader, "ffff") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts(shell, tmp_path):
    """Where the shell is known from its process; `bash -c` here is a bash."""
    if subprocess.run(["which", shell], capture_output=True).returncode:
        pytest.skip(f"no {shell} here")
    line = f"{sys.executable} -m jollyscope_cli --show-completion; true"
    done = subprocess.run([shell, "-c", line], capture_output=True, text=True, timeout=60)
    assert "_JOLLYSCOPE_COMPLETE" in done.stdout


def test_the_bash_script_works(home):
    if subprocess.run(["which", "bash"], capture_output=True).returncode:
        pytest.skip("no bash here")
    records.store(home, *records.run()).close()
    script = """
    eval "$(jollyscope --show-completion)"
    COMP_WORDS=(jollyscope show 7f3a); COMP_CWORD=2
    _jollyscope_completion jollyscope
    echo "${COMPREPLY[0]}"
    """
    path = f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PATH": path},
    )
    assert done.stdout.strip() == records.TRACE, done.stderr


def test_session_ids(home):
    records.store(home, *records.run()).close()
    assert "s-42" in complete("jollyscope show s", "bash").stdout.split()
    assert "s-42" not in complete("jollyscope show ", "bash").stdout.split()


@pytest.mark.parametrize("front", ["ls traces", "ls", "stats", "ls spans status:error"])
def test_filters(home, front):
    records.store(home, *records.run()).close()
    assert "tool:" in complete(f"jollyscope {front} to", "bash").stdout.split()
    assert complete(f"jollyscope {front} tool:s", "bash").stdout.split() == ["tool:search"]
    assert "status:error" in complete(f"jollyscope {front} status:", "bash").stdout.split()
    assert "the tool that was called" in complete(f"jollyscope {front} to").stdout


def test_filters_where_bash_parts_words(home):
    """Bash hands `tool:se` over as three words, and puts the answer in place of the last."""
    records.store(home, *records.run()).close()
    assert complete("jollyscope ls tool : se", "bash").stdout.split() == ["search"]
    assert complete("jollyscope ls tool :", "bash").stdout.split() == ["calendar.add", "search"]
    assert "error" in complete("jollyscope stats tool:search status :", "bash").stdout.split()


def test_bash_itself_completes_values(home):
    """Typed at a prompt: what counts is what readline makes of the answers."""
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    records.store(home, *records.run()).close()
    # Tab; then to the line's beginning, so that the line is only printed.
    typed = ["session:", "tool:se", "status:err"]
    keys = "".join(f"jollyscope ls {word}\t\x01echo typed \r" for word in typed)
    reader, terminal = pty.openpty()
    shell = subprocess.Popen(
        ["bash", "--norc", "-i"],
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
        env={**os.environ, "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}", "TERM": "dumb"},
    )  # fmt: skip
    os.close(terminal)
    os.write(reader, b'eval "$(jollyscope --show-completion bash)"\r' + keys.encode() + b"exit\r")
    said = b""
    # Linux ends a terminal that nobody has open any more with an error.
    with suppress(OSError):
        while more := os.read(reader, 65536):
            said += more
    os.close(reader)
    shell.wait(30)
    lines = [line.split() for line in said.decode(errors="replace").splitlines()]
    words = [line[3] for line in lines if line[:3] == ["typed", "jollyscope", "ls"]]
    assert words == ["session:s-42", "tool:search", "status:error"]


def test_filters_without_a_store(home):
    assert "tool:" in complete("jollyscope ls to", "bash").stdout.split()
    assert complete("jollyscope ls tool:s").stderr == ""


def test_names_of_columns(home):
    assert "call_count" in complete("jollyscope ls tools --sort call", "bash").stdout.split()
    assert "call_count" not in complete("jollyscope ls --sort call", "bash").stdout.split()
    found = complete("jollyscope ls spans --columns name,to", "bash").stdout.split()
    assert "name,tool_name" in found
    assert "p95_ms" in complete("jollyscope stats --sort p9", "bash").stdout.split()
    assert "sql" not in complete("jollyscope stats --by s", "bash").stdout.split()
