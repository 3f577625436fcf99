"""`jollyscope logs`"""

from __future__ import annotations

from typing import Annotated

import typer

from jollyscope_cli.backing import ended_by_hand, stack_here

__all__ = ["logs"]


def logs(
    services: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SERVICE]...", help="Only these; `jollyscope status` names them."),
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on as more is said, until Ctrl-C.")
    ] = False,
    tail: Annotated[
        int, typer.Option("--tail", "-n", metavar="N", min=0, help="Begin with so many last lines.")
    ] = 100,
) -> None:
    """Show what the services of the backend say."""
    from jollyscope.backend.stack.life import logs as show
    from jollyscope.errors import ExitCode

    stack = stack_here()
    with ended_by_hand(""):
        code = show(stack, services or [], tail=tail, follow=follow)
    if code:
        raise typer.Exit(ExitCode.FAILED)
