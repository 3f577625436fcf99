"""`jollyscope diff`"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from jollyscope_cli.complete import trace_ids
from jollyscope_cli.options import AsJson
from jollyscope_cli.output import narrate, print_json, width
from jollyscope_cli.reading import reading

if TYPE_CHECKING:
    from jollyscope.analysis.diff_result import TraceDiff
    from jollyscope.query.loading import LoadedTrace

__all__ = ["diff"]


def diff(
    ctx: typer.Context,
    first: Annotated[
        str,
        typer.Argument(
            metavar="TRACE", help="A: a trace id, or its first digits.", autocompletion=trace_ids
        ),
    ],
    second: Annotated[
        str, typer.Argument(metavar="TRACE", help="B: the other one.", autocompletion=trace_ids)
    ],
    text: Annotated[
        bool, typer.Option("--text", help="Show how inputs and outputs differ, line by line.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Draw the steps that are the same too.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 where the traces differ.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare two traces, step beside step.

    A is the first, B the second. Steps are lined up by type, name, content and order, below parents
    that belong together: - stands before what only A has, + before what only B has, ~ before what
    differs, » before what stands elsewhere. A time differs where it is a quarter longer and the
    difference is 1 % of the trace or more. Where all of a run differs, --text | less shows how.
    """
    from jollyscope.analysis.diff import diff_traces
    from jollyscope.query.loading import load_trace
    from jollyscope.redact import redact

    with reading(ctx) as (store, reader):
        left, right = load_trace(reader, first), load_trace(reader, second)
        now = time.time_ns()
        found = diff_traces(left, right, now)
        if as_json:
            from jollyscope.analysis.diff_document import diff_document

            print_json(diff_document(found))
        else:
            _draw(left, right, found, now, text=text, everything=everything)
        narrate(redact(store.url))
    if exit_code and not found.equal:
        raise typer.Exit(1)


def _draw(
    left: LoadedTrace,
    right: LoadedTrace,
    found: TraceDiff,
    now: int,
    *,
    text: bool,
    everything: bool,
) -> None:
    from jollyscope_cli.canvas import put
    from jollyscope_cli.render import diff as render
    from jollyscope_cli.render.diff_text import texts

    cells = width()
    put(render.head(left.row, right.row, now, cells))
    put(render.summary(found, cells))
    put(render.steps(found, cells, everything=everything))
    put(render.totals(found))
    if text:
        put(texts(found, cells))
