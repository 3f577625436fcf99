"""`jollyscope show`"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from jollyscope_cli.options import AsJson, RunArgument
from jollyscope_cli.output import form_of, narrate, print_json, width
from jollyscope_cli.reading import reading

if TYPE_CHECKING:
    from jollyscope.query.finding import Found
    from jollyscope.query.loading import LoadedTrace
    from jollyscope.store.api import Reader, Store
    from jollyscope.store.state import Annotation

__all__ = ["Drawing", "draw", "show", "talk"]

LIMIT = 2000


class Drawing(NamedTuple):
    """What is drawn of a trace, and what is marked in it."""

    depth: int | None = None
    limit: int = LIMIT
    stacks: bool = False
    critical: bool = False
    span: str | None = None


def show(
    ctx: typer.Context,
    trace: RunArgument,
    span: Annotated[
        str | None, typer.Option(metavar="ID", help="Mark this span of the trace.")
    ] = None,
    depth: Annotated[
        int | None, typer.Option(metavar="N", help="Draw only the first N levels.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", help="Draw at most N spans; 0 draws all.")
    ] = LIMIT,
    critical: Annotated[
        bool, typer.Option("--critical", help="Mark the spans that the trace's length is made of.")
    ] = False,
    errors: Annotated[
        bool, typer.Option("--errors", help="List every error with its stack trace.")
    ] = False,
    messages: Annotated[
        bool, typer.Option("--messages", help="Print the conversation instead of the tree.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Of a session, draw every trace instead of listing them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Draw one trace as a tree beside a waterfall.

    It is named by its id, by that of one of its spans, which is then marked, or by their first
    digits; a session's id lists its traces. The drawing fits the terminal's width; in a pipe it is
    plain text, COLUMNS or 100 cells wide. --json prints the execution's document instead, whole.
    --messages prints what was said, each message once, whole.
    """
    from jollyscope.errors import UsageError
    from jollyscope.query.finding import find
    from jollyscope.redact import redact

    if limit < 0 or (depth is not None and depth < 1):
        raise UsageError("--depth begins at 1 and --limit at 0.", hint="--limit 0 draws all.")
    drawing = Drawing(depth, limit, errors, critical, span)
    with reading(ctx) as (store, reader):
        found = find(reader, trace)
        if found.session_id is None:
            _one(store, reader, found, drawing, as_json=as_json, messages=messages)
        elif as_json or messages or everything:
            _each(store, reader, found.session_id, drawing, as_json=as_json, messages=messages)
        else:
            _listed(reader, found.session_id, drawing)
        narrate(redact(store.url))


def _one(
    store: Store, reader: Reader, found: Found, drawing: Drawing, *, as_json: bool, messages: bool
) -> None:
    from jollyscope.query.loading import load_trace

    assert found.trace_id is not None
    notes = store.state.annotations([found.trace_id])
    if as_json:
        from jollyscope.model.document import execution_document

        print_json(execution_document(load_trace(reader, found.trace_id).spans, notes))
    elif messages:
        talk(reader, found.trace_id)
    else:
        span = drawing.span or found.span_id
        draw(reader, found.trace_id, drawing._replace(span=span), notes)


def _each(
    store: Store, reader: Reader, session: str, drawing: Drawing, *, as_json: bool, messages: bool
) -> None:
    """Every trace of a session, in the order of time."""
    from jollyscope.errors import UsageError
    from jollyscope.query.finding import Found, traces_of

    if drawing.span:
        raise UsageError("--span goes with one trace.", hint="jollyscope show TRACE --span ID")
    trace_ids = traces_of(reader, session)
    if as_json:
        from jollyscope.model.document import execution_document

        print_json(
            [
                execution_document(reader.spans(trace_id), store.state.annotations([trace_id]))
                for trace_id in trace_ids
            ]
        )
        return
    for place, trace_id in enumerate(trace_ids):
        if place:
            print()
        _one(store, reader, Found(trace_id), drawing, as_json=False, messages=messages)


def _listed(reader: Reader, session: str, drawing: Drawing) -> None:
    """A session's traces, a line each."""
    from jollyscope.errors import UsageError
    from jollyscope.query.listing import TraceRow
    from jollyscope.query.request import ListRequest
    from jollyscope_cli.listing import pour, sink

    if drawing.span or drawing.critical or drawing.stacks:
        raise UsageError(
            f"`{session}` is a session; --span, --critical and --errors are about a trace.",
            hint="--all draws each of its traces.",
        )
    request = ListRequest(session=session, sort="start_time", limit=0)
    now = time.time_ns()
    pages = request.pages(reader, request.scope(reader, now))
    told = pour(pages, sink(form_of(False, False), TraceRow, [], now), 0)
    narrate(f"session {session} · {told}; --all draws them, --messages prints what was said")


def draw(
    reader: Reader,
    trace: str,
    drawing: Drawing | None = None,
    annotations: Sequence[Annotation] = (),
) -> None:
    """Print the head, the drawing and the failures of a trace, with what is said about it."""
    from jollyscope.analysis.critical_path import critical_path
    from jollyscope.query.loading import load_trace
    from jollyscope.query.outline import failures, outline
    from jollyscope_cli.canvas import put
    from jollyscope_cli.render import critical, head, notes
    from jollyscope_cli.render.trace import lines, plan

    how = drawing or Drawing()
    now = time.time_ns()
    loaded = load_trace(reader, trace)
    cells = width()
    drawn = outline(loaded.tree, depth=how.depth, limit=how.limit)
    path = critical_path(loaded.tree, now if loaded.tree.running else 0) if how.critical else None
    marked = _span(loaded, how.span)
    put(head.head(loaded.row, now, cells))
    put(notes.below_head(annotations, cells))
    put([[]])
    signs = critical.signs(path, marked)
    where = plan(loaded.tree, drawn.rows, cells, now)
    beside = notes.by_span(annotations, cells - where.tree - 1)
    put(lines(drawn.rows, where, now, signs, beside))
    put(head.left_out(drawn))
    put(critical.missed(drawn, marked))
    put(head.legend(drawn))
    if path is not None:
        put(critical.table(path, loaded.tree, cells))
    put(head.failed(failures(loaded.tree), loaded.tree.start, cells, stacks=how.stacks))


def _span(loaded: LoadedTrace, text: str | None) -> str | None:
    """The whole id of the span to mark."""
    from jollyscope.query.finding import span_of

    if text is None:
        return None
    return span_of([span.span_id for span in loaded.spans], text, loaded.trace_id)


def talk(reader: Reader, trace: str) -> None:
    """Print the head and the conversation of a trace."""
    from jollyscope.query.dialogue import turns
    from jollyscope.query.loading import load_trace
    from jollyscope_cli.canvas import put
    from jollyscope_cli.render import dialogue, head

    loaded = load_trace(reader, trace)
    put(head.head(loaded.row, time.time_ns(), width()))
    put(dialogue.lines(turns(loaded.spans, loaded.said), loaded.tree.start, width()))
