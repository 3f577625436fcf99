"""`jollyscope run`"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from jollyscope_cli.options import options_of
from jollyscope_cli.output import interactive, narrate
from jollyscope_cli.reading import opened

if TYPE_CHECKING:
    from jollyscope.query.run import RunSummary
    from jollyscope.receive.run.session import RunResult

__all__ = ["CONTEXT", "run"]

CONTEXT = {"allow_interspersed_args": False}
"""From the program's name on everything is the program's."""


def run(
    ctx: typer.Context,
    command: Annotated[
        list[str], typer.Argument(metavar="CMD…", help="The program and its arguments.")
    ],
    ui: Annotated[
        bool, typer.Option("--ui", help="Open the explorer at what was recorded.")
    ] = False,
    no_content: Annotated[
        bool,
        typer.Option("--no-content", help="Do not ask instrumentations for prompts and answers."),
    ] = False,
    no_instrument: Annotated[
        bool,
        typer.Option(
            "--no-instrument", help="Do not wrap a Python program with opentelemetry-instrument."
        ),
    ] = False,
) -> None:
    """Run a program and record what its agents do.

    A receiver of OTLP starts beside it on free ports, and OTEL_* variables lead there. The program has
    this terminal, and its exit code is passed on. What was recorded is said on stderr at the end.
    """
    from jollyscope.config import load
    from jollyscope.errors import JollyScopeError, UsageError
    from jollyscope.paths import data_dir
    from jollyscope.receive.run.session import run_program

    if options_of(ctx).store:
        raise UsageError(
            "What a run sends goes into the data directory, not into another store.",
            hint="Set JOLLYSCOPE_HOME to record elsewhere.",
        )
    if ui and not interactive():
        raise UsageError("--ui needs a terminal.", hint="Leave it out; `jollyscope ls` lists it.")
    home = data_dir()
    result = run_program(
        command, home=home, config=load(), content=not no_content, instrument=not no_instrument
    )
    url = home.as_uri().replace("file:", "lake:", 1)
    try:
        summary = _summary(url, result)
        _tell(result, summary)
    except JollyScopeError as error:  # the program's exit code is what counts
        narrate(f"jollyscope: {error}")
        summary = None
    if ui and summary and summary.rows:
        _explore(url, summary)
    raise typer.Exit(result.exit_code)


def _summary(url: str, result: RunResult) -> RunSummary | None:
    from jollyscope.errors import NotFoundError
    from jollyscope.query.run import summarise
    from jollyscope.receive.run.environment import RUN_ID

    try:
        with opened(url) as store, store.reader() as reader:
            return summarise(
                reader, result.trace_ids, mark=(RUN_ID, result.run_id), since=result.began
            )
    except NotFoundError:  # nothing was ever recorded here
        return None


def _tell(result: RunResult, summary: RunSummary | None) -> None:
    from jollyscope_cli.render import run as render

    if summary is not None and summary.rows:
        # Drawn in colour, and clean already: not for `narrate`, which would show the colours' escapes.
        sys.stderr.writelines(f"{line}\n" for line in render.recorded(result, summary))
        return
    for line in render.nothing(result):
        narrate(line)


def _explore(url: str, summary: RunSummary) -> None:
    from jollyscope_tui.opening import Asked
    from jollyscope_tui.starting import run_explorer

    one = summary.rows[0].trace_id if len(summary.rows) == 1 else None
    run_explorer(store_url=url, asked=Asked(one))
