"""The commands and global options, put together."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.main import get_command

from jollyscope_cli import config, demo, doctor, ls, show, store, ui, version
from jollyscope_cli.lean import lighten
from jollyscope_cli.options import Options

__all__ = ["build"]

HELP = "Shows what an LLM agent did: every step as a tree and a waterfall, in the terminal."
EPILOG = (
    "On a terminal, `jollyscope` alone opens the explorer. --store and --debug may stand after "
    "the command too. JOLLYSCOPE_HOME names the data directory, JOLLYSCOPE_CONFIG the settings "
    "file."
)
_CONTEXT = {"help_option_names": ["-h", "--help"]}


def build() -> Any:
    """The command line as a Click command."""
    app = _typer(HELP, epilog=EPILOG, invoke_without_command=True, add_completion=True)
    app.callback(context_settings=_CONTEXT)(_global)
    for name, function in _COMMANDS.items():
        app.command(name)(function)
    app.add_typer(_group(store.HELP, store.COMMANDS), name="store")
    app.add_typer(_group(config.HELP, config.COMMANDS, config.config), name="config")
    command: Any = get_command(app)
    # Typer lists groups last; people find things in this order.
    command.commands = {name: command.commands[name] for name in _ORDER}
    lighten(command)
    return command


_COMMANDS: dict[str, Any] = {
    "demo": demo.demo,
    "ui": ui.ui,
    "ls": ls.ls,
    "show": show.show,
    "doctor": doctor.doctor,
    "version": version.version,
}
_ORDER = ("demo", "ui", "ls", "show", "store", "config", "doctor", "version")


def _typer(help_text: str, **more: Any) -> typer.Typer:
    # Without markup Typer leaves Rich alone: `--help` in 80 ms, not 200.
    return typer.Typer(
        help=help_text, rich_markup_mode=None, pretty_exceptions_enable=False, **more
    )


def _group(help_text: str, commands: dict[str, Any], alone: Any = None) -> typer.Typer:
    """A command with commands of its own; `alone` runs where none of them is named."""
    group = _typer(help_text, add_completion=False, invoke_without_command=alone is not None)
    if alone is not None:
        group.callback()(alone)
    for name, function in commands.items():
        group.command(name)(function)
    return group


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
        ui.alone(ctx)
