"""The global options, and the commands that they stand before."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from keyword import iskeyword
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from jollyscope_cli.examples import epilog
from jollyscope_cli.lean import lighten
from jollyscope_cli.options import Options

__all__ = ["COMMANDS", "EPILOG", "build"]

HELP = "Shows what an LLM agent did: every step, as a tree and a waterfall."
EPILOG = (
    "On a terminal, `jollyscope` alone opens the explorer. --store and --debug may stand after "
    "the command too. JOLLYSCOPE_HOME names the data directory, JOLLYSCOPE_CONFIG the settings "
    "file."
)
COMMANDS = {
    "demo": "Run a small agent for real, then look at what it did.",
    "run": "Run a program and record what its agents do.",
    "collect": "Receive OpenTelemetry over gRPC and HTTP.",
    "import": "Read trace files of this and other tools.",
    "ui": "Open the explorer, at a trace if one is named.",
    "tail": "Show records as they come, one line each.",
    "ls": "List what is recorded, newest first.",
    "show": "Draw one trace as a tree beside a waterfall.",
    "diff": "Compare two traces, step beside step.",
    "stats": "Count and sum what is recorded, as a table and a plot.",
    "analyze": "Find what makes runs slow, dear or fail, the most worthwhile first.",
    "export": "Write executions, or tables of them, to files.",
    "label": "Put labels and notes on a trace or a span, or list those on it.",
    "sql": "Ask the store with SQL, read-only.",
    "store": "Look after the place where records are kept.",
    "up": "Start the backend for many machines, in containers.",
    "down": "Stop the backend; its data is kept.",
    "restart": "Restart the backend, or some of its services.",
    "status": "Show what runs of the backend.",
    "health": "Ask every part of the backend how it is.",
    "logs": "Show what the services of the backend say.",
    "config": "Show the settings, and where each value came from.",
    "doctor": "Check this installation, and say how to mend it.",
    "version": "The version, and those of what it runs on.",
}
"""Every command, in the order of the help; its module has the same name. The first lines stand here
too, so that `--help` imports no command: 10 ms of 75. A test holds them equal to the commands' own.
"""


def build() -> Any:
    """The command line as a Click command; each command below it is made when it is asked for."""
    if os.environ.get("_JOLLYSCOPE_COMPLETE") == "complete_bash":
        from jollyscope_cli.complete import behind_colon

        behind_colon(os.environ)
    app = _typer(HELP, cls=_Commands, epilog=epilog("", EPILOG), invoke_without_command=True)
    app.callback(context_settings={"help_option_names": ["-h", "--help"]})(_global)
    command = get_command(app)
    lighten(command)
    return command


def _typer(help_text: str | None, *, completion: bool = True, **more: Any) -> typer.Typer:
    # Without markup Typer leaves Rich alone: `--help` in 80 ms, not 200.
    return typer.Typer(
        help=help_text,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        add_completion=completion,
        **more,
    )


class _Commands(TyperGroup):
    """A group whose commands are imported one at a time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands = dict.fromkeys(COMMANDS)  # pyright: ignore[reportAttributeAccessIssue]

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS and self.commands[cmd_name] is None:  # pyright: ignore[reportUnnecessaryComparison]
            self.commands[cmd_name] = _load(cmd_name, ctx)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _load(name: str, above: Any) -> Any:
    """A command from its module: the function of that name, with Click's settings in CONTEXT; or a
    group where it has COMMANDS, with the function for when none of them is named. A name that is a
    word of Python has an underscore behind it there.
    """
    called = f"{name}_" if iskeyword(name) else name
    module = import_module(f"jollyscope_cli.{called}")
    function: Any = getattr(module, called, None)
    below: dict[str, Any] | None = getattr(module, "COMMANDS", None)
    if below is None:
        app = _typer(None, completion=False)
        settings = getattr(module, "CONTEXT", None)
        app.command(name, context_settings=settings, epilog=epilog(name))(function)
    else:
        app = _typer(
            COMMANDS[name],
            completion=False,
            name=name,
            epilog=epilog(name),
            invoke_without_command=function is not None,
        )
        app.callback()(function or _nothing)
        for part, doing in below.items():
            app.command(part, epilog=epilog(f"{name} {part}"))(doing)
    command = get_command(app)
    lighten(command, above)
    return command


def _nothing() -> None:
    """A group that does nothing of its own."""


def _show_version(value: bool) -> None:
    if value:
        from jollyscope._version import __version__

        sys.stdout.write(f"jollyscope {__version__}\n")
        raise typer.Exit


def _global(
    ctx: typer.Context,
    store: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The store to read: lake:///path/to/data."),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of whatever goes wrong.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", help="Print the version.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    del version  # answered by its callback
    ctx.obj = Options(store, debug)
    if ctx.invoked_subcommand is None:
        from jollyscope_cli.ui import alone

        alone(ctx)
