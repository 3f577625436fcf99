"""`jollyscope demo`"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from jollyscope_cli.options import options_of
from jollyscope_cli.output import interactive, narrate
from jollyscope_cli.reading import opened
from jollyscope_cli.ui import explore

__all__ = ["demo"]


def demo(
    ctx: typer.Context,
    no_ui: Annotated[
        bool, typer.Option("--no-ui", help="Print the runs instead of opening the explorer.")
    ] = False,
    task: Annotated[
        list[str] | None,
        typer.Option("--task", metavar="NAME", help="Only this task; may be given repeatedly."),
    ] = None,
    list_tasks: Annotated[bool, typer.Option("--list", help="List the tasks and stop.")] = False,
) -> None:
    """Run a small agent for real, then look at what it did.

    Its runs are recorded into the data directory like any other's.
    """
    from jollyscope.demo.api import run_demo
    from jollyscope.errors import UsageError
    from jollyscope.paths import data_dir

    if list_tasks:
        _print_tasks()
        return
    if options_of(ctx).store:
        raise UsageError(
            "The demo records into the data directory, not into another store.",
            hint="Set JOLLYSCOPE_HOME to record elsewhere.",
        )
    home = data_dir()
    trace_ids = run_demo(tasks=task or None, home=home, on_progress=narrate)
    url = home.as_uri().replace("file:", "lake:", 1)
    if interactive() and not no_ui:
        explore(url)
    _print_runs(url, trace_ids)


def _print_runs(url: str, trace_ids: list[str]) -> None:
    from jollyscope_cli.show import draw

    with opened(url) as store, store.reader() as reader:
        for trace_id in trace_ids:
            draw(reader, trace_id)
            sys.stdout.write("\n")
    narrate("`jollyscope ls` lists these runs, `jollyscope` explores them.")


def _print_tasks() -> None:
    from jollyscope.demo.api import TASKS
    from jollyscope_cli.render.cells import fit, wide

    broad = max(wide(task.name) for task in TASKS)
    for task in TASKS:
        line = f"{fit(task.name, broad)}  {task.language}  {task.title}: {task.question}"
        sys.stdout.write(line + "\n")
