"""`jollyscope restart`"""

from __future__ import annotations

from typing import Annotated

import typer

from jollyscope_cli.backing import Teller, ended_by_hand, stack_here
from jollyscope_cli.output import narrate

__all__ = ["restart"]


def restart(
    services: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SERVICE]...", help="Only these; `jollyscope status` names them."),
    ] = None,
) -> None:
    """Restart the backend, or some of its services."""
    from jollyscope.backend.stack.life import restart as again

    stack = stack_here()
    with ended_by_hand("Interrupted. `jollyscope status` shows what runs."), Teller() as teller:
        done = again(stack, services or [], teller)
    narrate(f"Restarted: {', '.join(done)}. `jollyscope health` says when all is well.")
