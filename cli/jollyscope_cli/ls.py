"""`jollyscope ls`"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from jollyscope_cli.options import AsJson, Since, Until
from jollyscope_cli.output import narrate, on_terminal
from jollyscope_cli.reading import reading

if TYPE_CHECKING:
    from jollyscope.query.request import ListRequest
    from jollyscope.store.api import Reader

__all__ = ["FIRST_RUN", "ls"]

FIRST_RUN = """\
Nothing is recorded yet. Ways to change that:
  jollyscope demo                                   watch a small agent at work
  jollyscope run -- python agent.py                 run your agent and record it
  import jollyscope; jollyscope.init()              or in your agent, before it starts
  jollyscope collect                                receive OTLP from any program
  jollyscope import FILE                            take a trace file of another tool
  JOLLYSCOPE_HOME=/path/to/data jollyscope ls       or look at data that is elsewhere"""


def ls(
    ctx: typer.Context,
    kind: Annotated[
        Literal["traces", "sessions", "spans"],
        typer.Argument(metavar="traces|sessions|spans", help="What to list."),
    ] = "traces",
    since: Since = None,
    until: Until = None,
    session: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what belongs to this session.")
    ] = None,
    trace: Annotated[
        str | None, typer.Option(metavar="TRACE", help="Only this trace's spans (`ls spans`).")
    ] = None,
    sort: Annotated[
        str, typer.Option(metavar="COLUMN", help="Sort by a column; `-cost` is highest first.")
    ] = "-start_time",
    reverse: Annotated[bool, typer.Option("--reverse", help="The other way round.")] = False,
    limit: Annotated[int, typer.Option(metavar="N", help="At most so many; 0 shows all.")] = 50,
    columns: Annotated[
        str | None, typer.Option(metavar="A,B,C", help="Only these columns, in this order.")
    ] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """List what is recorded, newest first.

    A table on a terminal; tab-separated with a header in a pipe, with whole ids and ISO times.
    """
    from jollyscope.backend.redact import redact
    from jollyscope.errors import UsageError
    from jollyscope.query.request import ListRequest, anything_stored

    request = ListRequest(
        kind=kind,
        since=since,
        until=until,
        session=session,
        trace=trace,
        sort=sort,
        reverse=reverse,
        limit=limit,
    )
    if as_json and as_csv:
        raise UsageError("--json and --csv are two forms of one list.", hint="Choose one.")
    form = "json" if as_json else "csv" if as_csv else "table" if on_terminal() else "tsv"
    with reading(ctx) as (store, reader):
        told = _print(request, reader, columns, form)
        if not told and not request.narrowed and not anything_stored(reader):
            narrate(FIRST_RUN)
        else:
            narrate(f"{redact(store.url)} · {told or f'no {kind} match'}")


def _print(request: ListRequest, reader: Reader, columns: str | None, form: str) -> str:
    """Print all pages; what to say about them, empty where there was no row at all."""
    from jollyscope.query.fields import pick
    from jollyscope_cli.listing import pour, sink

    names = pick(request.row, columns.replace(" ", "").split(",")) if columns is not None else []
    now = time.time_ns()
    return pour(request.pages(reader, now), sink(form, request.row, names, now), request.limit)
