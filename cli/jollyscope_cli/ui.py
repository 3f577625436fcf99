"""`jollyscope ui`, and `jollyscope` alone"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, cast

import typer

from jollyscope_cli.complete import filter_words, tab_names, theme_names, view_columns
from jollyscope_cli.options import OptionalRun, Since, Until, options_of
from jollyscope_cli.output import interactive

if TYPE_CHECKING:
    from jollyscope_tui.opening import Asked, Place

__all__ = ["alone", "explore", "ui"]


def ui(
    ctx: typer.Context,
    trace: OptionalRun = None,
    span: Annotated[
        str | None, typer.Option(metavar="ID", help="Put the cursor on this span of the trace.")
    ] = None,
    tab: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Open this tab of the detail: messages, input, error and so on.",
            autocompletion=tab_names,
        ),
    ] = None,
    filter_: Annotated[
        str | None,
        typer.Option(
            "--filter",
            metavar="FILTER",
            help="List what fits: `status:error tool:search*`.",
            autocompletion=filter_words,
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    sort: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Sort by a column, `-cost` the highest first."),
    ] = None,
    group: Annotated[
        str | None, typer.Option(metavar="NAME", help="List traces, or sessions with theirs.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(metavar="A,B,C", help="The columns of the list.", autocompletion=view_columns),
    ] = None,
    dashboard: Annotated[bool, typer.Option("--dashboard", help="Open the dashboard.")] = False,
    tail: Annotated[
        bool, typer.Option("--tail", help="Open the tail: records as they come.")
    ] = False,
    health: Annotated[
        bool, typer.Option("--health", help="Open the health of what the store stands on.")
    ] = False,
    theme: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Colours, this once.", autocompletion=theme_names),
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Write nothing to the store.")
    ] = False,
) -> None:
    """Open the explorer, at a trace if one is named.

    A span's id opens its trace there, a session's id lists its traces. Without options the list comes
    back as it was left; any of --filter, --since, --until, --sort, --group and --columns begins a new one.
    """
    from jollyscope.errors import UsageError
    from jollyscope_tui.opening import Asked

    if not interactive():
        raise UsageError(
            "The explorer needs a terminal.",
            hint="`jollyscope ls` and `jollyscope show TRACE` print to files and pipes.",
        )
    places = {"dashboard": dashboard, "tail": tail, "health": health}
    wanted = [place for place, named in places.items() if named]
    if len(wanted) > 1:
        raise UsageError(
            f"--{wanted[0]} and --{wanted[1]} are two screens.", hint="Leave one of them out."
        )
    place = cast("Place", wanted[0]) if wanted else None
    asked = Asked(trace, span, tab, filter_, since, until, sort, group, columns, place)
    explore(options_of(ctx).store, asked, theme, read_only=read_only)


def alone(ctx: typer.Context) -> None:
    """Without a command: the explorer on a terminal, else the help."""
    if interactive():
        explore(options_of(ctx).store)
    else:
        sys.stdout.write(ctx.get_help() + "\n")


def explore(
    store_url: str | None,
    asked: Asked | None = None,
    theme: str | None = None,
    *,
    read_only: bool = False,
) -> None:
    """Run the explorer; ends the command with its exit code."""
    from jollyscope_tui.opening import UNASKED
    from jollyscope_tui.starting import run_explorer

    code = run_explorer(
        store_url=store_url, asked=asked or UNASKED, theme=theme, read_only=read_only
    )
    raise typer.Exit(code)
