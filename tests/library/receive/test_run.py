"""What `jollyscope run` finds out about a program, and what it tells it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from jollyscope.errors import ExitCode
from jollyscope.receive.run import program as programs
from jollyscope.receive.run.environment import for_program
from jollyscope.receive.run.program import CannotRunError, Program, find, inspect

ENV = dict(os.environ)
PYTHON = sys.executable
CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


def variables(base: dict[str, str], *, content: bool = True, modes: bool = False) -> dict[str, str]:
    return for_program(
        base, endpoint="http://127.0.0.1:1", protocol="grpc", service="s", run_id="r",
        content=content, modes=modes,
    )  # fmt: skip


def test_content_is_asked_for_in_the_words_that_the_instrumentations_know():
    assert variables({})[CONTENT] == "true"
    assert "OTEL_SEMCONV_STABILITY_OPT_IN" not in variables({})
    newer = variables({"OTEL_SEMCONV_STABILITY_OPT_IN": "http"}, modes=True)
    assert newer[CONTENT] == "SPAN_ONLY"
    assert newer["OTEL_SEMCONV_STABILITY_OPT_IN"] == "http,gen_ai_latest_experimental"
    assert variables({CONTENT: "true"}, content=False, modes=True)[CONTENT] == "NO_CONTENT"
    assert variables({CONTENT: "true"}, content=False)[CONTENT] == "false"


def test_lists_get_what_is_missing_and_no_more():
    both = variables({"NO_PROXY": "localhost, 127.0.0.1", "no_proxy": ""})
    assert both["NO_PROXY"] == "localhost,127.0.0.1"
    assert both["no_proxy"] == "127.0.0.1,localhost"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["agent.py"], "agent"),
        (["-u", "-X", "dev", "-W", "ignore", "dir/agent.py", "-m", "no"], "agent"),
        (["-m", "pkg.mod", "x.py"], "pkg.mod"),
        (["-m", "pkg.__main__"], "pkg"),
        (["/some/pkg/__main__.py"], "pkg"),
        (["-c", "print()", "x.py"], "python"),
        ([], "python"),
        (["-"], "python"),
    ],
)
def test_a_python_program_has_the_name_of_its_script(arguments: list[str], name: str):
    assert find([PYTHON, *arguments], ENV) == Program([PYTHON, *arguments], name, PYTHON)


def script(folder: Path, head: str, name: str = "tool") -> Path:
    file = folder / name
    file.write_text(head + "\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


@pytest.mark.parametrize(
    ("head", "python"),
    [
        (f"#!{PYTHON}", True),
        (f"#! {PYTHON} -I", True),
        ("#!/usr/bin/env python3", True),
        ("#!/usr/bin/env -S PYTHONHASHSEED=0 python3 -u", True),
        (f"#!/bin/sh\n'''exec' {PYTHON} \"$0\" \"$@\"\n' '''", True),
        (f"#!/bin/sh\n'''exec' \"{PYTHON}\" \"$0\" \"$@\"\n' '''", True),
        ("#!/bin/sh\necho", False),
        ("#!/usr/bin/env node", False),
        ("#!", False),
        ("#!/usr/bin/env", False),
        ("#!/nowhere/python", False),
        ("\x7fELF", False),
        ("", False),
    ],
)
def test_the_python_of_a_script(tmp_path: Path, head: str, python: bool):
    path = f"{Path(PYTHON).parent}:{os.environ['PATH']}"
    found = find([str(script(tmp_path, head))], {"PATH": path})
    assert found.name == "tool"
    assert (found.python is not None) == python
    if found.python:
        assert os.path.samefile(found.python, PYTHON)


def test_a_relocatable_launcher_finds_the_python_beside_it(tmp_path: Path):
    (tmp_path / "python3").symlink_to(PYTHON)
    line = '\'\'\'exec\' "$(dirname -- "$(realpath -- "$0")")"/\'python3\' "$0" "$@"'
    found = find([str(script(tmp_path, f"#!/bin/sh\n{line}\n' '''"))], ENV)
    assert found.python == str(tmp_path / "python3")


def test_programs_are_found_as_a_shell_finds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tool = script(tmp_path, "#!/bin/sh")
    monkeypatch.chdir(tmp_path)
    assert find(["tool"], {"PATH": str(tmp_path)}).argv == [str(tool)]
    assert find(["./tool"], {"PATH": ""}).argv == ["./tool"]
    for name, code in (("tool", ExitCode.NO_PROGRAM), ("./no", ExitCode.NO_PROGRAM)):
        with pytest.raises(CannotRunError) as failed:
            find([name], {"PATH": "/nowhere"})
        assert failed.value.exit_code == code
    tool.chmod(0o644)
    with pytest.raises(CannotRunError) as failed:
        find(["./tool"], {"PATH": ""})
    assert failed.value.exit_code == ExitCode.CANNOT_RUN


def test_other_interpreters_run_the_script_that_is_named(tmp_path: Path):
    script(tmp_path, "", "agent.sh")
    assert find(["sh", str(tmp_path / "agent.sh"), "x"], ENV).name == "agent"
    assert find(["sh", "-c", "echo agent"], ENV).name == "sh"


OTHER_THREAD = """
import os, signal, sys, threading
from jollyscope.receive.run.process import Process
code = "import sys, time; open(sys.argv[1], 'w').close(); time.sleep(60)"
def tell():
    open(sys.argv[1]).close()  # a pipe: opens when the program has opened its end
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
threading.Thread(target=tell, daemon=True).start()
with Process([sys.executable, "-c", code, sys.argv[1]], os.environ) as process:
    print(process.run())
"""


def test_a_signal_that_another_thread_is_given_is_passed_on_at_once(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    done = subprocess.run(
        [PYTHON, "-c", OTHER_THREAD, str(tmp_path / "pipe")],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("-15\n", "")


def test_this_interpreter_is_asked_what_it_has():
    found = inspect(PYTHON, ENV)
    assert found.instrument == str(Path(PYTHON).with_name("opentelemetry-instrument"))
    assert (found.sdk, found.http, found.grpc) == (True, True, True)
    assert found.can_instrument
    assert not found.genai


def test_an_environment_that_has_nothing(tmp_path: Path):
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    found = inspect(str(tmp_path / "venv" / "bin" / "python"), {"PATH": os.environ["PATH"]})
    assert (found.instrument, found.sdk, found.http, found.grpc) == (None,) + (False,) * 3
    assert not found.can_instrument


@pytest.mark.parametrize("body", ["exit 1", "echo nonsense", ":", "echo '{}'", "exec sleep 60"])
def test_what_is_no_python_has_nothing(tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(programs, "_PATIENCE_S", 0.5)
    odd = script(tmp_path, f"#!/bin/sh\n{body}", "python3")
    assert not inspect(str(odd), ENV).can_instrument


def test_what_an_interpreter_prints_as_it_starts_does_not_matter(tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text("print('hello {')")
    assert inspect(PYTHON, {**ENV, "PYTHONPATH": str(tmp_path)}).can_instrument
