"""Writes docs/cli.md from the program itself: `python -m tests.cli.make_reference`.

A test holds the file fresh, so that no option goes undocumented.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from jollyscope.errors import ExitCode
from jollyscope.query.fields import names
from jollyscope.query.request import ROW
from jollyscope_cli.app import EPILOG, build
from jollyscope_cli.examples import EXAMPLES

FILE = Path(__file__).parents[2] / "docs" / "cli.md"

HEAD = """\
# Commands

Made from the program by `python -m tests.cli.make_reference`; a test holds it fresh.

stdout is data, stderr is narration. On a terminal a person reads tables and drawings; in a pipe a
program reads tab-separated lines, CSV (`--csv`) or JSON (`--json`). `NO_COLOR` and pipes get plain
text. TIME is `15m`, `2h`, `3d` (ago) or ISO 8601.

| exit code | when |
|---|---|
"""
COLUMNS = """\
For `--columns` and `--sort`. Short names come first; the rest are the fields, as `--json` has them.
Times are ISO 8601 in UTC, durations milliseconds, costs US dollars. `step_strip` has a letter a
step: `u` user_input, `t` think, `a` act, `o` observe, `r` response, upper case where it failed, `e`
a failed span that is no step; it has the first 64. `input` and `output` of `ls spans` are cut to 200
characters; `jollyscope show TRACE --json` has the content of every span whole.
"""
CODES = {
    ExitCode.OK: "done; a closed pipe is no error",
    ExitCode.FAILED: "failed; `--debug` shows the traceback",
    ExitCode.MISUSE: "misuse: an option, argument or setting that cannot be",
    ExitCode.NOT_FOUND: "what was named is not there",
    ExitCode.UNHEALTHY: "unhealthy",
    ExitCode.FOUND: "`tail --exit-on` met what it was told to end on",
    ExitCode.TIMED_OUT: "`tail --timeout` came before what was waited for",
    ExitCode.CANNOT_RUN: "`run`: the program is there and cannot be run",
    ExitCode.NO_PROGRAM: "`run`: there is no such program",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
}


def reference() -> str:
    """The whole document."""
    codes = "".join(f"| {code.value} | {CODES[code]} |\n" for code in ExitCode)
    parts = [HEAD + codes]
    parts += ["\n".join(_section(path, command)) for path, command in commands()]
    return "\n".join([*parts, _columns()])


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its path, the program itself first."""
    root = build()
    context = typer.Context(root)
    yield "jollyscope", root
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        yield f"jollyscope {name}", command
        for below, inner in getattr(command, "commands", {}).items():
            yield f"jollyscope {name} {below}", inner


def _section(path: str, command: Any) -> Iterator[str]:
    yield f"## `{path}`\n"
    yield inspect.cleandoc(command.help or "") + "\n"
    if path == "jollyscope":
        yield EPILOG + "\n"
    yield "```"
    yield " ".join([path, "[OPTIONS]", *_arguments(command)])
    yield "```\n"
    rows = [f"| `{_name(param)}` | {_help(param)} |" for param in command.params]
    if rows:
        yield "| argument or option | what |\n|---|---|"
        yield from rows
        yield ""
    yield "```sh"
    yield from EXAMPLES[path.removeprefix("jollyscope").strip()]
    yield "```\n"


def _arguments(command: Any) -> Iterator[str]:
    for param in command.params:
        if param.param_type_name == "argument":
            yield str(param.metavar) if param.required else f"[{param.metavar}]"
    if hasattr(command, "commands"):
        yield "COMMAND"


def _columns() -> str:
    rows = [f"| `ls {kind}` | `{'`, `'.join(names(row))}` |" for kind, row in ROW.items()]
    return "\n".join(["## Columns\n", COLUMNS, "| list | columns |", "|---|---|", *rows, ""])


def _name(param: Any) -> str:
    metavar = str(param.metavar or param.name).replace("|", "\\|")
    if param.param_type_name == "argument":
        return metavar
    names = ", ".join(sorted(param.opts, key=lambda name: name.startswith("--")))
    return names if param.is_flag else f"{names} {metavar}"


def _help(param: Any) -> str:
    text = (param.help or "").replace("|", "\\|")
    default = param.default
    if default is None or default is False or callable(default) or param.required:
        return text
    return f"{text} Default: `{default}`."


if __name__ == "__main__":
    FILE.write_text(reference(), encoding="utf-8")
