"""`jollyscope show`"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from jollyscope_cli.options import AsJson, TraceArgument
from jollyscope_cli.output import narrate, print_json, width
from jollyscope_cli.reading import reading

if TYPE_CHECKING:
    from jollyscope.store.api import Reader

__all__ = ["draw", "show", "talk"]

LIMIT = 2000


def show(
    ctx: typer.Context,
    trace: TraceArgument,
    depth: Annotated[
        int | None, typer.Option(metavar="N", help="Draw only the first N levels.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", help="Draw at most N spans; 0 draws all.")
    ] = LIMIT,
    errors: Annotated[
        bool, typer.Option("--errors", help="List every error with its stack trace.")
    ] = False,
    messages: Annotated[
        bool, typer.Option("--messages", help="Print the conversation instead of the tree.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Draw one trace as a tree beside a waterfall.

    It fits the terminal's width; in a pipe it is plain text, COLUMNS or 100 cells wide. --json prints
    the execution's document instead, whole. --messages prints what was said, each message once, whole.
    """
    from jollyscope.backend.redact import redact
    from jollyscope.errors import UsageError
    from jollyscope.query.loading import load_trace

    if limit < 0 or (depth is not None and depth < 1):
        raise UsageError("--depth begins at 1 and --limit at 0.", hint="--limit 0 draws all.")
    with reading(ctx) as (store, reader):
        if as_json:
            from jollyscope.model.document import execution_document

            print_json(execution_document(load_trace(reader, trace).spans))
        elif messages:
            talk(reader, trace)
        else:
            draw(reader, trace, depth=depth, limit=limit, stacks=errors)
        narrate(redact(store.url))


def draw(
    reader: Reader,
    trace: str,
    *,
    depth: int | None = None,
    limit: int = LIMIT,
    stacks: bool = False,
) -> None:
    """Print the head, the drawing and the failures of a trace."""
    from jollyscope.query.loading import load_trace
    from jollyscope.query.outline import failures, outline
    from jollyscope_cli.canvas import put
    from jollyscope_cli.render import head
    from jollyscope_cli.render.trace import lines, plan

    now = time.time_ns()
    loaded = load_trace(reader, trace)
    cells = width()
    drawn = outline(loaded.tree, depth=depth, limit=limit)
    put(head.head(loaded.row, now, cells))
    put([[]])
    put(lines(drawn.rows, plan(loaded.tree, drawn.rows, cells, now), now))
    put(head.left_out(drawn))
    put(head.legend(drawn))
    put(head.failed(failures(loaded.tree), loaded.tree.start, cells, stacks=stacks))


def talk(reader: Reader, trace: str) -> None:
    """Print the head and the conversation of a trace."""
    from jollyscope.query.dialogue import turns
    from jollyscope.query.loading import load_trace
    from jollyscope_cli.canvas import put
    from jollyscope_cli.render import dialogue, head

    loaded = load_trace(reader, trace)
    put(head.head(loaded.row, time.time_ns(), width()))
    put(dialogue.lines(turns(loaded.spans, loaded.said), loaded.tree.start, width()))
