"""`jollyscope down`"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from jollyscope_cli.backing import Teller, ended_by_hand, stack_here
from jollyscope_cli.output import interactive, narrate

__all__ = ["down"]


def down(
    volumes: Annotated[
        bool, typer.Option("--volumes", help="Drop all data of the backend too, for good.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Stop the backend; its data is kept.

    The next `up` goes on with it. The lake and the spool are never touched.
    """
    from jollyscope.backend.health import NONE
    from jollyscope.backend.stack.life import down as take_down
    from jollyscope.errors import UsageError
    from jollyscope.paths import data_dir
    from jollyscope.store.backend_state import read_state

    if read_state(data_dir()) is None:
        narrate(NONE)
        return
    if volumes and not yes:
        if not interactive():
            raise UsageError("There is nobody to ask.", hint="--yes drops the data without asking.")
        sys.stderr.write("Drop everything that the backend has stored, for good? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            narrate("Nothing was stopped or dropped.")
            return
    stack = stack_here()
    with ended_by_hand("Interrupted. `jollyscope down` goes on from here."), Teller() as teller:
        ran = take_down(stack, teller, volumes=volumes)
    if volumes:
        narrate("The backend is gone, and its data.")
    elif ran:
        narrate("The backend is stopped; its data is kept for the next `jollyscope up`.")
    else:
        narrate("Nothing ran.")
    narrate("`jollyscope` and its commands read the lake from now on.")
