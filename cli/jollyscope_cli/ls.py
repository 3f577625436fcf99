"""`jollyscope ls`"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from jollyscope_cli.complete import column_names, sort_names
from jollyscope_cli.options import AsCsv, AsJson, Everything, ListWords, Since, Until
from jollyscope_cli.output import form_of, narrate
from jollyscope_cli.reading import reading

if TYPE_CHECKING:
    from jollyscope.query.request import ListRequest
    from jollyscope.store.api import Reader, Store

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
    words: ListWords = None,
    since: Since = None,
    until: Until = None,
    session: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what belongs to this session.")
    ] = None,
    trace: Annotated[
        str | None, typer.Option(metavar="TRACE", help="Only this trace's spans (`ls spans`).")
    ] = None,
    everything: Everything = False,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Sort by a column, `-cost` the highest first; else the newest or most is first.",
            autocompletion=sort_names,
        ),
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="The other way round.")] = False,
    limit: Annotated[int, typer.Option(metavar="N", help="At most so many; 0 shows all.")] = 50,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,C",
            help="Only these columns, in this order.",
            autocompletion=column_names,
        ),
    ] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """List what is recorded, newest first.

    traces, sessions, spans, tools, models, users or services; of the last four those used most come
    first. A filter keeps what fits it: `ls traces status:error tool:search "duration>2s"`. Aligned on
    a terminal; tab-separated with a header in a pipe, with whole ids and ISO times.
    """
    from jollyscope.query.request import ListRequest, anything_stored, split_kind
    from jollyscope.redact import redact

    kind, text = split_kind(words or [])
    request = ListRequest(
        kind=kind,
        filter=text,
        since=since,
        until=until,
        session=session,
        trace=trace,
        sort=sort,
        reverse=reverse,
        limit=limit,
        everything=everything,
    )
    form = form_of(as_json, as_csv)
    with reading(ctx) as (store, reader):
        told, when = _print(request, store, reader, columns, form)
        if not told and not request.narrowed and not anything_stored(reader):
            narrate(FIRST_RUN)
        else:
            parts = [redact(store.url), when, told or f"no {kind} match"]
            narrate(" · ".join(part for part in parts if part))


def _print(
    request: ListRequest, store: Store, reader: Reader, columns: str | None, form: str
) -> tuple[str, str]:
    """Print all pages; what to say about them, empty where there was no row at all, and about the
    stretch of time that was looked at.
    """
    from jollyscope.query.annotating import Labels
    from jollyscope.query.fields import pick
    from jollyscope_cli.listing import pour, sink
    from jollyscope_cli.render.moments import moment

    names = pick(request.row, columns.replace(" ", "").split(",")) if columns is not None else []
    now = time.time_ns()
    scope = request.scope(reader, now)
    pages = request.pages(reader, scope)
    labels = Labels(store.state) if "labels" in names else None
    if labels is not None:
        pages = labels.over(pages)
    told = pour(pages, sink(form, request.row, names, now, labels), request.limit)
    return told, scope.told(moment)
