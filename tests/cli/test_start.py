"""Start-up is a feature: what a command does not need, it does not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jollyscope._version import __version__
from tests.cli import records

HEAVY = {
    "rich.console",
    "duckdb",
    "textual",
    "pydantic",
    "opentelemetry",
    "jollyscope_tui",
    "psutil",
}


def loaded(*args: str) -> set[str]:
    """Modules in a process after it ran the program with `args`."""
    code = (
        "import sys\n"
        "from jollyscope_cli.main import main\n"
        f"main({list(args)!r})\n"
        "print('|' + ' '.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.rpartition("|")[2].split())


def test_version_loads_nothing():
    modules = loaded("--version")
    assert not modules & ({"typer", "msgspec", "importlib.metadata"} | HEAVY)


@pytest.mark.parametrize("args", [["--help"], ["ls", "--help"], ["store", "--help"]])
def test_help_loads_only_the_parser(args):
    assert not loaded(*args) & ({"msgspec", "jollyscope.config"} | HEAVY)


def test_listing_in_a_pipe_loads_neither_rich_nor_pydantic(home):
    records.store(home, *records.run()).close()
    modules = loaded("ls")
    assert "duckdb" in modules
    assert not modules & {"rich.console", "textual", "pydantic", "jollyscope_tui", "psutil"}


@pytest.mark.parametrize("args", [["--version"], ["-V"], ["--debug", "--version"]])
def test_version(run, args):
    assert run(*args) == (0, f"jollyscope {__version__}\n", "")


def test_version_of_everything(run):
    import json

    found = json.loads(run("version", "--json").out)
    assert found["jollyscope"] == __version__
    assert found["dependencies"]["duckdb"]
    assert "duckdb" in run("version").out


def test_version_is_that_of_the_package():
    from importlib.metadata import version

    assert version("jollyscope") == __version__


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_everywhere(run, flag):
    for command in ([], ["ls"], ["show"], ["store", "prune"], ["config", "set"]):
        done = run(*command, flag)
        assert done.code == 0
        assert done.out.startswith("Usage: " + " ".join(["jollyscope", *command]))
