"""`jollyscope ui`, and `jollyscope` alone"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from jollyscope_cli.options import OptionalTrace, options_of
from jollyscope_cli.output import interactive

__all__ = ["alone", "explore", "ui"]


def ui(
    ctx: typer.Context,
    trace: OptionalTrace = None,
    span: Annotated[
        str | None, typer.Option(metavar="ID", help="Put the cursor on this span of the trace.")
    ] = None,
) -> None:
    """Open the explorer, at a trace if one is named."""
    from jollyscope.errors import UsageError

    if not interactive():
        raise UsageError(
            "The explorer needs a terminal.",
            hint="`jollyscope ls` and `jollyscope show TRACE` print to files and pipes.",
        )
    if span and not trace:
        raise UsageError("--span needs the trace it is in.", hint="jollyscope ui TRACE --span ID")
    explore(options_of(ctx).store, trace, span)


def alone(ctx: typer.Context) -> None:
    """Without a command: the explorer on a terminal, else the help."""
    if interactive():
        explore(options_of(ctx).store)
    else:
        sys.stdout.write(ctx.get_help() + "\n")


def explore(store_url: str | None, target: str | None = None, span: str | None = None) -> None:
    """Run the explorer; ends the command with its exit code."""
    from jollyscope_tui.app import run_explorer

    raise typer.Exit(run_explorer(store_url=store_url, target=target, span=span))
