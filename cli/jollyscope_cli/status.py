"""`jollyscope status`"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from jollyscope_cli.backing import SIGNS, stack_here
from jollyscope_cli.options import AsJson
from jollyscope_cli.output import colourful, narrate, paint, print_json, width

if TYPE_CHECKING:
    from jollyscope.backend.stack.life import ServiceStatus

__all__ = ["status"]

_STYLE = {state: style for state, (_, style) in SIGNS.items()}


def status(as_json: AsJson = False) -> None:
    """Show what runs of the backend.

    Exits with 4 when a part of a started backend does not run. `jollyscope health` asks the parts
    themselves.
    """
    from jollyscope.backend.health import NONE, STOPPED
    from jollyscope.backend.stack.life import status as look
    from jollyscope.errors import ExitCode
    from jollyscope.paths import data_dir
    from jollyscope.store.backend_state import read_state

    state = read_state(data_dir())
    if state is None:
        if as_json:
            print_json([])
        narrate(NONE)
        return
    found = look(stack_here())
    if as_json:
        print_json(found)
    else:
        _draw(found)
    if not state.running:
        narrate(STOPPED)
    elif any(one.state not in ("healthy", "running", "done") for one in found):
        raise typer.Exit(ExitCode.UNHEALTHY)


def _draw(found: list[ServiceStatus]) -> None:
    from functools import partial

    from jollyscope_cli.render.table import Cell, Column, draw, layout

    def column(name: str, text: Callable[[ServiceStatus], str], **more: Any) -> Column:
        def show(one: Any) -> Cell:
            return Cell(text(one), _STYLE.get(text(one), ""))

        return Column(name, show, **more)

    columns = [
        column("service", lambda one: one.service, most=24, rank=0),
        column("state", lambda one: one.state, most=12, rank=0),
        column("ports", lambda one: ", ".join(_outside(one)), most=60),
        column("restarts", lambda one: str(one.restarts or ""), right=True, rank=2),
        column("image", lambda one: one.image, most=60, rank=3),
    ]
    plan = layout(columns, [[c.show(one) for c in columns] for one in found], width())
    painted = partial(paint, colour=colourful())
    titles = [Cell(column.name, "bold") for column in plan.columns]
    sys.stdout.write(draw(plan, titles, painted) + "\n")
    for one in found:
        sys.stdout.write(draw(plan, [c.show(one) for c in plan.columns], painted) + "\n")


def _outside(one: ServiceStatus) -> list[str]:
    return [port.partition("->")[0] for port in one.ports]
